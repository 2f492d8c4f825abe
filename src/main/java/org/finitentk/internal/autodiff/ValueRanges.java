package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.onnx.OperatorTraits;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Between which numbers a graph's values lie, whatever its inputs and parameters are, as far as that is easily seen: a
 * variance plus an epsilon is never 0.
 */
final class ValueRanges {
    private static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    private static final Range NOT_NEGATIVE = new Range(0, Double.POSITIVE_INFINITY);
    /** Larger constants are not gone through. */
    static final long LARGEST = 1 << 20;

    private static final Set<String> MOVING = Set.of(
            "Identity", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Slice", "Gather", "Tile");
    private static final Set<String> POSITIVE = Set.of("Softplus", "ReduceSumSquare", "ReduceL1", "ReduceL2", "Exp");

    /** Both ends belong to it. */
    record Range(double low, double high) {
        boolean isWithin(double least, double most) {
            return low >= least && high <= most;
        }

        /** Whether all numbers are farther from 0 than this. */
        boolean isAwayFromZero(double distance) {
            return low > distance || high < -distance;
        }

        Range or(Range other) {
            return new Range(Math.min(low, other.low), Math.max(high, other.high));
        }
    }

    private final Map<String, Range> ranges = new HashMap<>();
    private final Map<String, Node> producers = new HashMap<>();

    /** Of a graph whose parameters may have any value. */
    ValueRanges(Graph graph, Set<String> parameters) {
        graph.initializers().forEach((name, tensor) -> {
            Range range = parameters.contains(name) ? null : of(tensor);
            if (range != null) {
                ranges.put(name, range);
            }
        });
        for (Node node : graph.nodes()) {
            node.outputs().forEach(o -> producers.put(o, node));
            if (node.domain().isEmpty()) {
                Range range = of(node);
                if (!range.equals(ANY) && !Double.isNaN(range.low) && !Double.isNaN(range.high)) {
                    node.outputs().forEach(o -> ranges.put(o, range));
                }
            }
        }
    }

    Range find(String name) {
        return ranges.getOrDefault(name, ANY);
    }

    /** The value whose elements, all or some, a value consists of, as far back as that goes. */
    String source(String name) {
        String source = name;
        for (Node n = producers.get(name);
                n != null && n.domain().isEmpty() && MOVING.contains(n.op());
                n = producers.get(source)) {
            source = n.input(0);
        }
        return source;
    }

    /** Whether a value is another one with something else for its zeros, as a normalization by a length has it. */
    boolean isWithoutZeros(String name) {
        Node where = producers.get(name);
        Node condition = where != null && where.op().equals("Where") ? producers.get(where.input(0)) : null;
        if (where == null || condition == null || !condition.op().equals("Equal")) {
            return false;
        }
        boolean sameValue = condition.input(0).equals(where.input(2))
                && find(condition.input(1)).isWithin(0, 0);
        return sameValue && find(where.input(1)).isAwayFromZero(0);
    }

    private static @Nullable Range of(Tensor tensor) {
        boolean readable =
                tensor.size() > 0 && tensor.size() <= LARGEST && tensor.type().isDifferentiable();
        double[] elements = readable ? tensor.toDoubles() : new double[0];
        if (elements.length == 0 || Arrays.stream(elements).anyMatch(Double::isNaN)) {
            return null;
        }
        return new Range(
                Arrays.stream(elements).min().orElseThrow(),
                Arrays.stream(elements).max().orElseThrow());
    }

    private Range in(Node node, int i) {
        return find(node.input(i));
    }

    private Range of(Node node) {
        String op = node.op();
        OperatorTraits traits = OperatorTraits.of(node);
        if (traits.has(Trait.ARRANGES) || traits.has(Trait.REPEATS) || traits.has(Trait.STAYS_WITHIN)) {
            return in(node, 0);
        }
        if (traits.has(Trait.GIVES_SHARES)) {
            return new Range(0, 1);
        }
        if (POSITIVE.contains(op)) {
            return op.equals("Exp") ? new Range(Math.exp(in(node, 0).low), Math.exp(in(node, 0).high)) : NOT_NEGATIVE;
        }
        return switch (op) {
            case "Add" -> new Range(in(node, 0).low + in(node, 1).low, in(node, 0).high + in(node, 1).high);
            case "Sub" -> difference(node);
            case "Neg" -> new Range(-in(node, 0).high, -in(node, 0).low);
            case "Mul" -> product(node);
            case "Div", "Reciprocal" -> quotient(node);
            case "Pow" -> power(node);
            case "Abs" -> absolute(in(node, 0));
            case "Relu" -> new Range(Math.max(0, in(node, 0).low), Math.max(0, in(node, 0).high));
            case "Sqrt" -> new Range(Math.sqrt(Math.max(0, in(node, 0).low)), Math.sqrt(Math.max(0, in(node, 0).high)));
            case "Tanh", "Erf", "Sin", "Cos", "Softsign", "Sign" -> new Range(-1, 1);
            case "ReduceSum" ->
                new Range(
                        in(node, 0).low >= 0 ? in(node, 0).low : Double.NEGATIVE_INFINITY,
                        in(node, 0).high <= 0 ? in(node, 0).high : Double.POSITIVE_INFINITY);
            // beside the data there may be zeros
            case "AveragePool" -> in(node, 0).or(new Range(0, 0));
            case "Clip" -> clipped(node);
            case "Max" -> extremum(node, true);
            case "Min" -> extremum(node, false);
            case "Where" -> in(node, 1).or(in(node, 2));
            case "Concat" ->
                node.inputs().stream().map(this::find).reduce(Range::or).orElse(ANY);
            // of one axis; a network of arrays without elements computes nothing
            case "Shape", "Size" -> new Range(1, Double.POSITIVE_INFINITY);
            default -> ANY;
        };
    }

    /** x minus its maximum, as in a Softmax of plain operators, is not positive. */
    private Range difference(Node node) {
        Node second = producers.get(node.input(1));
        boolean fromMaximum = second != null
                && second.op().equals("ReduceMax")
                && second.input(0).equals(node.input(0));
        return new Range(in(node, 0).low - in(node, 1).high, fromMaximum ? 0 : in(node, 0).high - in(node, 1).low);
    }

    private static Range absolute(Range x) {
        return x.low >= 0 ? x : x.high <= 0 ? new Range(-x.high, -x.low) : new Range(0, Math.max(-x.low, x.high));
    }

    private Range product(Node node) {
        Range a = in(node, 0);
        Range b = in(node, 1);
        if (node.input(0).equals(node.input(1))) {
            Range size = absolute(a);
            return new Range(size.low * size.low, size.high * size.high);
        }
        double[] corners = {times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)};
        return new Range(
                Arrays.stream(corners).min().orElseThrow(),
                Arrays.stream(corners).max().orElseThrow());
    }

