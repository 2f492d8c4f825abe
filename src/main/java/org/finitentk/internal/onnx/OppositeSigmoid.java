package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Probabilities of two labels that are made of one Sigmoid, p = s(z): 1 - p beside p, as scikit-learn's networks of two
 * labels are exported, or 1 - p alone. Their logits are 0 beside z, or -z.
 */
final class OppositeSigmoid {
    private static final String SIGMOID = "Sigmoid";

    private final Graph graph;

    private OppositeSigmoid(Graph graph) {
        this.graph = graph;
    }

    /**
     * The network of logits.
     *
     * @param graph with one output
     * @param last the node that makes it, but for what moves numbers
     * @return null if that node makes something else
     */
    static @Nullable LogitGraph takenOff(Graph graph, Node last) {
        OppositeSigmoid form = new OppositeSigmoid(graph);
        List<Node> instead = last.op().equals("Concat") ? form.pair(last) : form.alone(last);
        return instead.isEmpty() ? null : new LogitGraph(form.with(last, instead), SIGMOID);
    }

    /** z - z beside z, in the places of 1 - p and p. */
    private List<Node> pair(Node concat) {
        if (concat.inputs().size() != 2 || !isOverOutputs(concat)) {
            return List.of();
        }
        for (int i = 0; i < 2; i++) {
            String positive = source(concat.input(1 - i));
            String logit = logit(positive);
            if (logit != null && positive.equals(complemented(source(concat.input(i))))) {
                String zero = unusedName();
                String[] logits = {logit, logit};
                logits[i] = zero;
                return List.of(
                        new Node(zero, "", "Sub", List.of(logit, logit), List.of(zero), Map.of()),
                        new Node(
                                concat.name(),
                                concat.domain(),
                                concat.op(),
                                Arrays.asList(logits),
                                concat.outputs(),
                                concat.attributes()));
            }
        }
        return List.of();
    }

    private List<Node> alone(Node last) {
        String positive = complemented(last.output());
        String logit = positive == null ? null : logit(positive);
        return logit == null
                ? List.of()
                : List.of(new Node(last.name(), "", "Neg", List.of(logit), last.outputs(), Map.of()));
    }

    /** Two numbers of an example, side by side along its last axis. */
    private boolean isOverOutputs(Node concat) {
        Value found = ShapeInference.of(graph).find(concat.output());
        if (found == null || found.rank() < 2) {
            return false;
        }
        long axis = concat.integer("axis", 0);
        return (axis < 0 ? axis + found.rank() : axis) == found.rank() - 1;
    }

    /** What a value is another name of. */
    private String source(String value) {
        Node node = LogitGraph.producer(graph, value);
        return node != null && node.op().equals("Identity") ? source(node.input(0)) : value;
    }

    /** The p of which a value is 1 - p, or null. */
    private @Nullable String complemented(String value) {
        Node node = LogitGraph.producer(graph, value);
        boolean isDifference = node != null && node.op().equals("Sub") && isOne(source(node.input(0)));
        return node != null && isDifference ? source(node.input(1)) : null;
    }

    private boolean isOne(String value) {
        Tensor constant = graph.initializers().get(value);
        return constant != null
                && constant.type().isDifferentiable()
                && constant.size() == 1
                && constant.elementAsDouble(0) == 1;
    }

    /** The z of which a value is s(z), or null. */
    private @Nullable String logit(String value) {
        Node node = LogitGraph.producer(graph, value);
        return node != null && node.op().equals(SIGMOID) ? node.input(0) : null;
    }

    private String unusedName() {
        Set<String> taken = new HashSet<>(graph.initializers().keySet());
        graph.inputs().forEach(input -> taken.add(input.name()));
        graph.nodes().forEach(node -> {
            taken.add(node.name());
            taken.addAll(node.outputs());
        });
        String name = "logit_zero";
        while (taken.contains(name)) {
            name += "_";
        }
        return name;
    }

    @SuppressWarnings("ReferenceEquality") // that very node
    private Graph with(Node last, List<Node> instead) {
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node == last) {
                nodes.addAll(instead);
            } else {
                nodes.add(node);
            }
        }
        return new Graph(
                        graph.name(),
                        graph.inputs(),
                        graph.outputs(),
                        graph.initializers(),
                        nodes,
                        graph.declared(),
                        graph.metadata(),
                        graph.notes())
                .withoutUnneeded();
    }
}
