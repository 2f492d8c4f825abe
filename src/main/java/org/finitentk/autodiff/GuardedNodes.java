package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.autodiff.ValueRanges.Range;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;

/**
 * Finds the nodes where 0 · inf has to be 0: those before and behind an operator whose derivative can be infinite, or no number, at finite inputs, and that operator itself.
 * There, a zero factor says that a branch is not taken. Most networks have none: a square root of a variance plus an epsilon is not one.
 */
final class GuardedNodes {
    /** Farther from 0 than this, a number's reciprocal, its square and its square root's reciprocal are ordinary numbers. */
    private static final double AWAY = 1e-18;
    /** The exponential function of less is an ordinary number in single precision. */
    private static final double LARGEST_EXPONENT = 80;
    private static final Set<String> SIZES = Set.of("Shape", "Size");

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

    /** Whether a value comes from an operator of these, or from one of fully masked elements, so that elements may be infinite or no numbers in branches that are not taken. */
    boolean isWild(String value) {
        return wild.contains(value) || masked.contains(value);
    }

    /**
     * A Softmax of nothing but negative infinity is no number, which exporters replace afterwards by a Where of IsNaN. Most masks leave something; so this alone does not make
     * the nodes around it guarded ones.
     */
    private void findMasked() {
        if (graph.nodes().stream().noneMatch(n -> n.op().equals("IsNaN"))) {
            return;
        }
        Set<String> infinite = new HashSet<>();
        graph.initializers().forEach((name, tensor) -> {
            if (!parameters.contains(name) && tensor.type().isDifferentiable() && tensor.size() <= ValueRanges.LARGEST && Arrays.stream(tensor.toDoubles()).anyMatch(Double::isInfinite)) {
                infinite.add(name);
            }
        });
        for (Node node : graph.nodes()) {
            boolean soft = node.op().equals("Softmax") || node.op().equals("LogSoftmax");
            boolean reached = node.inputs().stream().anyMatch(infinite::contains);
            if (reached && !soft) {
                infinite.addAll(node.outputs());
            }
            if (reached && soft || !node.op().equals("Where") && node.inputs().stream().anyMatch(masked::contains)) {
                masked.addAll(node.outputs());
            }
        }
    }

    private void find() {
        List<Node> moving = new ArrayList<>();
        Set<String> sources = new HashSet<>();
        for (Node node : graph.nodes()) {
            // sizes are no data
            boolean varies = !SIZES.contains(node.op()) && node.inputs().stream().anyMatch(varying::contains);
            if (varies) {
                varying.addAll(node.outputs());
            }
            if (node.inputs().stream().anyMatch(active::contains) && !(node.domain().isEmpty() && Rules.isConstant(node.op()))) {
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
            boolean leads = sources.contains(node.output()) || node.outputs().stream().anyMatch(before::contains);
            if (leads) {
                before.addAll(node.inputs());
            }
            if (leads || node.outputs().stream().anyMatch(wild::contains)) {
                found.add(node.output());
            }
        }
    }

    /** Whether the derivative, or the value that others are multiplied with, can be infinite or no number at finite inputs. */
    private boolean isSingular(Node node) {
        Range x = ranges.find(node.input(0));
        return switch (node.op()) {
            case "Sqrt", "Log", "ReduceLogSum" -> !(x.low() > AWAY);
            case "Reciprocal" -> !isDivisor(node.input(0));
            case "Div" -> !isDivisor(node.input(1));
            case "Pow" -> isSingularPower(node);
            case "Asin", "Acos", "Atanh" -> !x.isWithin(-0.999, 0.999);
            case "Acosh" -> !(x.low() > 1.001);
            case "Exp" -> !(x.high() <= LARGEST_EXPONENT);
            case "Sinh", "Cosh" -> !x.isWithin(-LARGEST_EXPONENT, LARGEST_EXPONENT);
            default -> false;
        };
    }

    private boolean isDivisor(String name) {
        // a parameter too: f is infinite where it is 0, and it comes to exactly 0 only if it is so in the file
        Tensor constant = graph.initializers().get(ranges.source(name));
        if (constant != null && constant.type().isDifferentiable()) {
            return Arrays.stream(constant.toDoubles()).allMatch(d -> Math.abs(d) > AWAY);
        }
        // what is computed from sizes is the same for all data, and f is nowhere finite if it is 0
        return !varying.contains(name) || ranges.isWithoutZeros(name) || ranges.find(name).isAwayFromZero(AWAY);
    }

    /** x^p is not where p is a whole number of at least 1, or 0, or x stays away from 0. */
    private boolean isSingularPower(Node node) {
        Tensor exponent = active.contains(node.input(1)) ? null : graph.initializers().get(node.input(1));
        boolean whole = exponent != null && Arrays.stream(exponent.toDoubles()).allMatch(p -> p == Math.rint(p) && p >= 0);
        return !whole && !(ranges.find(node.input(0)).low() > AWAY);
    }
}
