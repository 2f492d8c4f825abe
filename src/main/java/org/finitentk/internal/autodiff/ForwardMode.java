package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.finitentk.internal.onnx.Advice;
import org.finitentk.internal.onnx.GraphBuilder;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Linearizes a graph: copies its nodes into a builder and lets each one's JVP rule add nodes that are linear in the
 * parameters' tangents.
 */
final class ForwardMode {
    private final Graph graph;
    private final GraphBuilder builder = new GraphBuilder();
    private final Algebra algebra = new Algebra(builder);
    private final Map<String, ScaledTangent> tangents = new HashMap<>();
    private final GuardedNodes guarded;
    private final Map<String, Value> roots = new LinkedHashMap<>();
    /** By the position of the first node that its rule wrote. */
    private final NavigableMap<Integer, Node> origins = new TreeMap<>();

    ForwardMode(Graph graph, List<Parameter> parameters, boolean parametersAsInputs, GuardedNodes guarded) {
        this.graph = graph;
        this.guarded = guarded;
        builder.reserve(graph);
        builder.shapes().declare(graph.declared());
        graph.inputs().forEach(builder::input);
        Set<String> moving = new HashSet<>();
        if (parametersAsInputs) {
            parameters.forEach(p -> moving.add(p.name()));
        }
        graph.initializers().forEach((name, tensor) -> {
            if (moving.contains(name)) {
                builder.input(new ValueInfo(
                        name,
                        tensor.type(),
                        Arrays.stream(tensor.shape()).mapToObj(Long::toString).toList()));
            } else {
                builder.initializer(name, tensor);
            }
        });
    }

    GraphBuilder builder() {
        return builder;
    }

    Algebra algebra() {
        return algebra;
    }

    /** Makes the tangents of the parameters parts of one flat input [P]. */
    void flatTangent(String name, ElementType type, List<Parameter> parameters, long total) {
        Value flat = builder.input(new ValueInfo(name, type, List.of(Long.toString(total))));
        for (Parameter p : parameters) {
            Value part = parameters.size() == 1 ? flat : algebra.slice(flat, 0, p.offset(), p.offset() + p.size());
            Value shaped = algebra.reshape(
                    part, Shape.of(p.shape().stream().mapToLong(Long::longValue).toArray()));
            root(p, algebra.cast(shaped, builder.shapes().get(p.name()).type()));
        }
    }

    /**
     * Makes the tangents of the parameters values without a producer: the inputs of the linear map that is to be
     * transposed.
     */
    ForwardMode withTangents(List<Parameter> parameters) {
        for (Parameter p : parameters) {
            Value primal = builder.shapes().get(p.name());
            root(p, builder.shapes().put(new Value(builder.fresh("d_" + p.name()), primal.type(), primal.shape())));
        }
        return this;
    }

    private void root(Parameter p, Value tangent) {
        tangents.put(p.name(), ScaledTangent.of(algebra, tangent));
        roots.put(p.name(), tangent);
    }

    /** The tangent of a parameter itself. */
    Value root(Parameter p) {
        Value root = roots.get(p.name());
        if (root == null) {
            throw new IllegalStateException("parameter '" + p.name() + "' has no tangent");
        }
        return root;
    }

    /** The tangent of a value, or null for a symbolic zero. */
    @Nullable
    Value tangent(String name) {
        ScaledTangent tangent = tangents.get(name);
        return tangent == null ? null : tangent.value();
    }

    /** Copies the nodes that the output needs and linearizes those that a tangent reaches. */
    void run(String output) {
        Set<String> needed = neededBy(output);
        for (Node original : graph.nodes()) {
            if (original.outputs().stream().noneMatch(needed::contains)) {
                continue;
            }
            Node node = inSafeForm(original);
            List<@Nullable ScaledTangent> in = new ArrayList<>();
            node.inputs().forEach(name -> in.add(tangents.get(name)));
            boolean active = in.stream().anyMatch(Objects::nonNull)
                    || node.bodyNames().stream().anyMatch(tangents::containsKey);
            if (active && node.domain().isEmpty()) {
                // refuses what the operator forbids, before it is written in another form
                builder.shapes().infer(node);
                linearize(Rules.TABLE.primal(node.op()).add(node, algebra), in);
            } else {
                builder.add(node);
                if (active) {
                    linearize(node, in);
                }
            }
        }
    }

    /**
     * A node in the form in which ONNX Runtime 1.28 does what it says: before a Gemm, its optimizer takes every
     * Transpose of a matrix for one that exchanges the axes, also one that leaves them where they are; and it moves
     * Transposes through a Pad as if that had pads for all axes, also where it names some; and it does not agree with
     * itself about windows that ceil_mode drops.
     */
    private Node inSafeForm(Node node) {
        if (!node.domain().isEmpty()) {
            return node;
        }
        return switch (node.op()) {
            case "Transpose" -> withoutStanding(node);
            case "Pad" -> withAllAxes(node);
            case "AveragePool", "MaxPool" -> withoutDroppedWindows(node);
            default -> node;
        };
    }

    private Node withoutStanding(Node node) {
        long[] perm = node.integers("perm");
        if (perm == null || !IntStream.range(0, perm.length).allMatch(i -> perm[i] == i)) {
            return node;
        }
        // refuses what the operator forbids
        builder.shapes().infer(node);
        return new Node(node.name(), "", "Identity", node.inputs(), node.outputs(), Map.of());
    }

