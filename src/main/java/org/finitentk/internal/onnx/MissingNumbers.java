package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;

/** Inputs whose missing numbers, which are NaN, a network puts others in place of before it does anything with them. */
public final class MissingNumbers {
    private final Graph graph;
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, Boolean> replaced = new HashMap<>();

    private MissingNumbers(Graph graph) {
        this.graph = graph;
        graph.nodes().forEach(node -> node.outputs().forEach(output -> producers.put(output, node)));
    }

    /**
     * The inputs that may have NaN among their numbers.
     *
     * @param graph a network
     * @return names of inputs all of whose numbers go through an Imputer
     */
    public static Set<String> replaced(Graph graph) {
        MissingNumbers missing = new MissingNumbers(graph);
        return graph.inputs().stream()
                .map(ValueInfo::name)
                .filter(missing::isReplaced)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private boolean isReplaced(String value) {
        Boolean known = replaced.get(value);
        if (known == null) {
            List<Node> readers = graph.nodes().stream()
                    .filter(node ->
                            node.inputs().contains(value) || node.bodyNames().contains(value))
                    .toList();
            known = !readers.isEmpty()
                    && graph.outputs().stream()
                            .noneMatch(output -> output.name().equals(value))
                    && readers.stream().allMatch(node -> replaces(node, value));
            replaced.put(value, known);
        }
        return known;
    }

    /** Whether a node asks for the numbers that are missing, puts others in their place, or moves all of them on. */
    private boolean replaces(Node node, String value) {
        if (!node.domain().isEmpty()) {
            return false;
        }
        if (node.op().equals("IsNaN")) {
            return true;
        }
        if (node.op().equals("Where")) {
            Node condition = producers.get(node.input(0));
            return node.input(2).equals(value)
                    && !node.input(1).equals(value)
                    && condition != null
                    && condition.op().equals("IsNaN")
                    && condition.input(0).equals(value);
        }
        OperatorTraits traits = OperatorTraits.of(node);
        return (traits.has(Trait.ARRANGES) || traits.has(Trait.PARTS))
                && node.outputs().stream().filter(output -> !output.isEmpty()).allMatch(this::isReplaced);
    }
}
