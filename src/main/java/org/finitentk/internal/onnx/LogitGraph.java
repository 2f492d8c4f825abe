package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A network of logits that was one of probabilities: without its last Sigmoid, Softmax or LogSoftmax. What only moves
 * or names numbers may follow that. A Sigmoid may also be where 1 - p and p are made of it ({@link OppositeSigmoid}).
 *
 * @param graph the network without the activation
 * @param operator the activation that was taken off
 */
public record LogitGraph(Graph graph, String operator) {
    private static final Set<String> ACTIVATIONS = Set.of("Sigmoid", "Softmax", "LogSoftmax");
    /** Operators that keep every number of an example. */
    private static final Set<String> MOVES = Set.of("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze");

    /**
     * Takes the activation off the network's output.
     *
     * @param graph a normalized graph
     * @param forms which activations those are
     * @return null if its output is no such activation's, or it is normalized over something else than an example's
     *     outputs
     */
    public static @Nullable LogitGraph of(Graph graph, LogitForms forms) {
        if (!forms.last()) {
            return null;
        }
        Graph alone = onlyOwn(graph).withoutUnneeded();
        String value = alone.outputs().get(0).name();
        while (true) {
            Node node = producer(alone, value);
            if (node == null || uses(alone, value) > 1) {
                return null;
            }
            if (ACTIVATIONS.contains(node.op()) && node.domain().isEmpty()) {
                return isOfAnExample(alone, node) ? new LogitGraph(without(alone, node), node.op()) : null;
            }
            LogitGraph opposite = forms.opposite() ? OppositeSigmoid.takenOff(alone, node) : null;
            if (opposite != null) {
                return opposite;
            }
            if (!MOVES.contains(node.op())) {
                return null;
            }
            value = node.input(0);
        }
    }

    private static Graph onlyOwn(Graph graph) {
        return new Graph(
                graph.name(),
                graph.inputs(),
                List.of(FloatOutput.of(graph)),
                graph.initializers(),
                graph.nodes(),
                graph.declared(),
                graph.metadata(),
                graph.notes());
    }

    static @Nullable Node producer(Graph graph, String value) {
        return graph.nodes().stream()
                .filter(node -> node.outputs().contains(value))
                .findFirst()
                .orElse(null);
    }

    private static long uses(Graph graph, String value) {
        return graph.nodes().stream()
                .filter(node ->
                        node.inputs().contains(value) || node.bodyNames().contains(value))
                .count();
    }

    /** A normalization is over all outputs of an example if every other axis but the batch has one element. */
    private static boolean isOfAnExample(Graph graph, Node node) {
        if (node.op().equals("Sigmoid")) {
            return true;
        }
        Value found = ShapeInference.of(graph).find(node.output());
        if (found == null || found.rank() < 2) {
            return false;
        }
        int axis = Math.toIntExact(node.integer("axis", -1));
        int own = axis < 0 ? axis + found.rank() : axis;
        for (int i = 1; i < found.rank(); i++) {
            if (i != own && found.shape().dim(i) != 1) {
                return false;
            }
        }
        return own > 0;
    }

    @SuppressWarnings("ReferenceEquality") // that very node
    private static Graph without(Graph graph, Node activation) {
        String before = activation.input(0);
        String after = activation.output();
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node != activation) {
                List<String> inputs = node.inputs().stream()
                        .map(input -> input.equals(after) ? before : input)
                        .toList();
                nodes.add(new Node(node.name(), node.domain(), node.op(), inputs, node.outputs(), node.attributes()));
            }
        }
        ValueInfo output = graph.outputs().get(0);
        String name = output.name().equals(after) ? before : output.name();
        return new Graph(
                graph.name(),
                graph.inputs(),
                List.of(new ValueInfo(name, output.type(), output.dims())),
                graph.initializers(),
                nodes,
                graph.declared(),
                graph.metadata(),
                graph.notes());
    }
}