    private Node withoutDroppedWindows(Node node) {
        Value x = builder.shapes().find(node.input(0));
        if (x == null) {
            return node;
        }
        // refuses what the operator forbids
        builder.shapes().infer(node);
        return DroppedWindows.without(node, x);
    }

    private Node withAllAxes(Node node) {
        Value x = builder.shapes().find(node.input(0));
        double[] pads = constant(node.input(1));
        double[] axes = constant(node.input(3));
        if (x == null || pads == null || axes == null) {
            return node;
        }
        builder.shapes().infer(node);
        long[] all = new long[2 * x.rank()];
        for (int i = 0; i < axes.length; i++) {
            int axis = (int) (axes[i] < 0 ? axes[i] + x.rank() : axes[i]);
            all[axis] = (long) pads[i];
            all[axis + x.rank()] = (long) pads[i + axes.length];
        }
        return new Node(
                node.name(),
                "",
                "Pad",
                List.of(node.input(0), builder.vector(all).name(), node.input(2)),
                node.outputs(),
                node.attributes());
    }

    private double @Nullable [] constant(String name) {
        Value value = builder.shapes().find(name);
        return value == null ? null : value.constant();
    }

    private Set<String> neededBy(String output) {
        Set<String> needed = new HashSet<>(Set.of(output));
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            if (node.outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(node.inputs());
                needed.addAll(node.bodyNames());
            }
        }
        return needed;
    }

    /** Whether a value is an input of the network itself. */
    boolean isInput(String name) {
        return graph.inputs().stream().anyMatch(input -> input.name().equals(name));
    }

    private void linearize(Node node, List<@Nullable ScaledTangent> in) {
        Value out = builder.shapes().find(node.output());
        if (node.domain().isEmpty() && Rules.TABLE.isConstant(node.op())
                || out != null && out.type().endsTangents()) {
            return;
        }
        if (out != null && !out.type().isDifferentiable()) {
            throw new InvalidModelException(node.describe() + " has an output of type " + out.type()
                    + ", and a tangent flows through it; expected FLOAT or DOUBLE, as files are read");
        }
        JvpRule rule = node.domain().isEmpty() ? Rules.TABLE.jvp(node.op()) : null;
        if (rule == null) {
            throw new InvalidModelException(
                    node.describe() + " has no derivative rule and a tangent flows through it; " + Advice.on(node));
        }
        if (out == null) {
            // names the first node in front of this one that nothing is known of
            node.inputs().stream().filter(name -> !name.isEmpty()).forEach(builder.shapes()::get);
            builder.shapes().get(node.output());
        }
        origins.put(builder.nodeCount(), node);
        Jvp jvp = new Jvp(node, algebra, in, guarded::isWild);
        algebra.guard(guarded.contains(node));
        Rules.apply(
                () -> rule.apply(jvp),
                () -> node.describe()
                        + " has inputs or attributes that do not fit its operator; expected what the ONNX "
                        + "specification says");
        algebra.guard(false);
        jvp.results().forEach((i, tangent) -> tangents.put(node.outputs().get(i), tangent));
    }

    /** The network's node whose rule wrote the node at a position; null before the first. */
    @Nullable
    Node origin(int position) {
        Map.Entry<Integer, Node> before = origins.floorEntry(position);
        return before == null ? null : before.getValue();
    }

    /** The names of everything that depends linearly on the tangents, the roots included. */
    Set<String> linearValues() {
        Set<String> linear = new HashSet<>();
        roots.values().forEach(r -> linear.add(r.name()));
        for (Node node : builder.nodes()) {
            if (node.inputs().stream().anyMatch(linear::contains)) {
                linear.addAll(node.outputs());
            }
        }
        return linear;
    }

    /**
     * The linear values made of one parameter's tangent alone, each element of one element: without any example in
     * them. Parts of a parameter are among them.
     *
     * @return the parameters' tangents (without a producer) and what {@link PerExampleCotangents} can be carried back
     *     through
     */
    Set<String> parameterOnly() {
        Set<String> linear = linearValues();
        Set<String> only = new HashSet<>();
        roots.values().forEach(r -> only.add(r.name()));
        for (Node node : builder.nodes()) {
            List<String> moving =
                    node.inputs().stream().filter(linear::contains).toList();
            Value out = builder.shapes().find(node.output());
            if (moving.size() == 1
                    && only.contains(moving.get(0))
                    && out != null
                    && out.shape().isStatic()
                    && ParameterOperators.carries(node)
                    && out.shape().product(0, out.rank()).equals(sizeOf(moving.get(0)))) {
                only.add(node.output());
            }
            if (moving.size() == 1
                    && only.contains(moving.get(0))
                    && out != null
                    && out.shape().isStatic()
                    && (ParameterOperators.cuts(node, builder.shapes())
                            || ParameterOperators.looksUp(node, builder.shapes())
                                    && moving.get(0).equals(node.input(0)))) {
                only.add(node.output());
            }
        }
        return only;
    }

    private Shape sizeOf(String name) {
        Value value = builder.shapes().get(name);
        return value.shape().product(0, value.rank());
    }
}
