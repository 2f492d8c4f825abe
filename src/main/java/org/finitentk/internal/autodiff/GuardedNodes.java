package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.autodiff.ValueRanges.Range;
import org.finitentk.internal.onnx.OperatorTraits;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;

/**
 * Finds the nodes where 0 · inf has to be 0: those before and behind an operator whose derivative can be infinite, or
 * no number, at finite inputs, and that operator itself. There, a zero factor says that a branch is not taken. Most
 * networks have none: a square root of a variance plus an epsilon is not one.
 */
final class GuardedNodes implements Singularity.Values {
    /** By what a network finds out that everything is masked. */
    private static final Set<String> ASKS = Set.of("IsNaN", "IsInf", "Equal");

    private final Graph graph;
    private final Set<String> parameters;
    private final ValueRanges ranges;
    /** What tangents reach. */
    private final Set<String> active;
    /** What depends on the data or on parameters. */
    private final Set<String> varying;
    /** What can be infinite or no number where f is finite. */
    private final Set<String> wild = new HashSet<>();
    /** What comes from a Softmax whose input may be all masked, up to where something is selected. */
    private final Set<String> masked = new HashSet<>();

    private final Set<String> found = new HashSet<>();

    private GuardedNodes(Graph graph, List<Parameter> parameters) {
        this.graph = graph;
        this.parameters = parameters.stream().map(Parameter::name).collect(Collectors.toSet());
        this.ranges = new ValueRanges(graph, this.parameters);
        this.active = new HashSet<>(this.parameters);
        this.varying = new HashSet<>(this.parameters);
        graph.inputs().forEach(i -> varying.add(i.name()));
    }

    /** Those of a graph as it is differentiated. */
    static GuardedNodes of(Graph graph, List<Parameter> parameters) {
        GuardedNodes guarded = new GuardedNodes(graph, parameters);
        guarded.find();
        guarded.findMasked();
        return guarded;
    }

    /** Whether a node is one of them. */
    boolean contains(Node node) {
        return found.contains(node.output());
    }

    /**
     * Whether a value comes from an operator of these, or from one of fully masked elements, so that elements may be
     * infinite or no numbers in branches that are not taken.
     */
    boolean isWild(String value) {
        return wild.contains(value) || masked.contains(value);
    }

    /**
     * A Softmax of nothing but negative infinity is no number, which exporters replace afterwards by a Where of IsNaN,
     * or where the largest element equals infinity. Most masks leave something; so this alone does not make the nodes
     * around it guarded ones.
     */
    private void findMasked() {
        if (graph.nodes().stream().noneMatch(n -> ASKS.contains(n.op()))) {
            return;
        }
        boolean isAsked = false;
        Set<String> infinite = new HashSet<>();
        graph.initializers().forEach((name, tensor) -> {
            if (!parameters.contains(name)
                    && tensor.type().isDifferentiable()
                    && tensor.size() <= ValueRanges.LARGEST
                    && Arrays.stream(tensor.toDoubles()).anyMatch(Double::isInfinite)) {
                infinite.add(name);
            }
        });
        for (Node node : graph.nodes()) {
            boolean soft = node.op().equals("Softmax") || node.op().equals("LogSoftmax");
            boolean reached = node.inputs().stream().anyMatch(infinite::contains);
            isAsked |= ASKS.contains(node.op()) && (reached || node.op().equals("IsNaN"));
            if (reached && !soft) {
                infinite.addAll(node.outputs());
            }
            if (reached && soft
                    || !node.op().equals("Where") && node.inputs().stream().anyMatch(masked::contains)) {
                masked.addAll(node.outputs());
            }
        }
        if (!isAsked) {
            masked.clear();
        }
    }

    private void find() {
        List<Node> moving = new ArrayList<>();
        Set<String> sources = new HashSet<>();
        for (Node node : graph.nodes()) {
            // sizes are no data
            boolean varies = !OperatorTraits.of(node).has(Trait.TELLS_SIZES)
                    && node.inputs().stream().anyMatch(varying::contains);
            if (varies) {
                varying.addAll(node.outputs());
            }
            if (node.inputs().stream().anyMatch(active::contains)
                    && !(node.domain().isEmpty() && Rules.TABLE.isConstant(node.op()))) {
                active.addAll(node.outputs());
                moving.add(node);
            }
            if (varies && node.domain().isEmpty() && isSingular(node)) {
                sources.add(node.output());
            }
            if (sources.contains(node.output()) || node.inputs().stream().anyMatch(wild::contains)) {
                wild.addAll(node.outputs());
            }
        }
        Set<String> before = new HashSet<>();
        for (int i = moving.size() - 1; i >= 0; i--) {
            Node node = moving.get(i);
            boolean leads =
                    sources.contains(node.output()) || node.outputs().stream().anyMatch(before::contains);
            if (leads) {
                before.addAll(node.inputs());
            }
            if (leads || node.outputs().stream().anyMatch(wild::contains)) {
                found.add(node.output());
            }
        }
    }

    private boolean isSingular(Node node) {
        Singularity singularity = Rules.TABLE.singularity(node.op());
        return singularity != null && singularity.isPossible(node, this);
    }

    @Override
    public Range range(String value) {
        return ranges.find(value);
    }

    @Override
    public boolean isDivisor(String name) {
        // a parameter too: f is infinite where it is 0, and it comes to exactly 0 only if it is so in the file
        Tensor constant = graph.initializers().get(ranges.source(name));
        if (constant != null && constant.type().isDifferentiable()) {
            return Arrays.stream(constant.toDoubles()).allMatch(d -> Math.abs(d) > Singularity.AWAY);
        }
        // what is computed from sizes is the same for all data, and f is nowhere finite if it is 0
        return !varying.contains(name)
                || ranges.isWithoutZeros(name)
                || ranges.find(name).isAwayFromZero(Singularity.AWAY);
    }

    @Override
    public boolean isWholePower(String name) {
        Tensor exponent = active.contains(name) ? null : graph.initializers().get(name);
        return exponent != null && Arrays.stream(exponent.toDoubles()).allMatch(p -> p == Math.rint(p) && p >= 0);
    }
}
