package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.GraphBuilder;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** Writes operators that have a {@link Lowering} in others, where a tangent flows through them; elsewhere ONNX Runtime's own operator is quicker. */
final class LoweredGraph {
    private final GraphBuilder builder = new GraphBuilder();
    private final Algebra algebra = new Algebra(builder);
    private final Set<String> active = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();

    private LoweredGraph(Graph graph, List<Parameter> parameters) {
        builder.reserve(graph.initializers().keySet());
        graph.nodes().forEach(n -> builder.reserve(n.outputs()));
        graph.nodes().forEach(n -> builder.reserve(n.bodyNames()));
        builder.shapes().declare(graph.declared());
        graph.inputs().forEach(builder::input);
        graph.initializers().forEach(builder::initializer);
        parameters.forEach(p -> active.add(p.name()));
    }

    /** The same function with the same parameters, as far as one output needs it. */
    static Graph of(Graph graph, String output, List<Parameter> parameters) {
        if (graph.nodes().stream().allMatch(n -> lowering(n) == null)) {
            return graph;
        }
        LoweredGraph lowered = new LoweredGraph(graph, parameters);
        List<ValueInfo> only = graph.outputs().stream().filter(o -> o.name().equals(output)).toList();
        new Graph(graph.name(), graph.inputs(), only, graph.initializers(), graph.nodes()).withoutUnneeded().nodes().forEach(lowered::add);
        return lowered.builder.whole(graph, lowered.nodes);
    }

    private static @Nullable Lowering lowering(Node node) {
        return node.domain().isEmpty() ? Rules.lowering(node.op()) : null;
    }

    private void add(Node node) {
        boolean moving = node.inputs().stream().anyMatch(active::contains) || node.bodyNames().stream().anyMatch(active::contains);
        Lowering lowering = moving ? lowering(node) : null;
        if (moving && !Rules.isConstant(node.op())) {
            active.addAll(node.outputs().stream().filter(o -> !o.isEmpty()).toList());
        }
        if (lowering == null) {
            builder.add(node);
            nodes.add(node);
            return;
        }
        int before = builder.nodes().size();
        lower(lowering, node);
        List<Node> all = builder.nodes();
        // messages about a part then say of which node it is one
        all.subList(before, all.size()).forEach(n -> nodes.add(new Node(node.name() + "/" + n.name(), "", n.op(), n.inputs(), n.outputs(), n.attributes())));
    }

    private void lower(Lowering lowering, Node node) {
        try {
            lowering.apply(new Rewrite(node, algebra));
        } catch (InvalidModelException e) {
            throw e;
        } catch (IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException | NullPointerException | IllegalArgumentException e) {
            throw new InvalidModelException(node.describe() + " has inputs or attributes that do not fit its operator", e);
        }
    }
}
