package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Writes a graph whose first floating-point output [n, T, d] is pooled to [n, d]. */
final class PooledOutput {
    /** In the place of a sum of weights 0, as of an empty text; the same as in common libraries of embeddings. */
    private static final double LEAST_WEIGHT = 1e-9;

    private final Graph graph;
    private final ValueInfo output;
    private final Set<String> names = new HashSet<>();
    private final List<Node> nodes;
    private final Map<String, Tensor> initializers;

    private PooledOutput(Graph graph, ValueInfo output) {
        this.graph = graph;
        this.output = output;
        this.nodes = new ArrayList<>(graph.nodes());
        this.initializers = new LinkedHashMap<>(graph.initializers());
        names.addAll(initializers.keySet());
        graph.inputs().forEach(input -> names.add(input.name()));
        nodes.forEach(node -> names.addAll(node.outputs()));
    }

    /**
     * Pools.
     *
     * @param graph its only output is pooled
     * @param pooling not NONE
     * @param mask the input that weights positions; empty for the one whose name says so
     * @throws InvalidModelException if the output has no positions, or there is no such input
     */
    static Graph of(Graph graph, Pooling pooling, String mask) {
        ValueInfo output = graph.outputs().get(0);
        if (output.dims().size() != 3 && !output.dims().isEmpty()) {
            throw new InvalidModelException("pooling " + pooling + " is for outputs [n, T, d], but output '"
                    + output.name() + "' is " + output.dims() + "; leave the pooling out or choose another output");
        }
        PooledOutput pooled = new PooledOutput(graph, output);
        String value =
                switch (pooling) {
                    case NONE -> throw new IllegalArgumentException("nothing to pool");
                    case MEAN -> pooled.reduced("ReduceMean", output.name());
                    case MASKED_MEAN -> pooled.maskedMean(maskOf(graph, mask).name());
                    case FIRST -> pooled.position(0);
                    case LAST -> pooled.position(-1);
                };
        return pooled.graph(value);
    }

    private String maskedMean(String mask) {
        Map<String, AttributeProto> type =
                new Attributes().integer("to", output.type().code()).build();
        String weights = op("Unsqueeze", Attributes.NONE, op("Cast", type, mask), axis("pooling_axis", 2));
        String sum = reduced("ReduceSum", op("Mul", Attributes.NONE, output.name(), weights));
        String least = unused("pooling_least");
        initializers.put(least, Tensor.ofReals(output.type(), new double[] {LEAST_WEIGHT}, 1, 1));
        return op("Div", Attributes.NONE, sum, op("Max", Attributes.NONE, reduced("ReduceSum", weights), least));
    }

    private String reduced(String op, String of) {
        return op(op, new Attributes().integer("keepdims", 0).build(), of, axis("pooling_axes", 1));
    }

    private String position(long index) {
        String place = unused("pooling_position");
        initializers.put(place, Tensor.ofLongs(new long[] {index}));
        return op("Gather", new Attributes().integer("axis", 1).build(), output.name(), place);
    }

    private String axis(String wanted, long axis) {
        String name = unused(wanted);
        initializers.put(name, Tensor.ofLongs(new long[] {axis}, 1));
        return name;
    }

    private String op(String op, Map<String, AttributeProto> attributes, String... inputs) {
        String name = unused("pooled_" + op);
        nodes.add(new Node(name, "", op, List.of(inputs), List.of(name), attributes));
        return name;
    }

    private Graph graph(String value) {
        // of a file that declares no shape nothing is known yet
        List<String> dims = output.dims().isEmpty()
                ? List.of()
                : List.of(output.dims().get(0), output.dims().get(2));
        ValueInfo pooled = new ValueInfo(value, output.type(), dims);
        return new Graph(
                graph.name(),
                graph.inputs(),
                List.of(pooled),
                initializers,
                nodes,
                graph.declared(),
                graph.metadata(),
                graph.notes());
    }

    private static ValueInfo maskOf(Graph graph, String name) {
        List<ValueInfo> masks = graph.inputs().stream()
                .filter(input -> name.isEmpty()
                        ? input.name().toLowerCase(Locale.ROOT).contains("mask")
                        : input.name().equals(name))
                .toList();
        if (masks.size() != 1 || masks.get(0).dims().size() != 2) {
            throw new InvalidModelException("pooling MASKED_MEAN needs an input [n, T] as mask, "
                    + (name.isEmpty() ? "the only one with 'mask' in its name" : "which is to be '" + name + "'")
                    + "; the inputs are "
                    + graph.inputs().stream()
                            .map(input -> "'" + input.name() + "' " + input.dims())
                            .collect(Collectors.joining(" and ")));
        }
        return masks.get(0);
    }

    private String unused(String wanted) {
        String name = wanted;
        while (!names.add(name)) {
            name += "_";
        }
        return name;
    }
}
