package org.finitentk.bundle;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Two graphs as one, in which what both compute from the same inputs and constants by the same operators is there once.
 */
final class MergedGraph {
    private static final int SMALL = 64;

    private final Graph first;
    private final Map<String, Tensor> initializers;
    private final List<Node> nodes;
    private final Map<Content, String> small = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> nodeNames = new HashSet<>();
    private final Map<Call, Node> calls = new HashMap<>();
    /** What values of the second graph are called here. */
    private final Map<String, String> renamed = new HashMap<>();

    /** What tells two nodes apart. */
    private record Call(String domain, String op, List<String> inputs, Map<String, AttributeProto> attributes) {}

    /** What a constant is. */
    private record Content(ElementType type, List<Long> shape, ByteBuffer data) {
        static Content of(Tensor tensor) {
            return new Content(
                    tensor.type(), Arrays.stream(tensor.shape()).boxed().toList(), tensor.data());
        }
    }

    private MergedGraph(Graph first) {
        this.first = first;
        this.initializers = new LinkedHashMap<>(first.initializers());
        this.nodes = new ArrayList<>(first.nodes());
        names.addAll(initializers.keySet());
        initializers.forEach((name, tensor) -> {
            if (tensor.size() <= SMALL) {
                small.putIfAbsent(Content.of(tensor), name);
            }
        });
        first.inputs().forEach(input -> names.add(input.name()));
        for (Node node : nodes) {
            names.addAll(node.outputs());
            nodeNames.add(node.name());
            calls.putIfAbsent(call(node, node.inputs()), node);
        }
    }

    /**
     * Merges two graphs, of which inputs of the same name are the same.
     *
     * @param outputs one of the first's, and one of the second's of another name
     * @return the graph with these outputs; null if either has a node with subgraphs
     */
    static @Nullable Graph of(Graph first, Graph second, List<String> outputs) {
        for (Graph graph : List.of(first, second)) {
            if (graph.nodes().stream().anyMatch(node -> !node.bodyNames().isEmpty())) {
                return null;
            }
        }
        MergedGraph merged = new MergedGraph(first);
        merged.take(second, outputs.get(1));
        return merged.with(second, outputs);
    }

    /** Small constants are known by their content, weights by their name. */
    private void take(String name, Tensor tensor) {
        String present = tensor.size() <= SMALL ? small.get(Content.of(tensor)) : name;
        Tensor same = present == null ? null : initializers.get(present);
        if (present != null && same != null && Content.of(same).equals(Content.of(tensor))) {
            renamed.put(name, present);
        } else {
            initializers.put(fresh(name), tensor);
        }
    }

    private static Call call(Node node, List<String> inputs) {
        return new Call(node.domain(), node.op(), inputs, node.attributes());
    }

    private void take(Graph second, String output) {
        names.add(output);
        second.initializers().forEach(this::take);
        for (Node node : second.nodes()) {
            List<String> inputs = node.inputs().stream().map(this::here).toList();
            Node same = node.outputs().contains(output) ? null : calls.get(call(node, inputs));
            if (same != null && same.outputs().size() == node.outputs().size()) {
                for (int i = 0; i < node.outputs().size(); i++) {
                    renamed.put(node.outputs().get(i), same.outputs().get(i));
                }
            } else {
                List<String> own = node.outputs().stream()
                        .map(name -> name.isEmpty() || name.equals(output) ? name : fresh(name))
                        .toList();
                Node added = new Node(
                        free(node.name(), nodeNames), node.domain(), node.op(), inputs, own, node.attributes());
                nodes.add(added);
                calls.putIfAbsent(call(added, inputs), added);
            }
        }
    }

    private String here(String name) {
        return renamed.getOrDefault(name, name);
    }

    /** A name that is free here, for a value of the second graph. */
    private String fresh(String name) {
        String own = free(name, names);
        renamed.put(name, own);
        return own;
    }

    private static String free(String name, Set<String> taken) {
        String own = name;
        while (!taken.add(own)) {
            own += "_";
        }
        return own;
    }

    private Graph with(Graph second, List<String> outputs) {
        Map<String, ValueInfo> inputs = new LinkedHashMap<>();
        first.inputs().forEach(input -> inputs.put(input.name(), input));
        second.inputs().forEach(input -> inputs.putIfAbsent(input.name(), input));
        List<ValueInfo> all = new ArrayList<>(first.outputs());
        all.addAll(second.outputs());
        List<ValueInfo> wanted = outputs.stream()
                .map(name -> Objects.requireNonNull(
                        all.stream()
                                .filter(o -> o.name().equals(name))
                                .findFirst()
                                .orElse(null),
                        name))
                .toList();
        return new Graph(first.name(), List.copyOf(inputs.values()), wanted, initializers, nodes).withoutUnneeded();
    }
}
