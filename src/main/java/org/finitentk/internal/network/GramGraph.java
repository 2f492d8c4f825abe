package org.finitentk.internal.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * J (Jᵀ u) of fixed examples as one graph: the vjp graph, whose gradient is the tangent of the jvp graph. What both
 * compute, the network itself, is there once.
 */
final class GramGraph {
    /** Larger constants are the same only under the same name. */
    private static final int SMALL = 64;

    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();
    /** What has been computed, by how, so that the second graph finds it. */
    private final Map<Object, List<String>> known = new HashMap<>();

    private final Map<List<Object>, String> smallConstants = new HashMap<>();

    private GramGraph() {}

    /**
     * Joins the graphs.
     *
     * @param vjp takes the cotangent
     * @param jvp takes the tangent
     * @param constants all their other inputs
     * @param parameters their places in tangent and gradient
     * @return takes the cotangent and gives J Jᵀ of it; null if a graph has control flow, whose bodies use names of the
     *     graph around them
     */
    static @Nullable Graph of(Graph vjp, Graph jvp, Map<String, Tensor> constants, List<Parameter> parameters) {
        if (hasBodies(vjp) || hasBodies(jvp)) {
            return null;
        }
        GramGraph joined = new GramGraph();
        Map<String, String> names = new HashMap<>();
        constants.forEach((name, tensor) -> names.put(name, joined.constant(name, tensor)));
        joined.taken.add(Product.VJP.vector());
        joined.add(vjp, names);
        Map<String, String> second = new HashMap<>();
        constants.keySet().forEach(name -> second.put(name, names.getOrDefault(name, name)));
        TangentParts parts = TangentParts.of(jvp, Product.JVP.vector());
        Map<TangentParts.Range, String> pieces =
                joined.pieces(names.getOrDefault(Product.VJP.output(), Product.VJP.output()), parameters);
        if (!parts.parts().isEmpty()
                && pieces.keySet().containsAll(parts.parts().values())) {
            parts.parts().forEach((name, range) -> second.put(name, pieces.get(range)));
            joined.add(parts.graph(), second);
        } else {
            second.put(Product.JVP.vector(), names.getOrDefault(Product.VJP.output(), Product.VJP.output()));
            joined.add(jvp, second);
        }
        String result = second.getOrDefault(Product.JVP.output(), Product.JVP.output());
        return new Graph(
                        vjp.name() + "_gram",
                        List.of(info(vjp.inputs(), Product.VJP.vector(), Product.VJP.vector())),
                        List.of(info(jvp.outputs(), Product.JVP.output(), result)),
                        joined.initializers,
                        joined.nodes)
                .withoutUnneeded();
    }

    private static boolean hasBodies(Graph graph) {
        return graph.nodes().stream().anyMatch(node -> !node.bodyNames().isEmpty());
    }

    private static ValueInfo info(List<ValueInfo> infos, String name, String newName) {
        ValueInfo found = infos.stream()
                .filter(info -> info.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("a derivative graph has no '" + name + "'; it has " + infos));
        return new ValueInfo(newName, found.type(), found.dims());
    }

    private String constant(String name, Tensor tensor) {
        Tensor present = initializers.get(name);
        if (present != null && present.hasContentOf(tensor)) {
            return name;
        }
        List<Object> content = List.of(tensor.type(), Arrays.toString(tensor.shape()), tensor.data());
        String same = tensor.size() <= SMALL ? smallConstants.get(content) : null;
        if (same != null) {
            return same;
        }
        String own = free(name);
        initializers.put(own, tensor);
        if (tensor.size() <= SMALL) {
            smallConstants.put(content, own);
        }
        return own;
    }

    private String free(String name) {
        String candidate = name;
        while (!taken.add(candidate)) {
            candidate += "_2";
        }
        return candidate;
    }

    /**
     * The gradients of the parameters, flat, that are put one after the other to make the whole; empty if it is made in
     * another way.
     */
    private Map<TangentParts.Range, String> pieces(String whole, List<Parameter> parameters) {
        Map<String, Node> makers = new HashMap<>();
        nodes.forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
        Node maker = makers.get(whole);
        while (maker != null && maker.op().equals("Identity")) {
            maker = makers.get(maker.input(0));
        }
        if (maker == null || !maker.op().equals("Concat") || maker.inputs().size() != parameters.size()) {
            return Map.of();
        }
        Map<TangentParts.Range, String> pieces = new HashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            pieces.put(
                    new TangentParts.Range(parameter.offset(), parameter.offset() + parameter.size()), maker.input(i));
        }
        return pieces;
    }

    /** Adds a graph's constants and nodes; afterwards the map has the new names of all its values that have one. */
    private void add(Graph graph, Map<String, String> names) {
        graph.initializers().forEach((name, tensor) -> names.put(name, constant(name, tensor)));
        for (Node node : graph.nodes()) {
            List<String> inputs = node.inputs().stream()
                    .map(input -> names.getOrDefault(input, input))
                    .toList();
            Object how = List.of(
                    node.domain(),
                    node.op(),
                    inputs,
                    node.attributes(),
                    node.outputs().stream().map(String::isEmpty).toList());
            List<String> outputs = known.get(how);
            if (outputs == null) {
                outputs = node.outputs().stream()
                        .map(output -> output.isEmpty() ? output : free(output))
                        .toList();
                known.put(how, outputs);
                nodes.add(new Node(outputs.get(0), node.domain(), node.op(), inputs, outputs, node.attributes()));
            }
            for (int i = 0; i < outputs.size(); i++) {
                names.put(node.outputs().get(i), outputs.get(i));
            }
        }
        names.remove("");
    }
}
