package org.finitentk.internal.network;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;

/** Small changes of graphs that keep what they compute. */
final class GraphEdits {
    private GraphEdits() {}

    /**
     * Gives an output another name; a value that had the name gets a new one. The graphs have no nodes with subgraphs
     * that refer to either.
     */
    static Graph renameOutput(Graph graph, String from, String to) {
        if (from.equals(to)) {
            return graph;
        }
        Set<String> taken = new HashSet<>(graph.initializers().keySet());
        graph.inputs().forEach(input -> taken.add(input.name()));
        graph.nodes().forEach(node -> taken.addAll(node.outputs()));
        String spare = to + "_inner";
        while (taken.contains(spare)) {
            spare += "_";
        }
        String inner = spare;
        UnaryOperator<String> rename = name -> name.equals(from) ? to : name.equals(to) ? inner : name;
        List<Node> nodes =
                graph.nodes().stream().map(node -> node.renamed(rename)).toList();
        List<ValueInfo> outputs = graph.outputs().stream()
                .map(output -> new ValueInfo(rename.apply(output.name()), output.type(), output.dims()))
                .toList();
        return new Graph(graph.name(), graph.inputs(), outputs, graph.initializers(), nodes);
    }

    /** The part of a graph that computes one of its outputs, without an input that it does not take. */
    static Graph only(Graph graph, String output, String without) {
        List<ValueInfo> inputs = graph.inputs().stream()
                .filter(input -> !input.name().equals(without))
                .toList();
        List<ValueInfo> outputs =
                graph.outputs().stream().filter(o -> o.name().equals(output)).toList();
        return new Graph(graph.name(), inputs, outputs, graph.initializers(), graph.nodes(), graph.declared())
                .withoutUnneeded();
    }
}
