package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
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
            int count = graph.nodes().size();
            throw new InvalidModelException("graph '" + graph.name() + "' has no output or layer '" + value
                    + "'; its outputs are "
                    + graph.outputs().stream().map(ValueInfo::name).toList()
                    + ", and the last of its nodes' outputs, which are layers, are "
                    + graph.nodes().subList(Math.max(0, count - 8), count).stream()
                            .flatMap(node -> node.outputs().stream())
                            .filter(output -> !output.isEmpty())
                            .toList());
        }
        Map<String, String> kept = new HashMap<>(graph.metadata());
        if (!FloatOutput.is(graph, value)) {
            kept.remove(NetworkNames.OUTPUTS);
        }
        ValueInfo output = graph.outputs().stream()
                .filter(own -> own.name().equals(value) && !own.dims().isEmpty())
                .findFirst()
                .orElseGet(() -> inferred(graph, value));
        return upTo(graph, output, kept);
    }

    private static Graph upTo(Graph graph, ValueInfo output, Map<String, String> metadata) {
        return new Graph(
                        graph.name(),
                        graph.inputs(),
                        List.of(output),
                        graph.initializers(),
                        graph.nodes(),
                        graph.declared(),
                        metadata,
                        graph.notes())
                .withoutUnneeded();
    }

    /** A declaration as far as sizes are known; without any dimensions if a file declares none and they are not. */
    private static ValueInfo inferred(Graph graph, String value) {
        ValueInfo declared = Stream.concat(graph.outputs().stream(), graph.declared().values().stream())
                .filter(own -> own.name().equals(value))
                .findFirst()
                .orElse(null);
        Value found = null;
        try {
            ValueInfo unknown = new ValueInfo(value, ElementType.FLOAT, List.of());
            found = ShapeInference.of(upTo(graph, unknown, Map.of())).find(value);
        } catch (InvalidModelException e) {
            if (declared == null && InputSizes.areOpen(graph.inputs())) {
                throw InputSizes.withSizes(graph.inputs(), e);
            }
        }
        if (found != null) {
            Shape shape = found.shape();
            List<String> dims = IntStream.range(0, found.rank())
                    .mapToObj(i -> shape.dim(i) >= 0 ? Long.toString(shape.dim(i)) : value + "_" + i)
                    .toList();
            return new ValueInfo(value, found.type(), dims);
        }
        if (declared == null) {
            throw new InvalidModelException("the shape of '" + value + "' in graph '" + graph.name()
                    + "' cannot be inferred; choose another layer");
        }
        return declared;
    }
}
