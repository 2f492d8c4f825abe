package org.finitentk.internal.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.OperatorTraits;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A graph cut in two, so that what does not depend on some of its inputs is computed once for many values of these.
 *
 * @param whole the graph that was cut, whose shapes are also those of its parts
 * @param first computes what the second needs, and outputs that do not depend on these inputs
 * @param second the rest
 */
record Stages(Graph whole, Graph first, Graph second) {
    /**
     * The stages of a graph, or null when it cannot be cut: shapes are unknown, it has control flow, or everything
     * depends on these inputs.
     */
    static @Nullable Stages of(Graph graph, Set<String> cut) {
        if (graph.nodes().stream().anyMatch(node -> OperatorTraits.of(node).has(Trait.HAS_BODY))) {
            return null;
        }
        try {
            Graph whole = transposedAhead(graph, cut);
            return cut(whole, cut, ShapeInference.of(whole));
        } catch (InvalidModelException e) {
            return null;
        }
    }

    /**
     * A matrix that is multiplied transposed is transposed by itself, so that this is done ahead where it does not
     * depend on the cut inputs: rows of the transposed matrix lie far apart, which costs a matrix product up to a
     * quarter of its speed (gradients of 128 x 512 weights over 1024 rows: 74 and 95 GFLOPS).
     */
    private static Graph transposedAhead(Graph graph, Set<String> cut) {
        Set<String> late = new HashSet<>(cut);
        Map<String, String> transposed = new HashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            boolean depends = node.inputs().stream().anyMatch(late::contains);
            if (depends) {
                late.addAll(node.outputs());
            }
            if (depends
                    && node.op().equals("Gemm")
                    && node.integer("transA", 0) == 1
                    && !late.contains(node.input(0))) {
                String name = transposed.computeIfAbsent(node.input(0), of -> {
                    String own = of + "_transposed_" + node.output();
                    nodes.add(new Node(
                            own,
                            "",
                            "Transpose",
                            List.of(of),
                            List.of(own),
                            new Attributes().integers("perm", 1, 0).build()));
                    return own;
                });
                List<String> inputs = new ArrayList<>(node.inputs());
                inputs.set(0, name);
                nodes.add(new Node(
                        node.name(),
                        node.domain(),
                        node.op(),
                        inputs,
                        node.outputs(),
                        new Attributes(node.attributes()).without("transA").build()));
            } else {
                nodes.add(node);
            }
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), graph.initializers(), nodes, graph.declared());
    }

    private static @Nullable Stages cut(Graph graph, Set<String> cut, ShapeInference shapes) {
        Set<String> late = new HashSet<>(cut);
        Set<String> early = new HashSet<>();
        Set<String> constants = new HashSet<>(graph.initializers().keySet());
        Set<String> sized = new HashSet<>();
        Set<String> inputs = graph.inputs().stream()
                .map(ValueInfo::name)
                .filter(name -> !cut.contains(name))
                .collect(Collectors.toSet());
        List<Node> firstNodes = new ArrayList<>();
        List<Node> secondNodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            boolean size = node.op().equals("Shape") && inputs.contains(node.input(0));
            boolean known = size || node.inputs().stream().allMatch(name -> name.isEmpty() || constants.contains(name));
            boolean ofSize = size || node.inputs().stream().anyMatch(sized::contains);
            if (known && !(ofSize && isWork(node, shapes))) {
                // the runtime computes it once for all runs, and has faster kernels for constant weights; sizes of
                // inputs cost nothing, and shapes made of them can be told
                constants.addAll(node.outputs());
                if (ofSize) {
                    sized.addAll(node.outputs());
                }
                firstNodes.add(node);
                secondNodes.add(node);
            } else {
                boolean depends = node.inputs().stream().anyMatch(late::contains);
                (depends ? late : early).addAll(node.outputs());
                (depends ? secondNodes : firstNodes).add(node);
            }
        }
        Map<String, ValueInfo> passed = new LinkedHashMap<>();
        for (String name : secondNodes.stream()
                .flatMap(node -> node.inputs().stream())
                .filter(early::contains)
                .toList()) {
            Value value = shapes.find(name);
            if (value == null) {
                return null;
            }
            passed.put(name, info(value, shapes, graph.inputs().get(0)));
        }
        return passed.isEmpty()
                ? null
                : new Stages(
                        graph, first(graph, cut, firstNodes, late, passed), second(graph, secondNodes, late, passed));
    }

    /** Whether a node calculates, rather than tell sizes or repeat a number. */
    private static boolean isWork(Node node, ShapeInference shapes) {
        Value out = shapes.find(node.output());
        return out != null
                && out.type().isDifferentiable()
                && !OperatorTraits.of(node).has(Trait.FILLS);
    }

    /** The second stage for one of its outputs alone. */
    Graph second(String output) {
        return second(
                second,
                second.name() + "_" + output,
                second.inputs(),
                second.nodes(),
                second.outputs().stream().filter(o -> o.name().equals(output)).toList());
    }

    private static Graph first(
            Graph graph, Set<String> cut, List<Node> nodes, Set<String> late, Map<String, ValueInfo> passed) {
        List<ValueInfo> outputs = new ArrayList<>(passed.values());
        graph.outputs().stream()
                .filter(output -> !late.contains(output.name()) && !passed.containsKey(output.name()))
                .forEach(outputs::add);
        List<ValueInfo> inputs = graph.inputs().stream()
                .filter(info -> !cut.contains(info.name()))
                .toList();
        List<Node> kept = needed(nodes, outputs);
        return new Graph(graph.name() + "_first", inputs, outputs, used(graph, kept), kept);
    }

    private static Graph second(Graph graph, List<Node> nodes, Set<String> late, Map<String, ValueInfo> passed) {
        List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
        inputs.addAll(passed.values());
        return second(
                graph,
                graph.name() + "_second",
                inputs,
                nodes,
                graph.outputs().stream()
                        .filter(output -> late.contains(output.name()))
                        .toList());
    }

    /** Some nodes as a graph, as far as its outputs need them, with inputs that these take. */
    static Graph second(Graph graph, String name, List<ValueInfo> inputs, List<Node> nodes, List<ValueInfo> outputs) {
        List<Node> kept = needed(nodes, outputs);
        Set<String> taken = new HashSet<>();
        kept.forEach(node -> taken.addAll(node.inputs()));
        return new Graph(
                name,
                inputs.stream().filter(info -> taken.contains(info.name())).toList(),
                outputs,
                used(graph, kept),
                kept);
    }

    private static List<Node> needed(List<Node> nodes, List<ValueInfo> outputs) {
        Set<String> needed = new HashSet<>();
        outputs.forEach(output -> needed.add(output.name()));
        List<Node> kept = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (nodes.get(i).outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(nodes.get(i).inputs());
                kept.add(0, nodes.get(i));
            }
        }
        return kept;
    }

    private static Map<String, Tensor> used(Graph graph, List<Node> nodes) {
        Map<String, Tensor> used = new LinkedHashMap<>();
        for (Node node : nodes) {
            for (String name : node.inputs()) {
                Tensor tensor = graph.initializers().get(name);
                if (tensor != null) {
                    used.put(name, tensor);
                }
            }
        }
        return used;
    }

    /** Declares a value; dynamic dimensions that are not the batch get names of their own. */
    static ValueInfo info(Value value, ShapeInference shapes, ValueInfo batch) {
        Value examples = shapes.get(batch.name());
        List<String> dims = new ArrayList<>();
        for (int i = 0; i < value.rank(); i++) {
            String known =
                    value.shape().dim(i) >= 0 ? Long.toString(value.shape().dim(i)) : value.name() + "_dim" + i;
            dims.add(
                    value.shape().dim(i) < 0 && value.shape().sameDim(i, examples.shape(), 0)
                            ? batch.dims().get(0)
                            : known);
        }
        return new ValueInfo(value.name(), value.type(), dims);
    }
}
