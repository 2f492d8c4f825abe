package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.ValueInfo;

/** A value inside a network that is taken for its output. */
public final class Layer {
    private Layer() {}

    /**
     * The part of the graph that computes one value, which becomes its only output: the network up to a layer. What the
     * metadata says of the outputs is not of this one.
     *
     * @param graph a normalized graph
     * @param value the name of a node's output
     * @return a graph with the same inputs
     * @throws InvalidModelException if no node has that output, or its shape is not known
     */
    public static Graph upTo(Graph graph, String value) {
        if (graph.nodes().stream().noneMatch(node -> node.outputs().contains(value))) {
            throw new InvalidModelException("graph '" + graph.name() + "' has no layer '" + value
                    + "'; expected the name of a node's output, the last of which are "
                    + graph
                            .nodes()
                            .subList(
                                    Math.max(0, graph.nodes().size() - 8),
                                    graph.nodes().size())
                            .stream()
                            .flatMap(node -> node.outputs().stream())
                            .filter(output -> !output.isEmpty())
                            .toList());
        }
        Value found = ShapeInference.of(graph).find(value);
        if (found == null) {
            throw new InvalidModelException("the shape of '" + value + "' in graph '" + graph.name()
                    + "' cannot be inferred; choose another layer");
        }
        List<String> dims = IntStream.range(0, found.rank())
                .mapToObj(i ->
                        found.shape().dim(i) >= 0 ? Long.toString(found.shape().dim(i)) : value + "_" + i)
                .toList();
        Map<String, String> kept = new HashMap<>(graph.metadata());
        kept.remove(NetworkNames.OUTPUTS);
        return new Graph(
                        graph.name(),
                        graph.inputs(),
                        List.of(new ValueInfo(value, found.type(), dims)),
                        graph.initializers(),
                        graph.nodes(),
                        graph.declared(),
                        kept,
                        graph.notes())
                .withoutUnneeded();
    }
}