    private static double times(double a, double b) {
        return a == 0 || b == 0 ? 0 : a * b;
    }

    private Range quotient(Node node) {
        boolean reciprocal = node.op().equals("Reciprocal");
        Range up = reciprocal ? new Range(1, 1) : in(node, 0);
        Range down = reciprocal ? in(node, 0) : in(node, 1);
        if (up.low < 0 || down.low < 0) {
            return ANY;
        }
        return new Range(
                up.low == 0 ? 0 : up.low / down.high, down.low == 0 ? Double.POSITIVE_INFINITY : up.high / down.low);
    }

    private Range power(Node node) {
        Range exponent = in(node, 1);
        boolean even = exponent.low == exponent.high && exponent.low % 2 == 0;
        if (exponent.low == exponent.high && (in(node, 0).low >= 0 || exponent.low == 2)) {
            Range base = absolute(in(node, 0));
            double a = Math.pow(base.low, exponent.low);
            double b = Math.pow(base.high, exponent.low);
            return new Range(Math.min(a, b), Math.max(a, b));
        }
        return even || in(node, 0).low >= 0 ? NOT_NEGATIVE : ANY;
    }

    private Range clipped(Node node) {
        double low = node.hasInput(1) ? in(node, 1).low : Double.NEGATIVE_INFINITY;
        double high = node.hasInput(2) ? in(node, 2).high : Double.POSITIVE_INFINITY;
        return new Range(
                Math.min(high, Math.max(low, in(node, 0).low)), Math.max(low, Math.min(high, in(node, 0).high)));
    }

    private Range extremum(Node node, boolean greatest) {
        List<Range> all = node.inputs().stream().map(this::find).toList();
        double low = all.stream()
                .mapToDouble(Range::low)
                .reduce(greatest ? Math::max : Math::min)
                .orElseThrow();
        double high = all.stream()
                .mapToDouble(Range::high)
                .reduce(greatest ? Math::max : Math::min)
                .orElseThrow();
        return new Range(low, high);
    }
}
