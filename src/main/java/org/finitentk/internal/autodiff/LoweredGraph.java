package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.finitentk.internal.onnx.GraphBuilder;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Writes operators that have a {@link Lowering} in others: for differentiation only where a tangent flows through them;
 * elsewhere ONNX Runtime's own operator is quicker.
 */
final class LoweredGraph {
    private final GraphBuilder builder = new GraphBuilder();
    private final Algebra algebra = new Algebra(builder);
    private final List<Node> nodes = new ArrayList<>();

    private LoweredGraph(Graph graph) {
        builder.reserve(graph);
        builder.shapes().declare(graph.declared());
        graph.inputs().forEach(builder::input);
        graph.initializers().forEach(builder::initializer);
    }

    /** The same function with the same parameters, as far as one output needs it. */
    static Graph of(Graph graph, String output, List<Parameter> parameters) {
        if (graph.nodes().stream().allMatch(n -> lowering(n) == null)) {
            return graph;
        }
        List<ValueInfo> only =
                graph.outputs().stream().filter(o -> o.name().equals(output)).toList();
        Graph needed =
                new Graph(graph.name(), graph.inputs(), only, graph.initializers(), graph.nodes()).withoutUnneeded();
        LoweredGraph lowered = new LoweredGraph(graph);
        Set<String> active = new HashSet<>();
        parameters.forEach(p -> active.add(p.name()));
        for (Node node : needed.nodes()) {
            boolean moving = node.inputs().stream().anyMatch(active::contains)
                    || node.bodyNames().stream().anyMatch(active::contains);
            if (moving && !Rules.TABLE.isConstant(node.op())) {
                active.addAll(node.outputs().stream().filter(o -> !o.isEmpty()).toList());
            }
            lowered.add(node, moving ? lowering(node) : null);
        }
        return lowered.builder.whole(graph, lowered.nodes);
    }

    /**
     * The same function with the operators written otherwise for which a form is chosen, on sight of what has been
     * built up to the node.
     */
    static Graph of(Graph graph, BiFunction<Node, GraphBuilder, @Nullable Lowering> choice) {
        LoweredGraph lowered = new LoweredGraph(graph);
        graph.nodes().forEach(node -> lowered.add(node, choice.apply(node, lowered.builder)));
        return lowered.builder.whole(graph, lowered.nodes);
    }

    private static @Nullable Lowering lowering(Node node) {
        return node.domain().isEmpty() ? Rules.TABLE.lowering(node.op()) : null;
    }

    private void add(Node node, @Nullable Lowering lowering) {
        if (lowering == null) {
            builder.add(node);
            nodes.add(node);
            return;
        }
        // refuses what the operator forbids, in terms of the operator itself
        builder.shapes().infer(node);
        int before = builder.nodes().size();
        Rules.apply(
                () -> lowering.apply(new Rewrite(node, algebra)),
                () -> node.describe()
                        + " has inputs or attributes that do not fit its operator; expected what the ONNX "
                        + "specification says");
        List<Node> all = builder.nodes();
        // messages about a part then say of which node it is one
        all.subList(before, all.size())
                .forEach(n -> nodes.add(
                        new Node(node.name() + "/" + n.name(), "", n.op(), n.inputs(), n.outputs(), n.attributes())));
    }
}
