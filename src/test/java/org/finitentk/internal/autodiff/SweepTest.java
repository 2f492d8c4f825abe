package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Derivatives of elementwise operators over all numbers of a type, from the smallest subnormal one to the largest, of
 * both signs: forward and reverse, in float32 by ONNX Runtime against float64, and in float64 by the reference
 * interpreter against formulas that do without squares.
 */
final class SweepTest {
    /** Families of functions of numbers; those of others move elements or are linear. */
    private static final List<String> FAMILIES = List.of("Elementwise", "Activation", "Reduction");
    /** Operators of these that are linear, or make one number of many. */
    private static final Set<String> NOT_SWEPT = Set.of(
            "Add", "Sub", "Sum", "Mean", "Softmax", "LogSoftmax", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin");

    private final List<SweptRow> rows = new ArrayList<>();

    SweepTest() {
        rows.addAll(ElementwiseRows.functions());
        rows.addAll(ActivationRows.functions());
        powersAndQuotients();
    }

    private void binary(String name, SweptRow.UnaryNode body, double low, DoubleUnaryOperator derivative) {
        rows.add(SweptRow.of(name, body, derivative).within(low, Double.MAX_VALUE));
    }

    private void powersAndQuotients() {
        for (double p : new double[] {2, 3, -1, -2, 0.5, -0.5, 1.5, 1, 0, 7}) {
            double low = p == Math.rint(p) ? -Double.MAX_VALUE : 0;
            binary("Pow " + p, (n, x) -> n.op("Pow", x, n.scalar(p)), low, x -> p == 0 ? 0 : p * power(x, p - 1));
        }
        binary(
                "Pow of a constant base",
                (n, x) -> n.op("Pow", n.scalar(1.5), x),
                -Double.MAX_VALUE,
                x -> Math.pow(1.5, x) * Math.log(1.5));
        binary("Div by a constant", (n, x) -> n.op("Div", x, n.scalar(3)), -Double.MAX_VALUE, x -> 1 / 3.0);
        binary("Div of a constant", (n, x) -> n.op("Div", n.scalar(3), x), -Double.MAX_VALUE, x -> -3 / x / x);
        binary("Mul by itself", (n, x) -> n.op("Mul", x, x), -Double.MAX_VALUE, x -> 2 * x);
        binary("Mul by a constant", (n, x) -> n.op("Mul", x, n.scalar(0.3f)), -Double.MAX_VALUE, x -> 0.3f);
        binary(
                "Mod",
                (n, x) -> n.op("Mod", new Attributes().integer("fmod", 1), x, n.scalar(3)),
                -Double.MAX_VALUE,
                x -> 1);
        binary("Max", (n, x) -> n.op("Max", x, n.scalar(0)), -Double.MAX_VALUE, ActivationRows::step);
        binary("Min", (n, x) -> n.op("Min", x, n.scalar(0)), -Double.MAX_VALUE, x -> 1 - ActivationRows.step(x));
        binary(
                "Clip",
                (n, x) -> n.op("Clip", x, n.scalar(-2), n.scalar(2)),
                -Double.MAX_VALUE,
                x -> Math.abs(x) <= 2 ? 1 : 0);
        binary(
                "Where",
                (n, x) -> n.op("Where", n.op("Greater", x, n.scalar(0)), n.op("Sqrt", x), x),
                -Double.MAX_VALUE,
                x -> x > 0 ? 0.5 / Math.sqrt(x) : 1);
        for (String op :
                List.of("ReduceL2", "ReduceL1", "ReduceLogSumExp", "ReduceSumSquare", "ReduceProd", "ReduceLogSum")) {
            boolean logarithm = op.equals("ReduceLogSum");
            DoubleUnaryOperator derivative =
                    switch (op) {
                        case "ReduceLogSumExp" -> x -> 1;
                        case "ReduceSumSquare" -> x -> 2 * x;
                        case "ReduceProd" -> x -> 1;
                        case "ReduceLogSum" -> x -> 1 / x;
                        // the norm itself is 0, or has few digits, where squares are no normal numbers
                        case "ReduceL2" -> x -> Math.abs(x) < 2e-19 ? Double.NaN : Math.signum(x);
                        default -> Math::signum;
                    };
            binary(
                    op + " of one element",
                    (n, x) -> n.op(op, n.op("Unsqueeze", x, n.longs(2)), n.longs(2)),
                    logarithm ? 0 : -Double.MAX_VALUE,
                    derivative);
        }
    }

    private static double power(double x, double p) {
        return x < 0 && p != Math.rint(p) ? Double.NaN : Math.pow(x, p);
    }

    /** Both signs of a few numbers in every decade, and the ends; not 0, which the other tests have. */
    private static double[] numbers(SweptRow row, boolean single) {
        List<Double> all = new ArrayList<>();
        double least = single ? Float.MIN_VALUE : Double.MIN_VALUE;
        double most = single ? Float.MAX_VALUE : Double.MAX_VALUE;
        for (int e = single ? -45 : -323; e <= (single ? 38 : 308); e++) {
            for (double m : new double[] {1, 1.9, 3.7, 6.1}) {
                all.add(m * Math.pow(10, e));
            }
        }
        for (double near : new double[] {1e-7, 1e-5, 1e-3, 1e-2, 0.1}) {
            all.add(1 - near);
            all.add(1 + near);
        }
        all.addAll(List.of(least, most, single ? Float.MIN_NORMAL : Double.MIN_NORMAL));
        return all.stream()
                .flatMap(x -> Stream.of(x, -x))
                .mapToDouble(x -> single ? (float) (double) x : x)
                .filter(x -> x != 0 && Double.isFinite(x) && Math.abs(x) <= most)
                .filter(x -> x > row.low() && x < row.high())
                .toArray();
    }

    @Test
    void everyElementwiseOperatorIsSwept() throws ReflectiveOperationException {
        Set<String> left = new HashSet<>();
        for (String family : FAMILIES) {
            left.addAll(FamiliesTest.rules(family).supported());
        }
        left.removeIf(op -> NOT_SWEPT.contains(op)
                || Rules.TABLE.isConstant(op)
                || rows.stream().anyMatch(row -> row.name().startsWith(op)));
        assertEquals(Set.of(), left);
    }

    @TestFactory
    Stream<DynamicTest> derivatives() {
        return rows.stream()
                .flatMap(row -> Stream.of(
                        DynamicTest.dynamicTest(row.name() + " in float32", () -> check(row, true)),
                        DynamicTest.dynamicTest(row.name() + " in float64", () -> check(row, false))));
    }

    /** Where f has no value, it has no derivative: a kernel there would be one of nothing. */
    @TestFactory
    Stream<DynamicTest> noValueHasADerivativeThatIsNoNumber() {
        return rows.stream()
                .flatMap(row -> Stream.of(
                        DynamicTest.dynamicTest(row.name() + " in float32", () -> checkNoValues(row, true)),
                        DynamicTest.dynamicTest(row.name() + " in float64", () -> checkNoValues(row, false))));
    }

    private static void checkNoValues(SweptRow row, boolean single) throws OrtException {
        double[] x = Arrays.stream(new double[] {1e-30, 0.5, 1.5, 5, 1e10, 3e38})
                .flatMap(size -> DoubleStream.of(size, -size))
                .toArray();
        products(row, single, x, (graph, f, found) -> {
            List<String> wrong = new ArrayList<>();
            for (int i = 0; i < x.length; i++) {
                if (Double.isNaN(f[i]) && Double.isFinite(found[i])) {
                    wrong.add("at " + x[i] + ": " + found[i]);
                }
            }
            assertEquals(List.of(), wrong, row.name() + ", " + graph);
        });
    }

    private static void check(SweptRow row, boolean single) throws OrtException {
        double[] x = numbers(row, single);
        products(row, single, x, (graph, f, found) -> compare(row, graph, single, x, f, found));
    }

    /** What is to be said of f and a product with ones. */
    private interface Products {
        void accept(String graph, double[] f, double[] found);
    }

    private static void products(SweptRow row, boolean single, double[] x, Products action) throws OrtException {
        ElementType type = single ? ElementType.FLOAT : ElementType.DOUBLE;
        Net net = new Net(type);
        String data = net.x(x.length);
        String p = net.p(x.length);
        String y = row.body().apply(net, net.op("Add", data, p));
        Graph drawn = net.graph(y);
        Map<String, Tensor> initializers = new LinkedHashMap<>(drawn.initializers());
        initializers.put(p, Tensor.ofReals(type, new double[x.length], x.length));
        Linearization l = Linearization.of(
                new Graph("sweep", drawn.inputs(), drawn.outputs(), initializers, drawn.nodes()),
                DerivativeChecker.PARAMETERS);
        double[] ones = new double[x.length];
        Arrays.fill(ones, 1);
        Map<String, NdArray> feeds = new LinkedHashMap<>();
        feeds.put(data, new NdArray(type, new int[] {1, x.length}, x));
        feeds.put(Linearization.TANGENT, new NdArray(type, new int[] {x.length}, ones));
        feeds.put(Linearization.COTANGENT, new NdArray(type, new int[] {1, x.length}, ones));
        for (Graph graph : List.of(l.jvp(), l.vjp())) {
            Map<String, NdArray> out = run(graph, feeds, single);
            double[] f = java.util.Objects.requireNonNull(
                            out.get(graph.outputs().get(0).name()))
                    .data();
            double[] found = java.util.Objects.requireNonNull(
                            out.get(graph.outputs().get(1).name()))
                    .data();
            action.accept(graph.name(), f, found);
        }
    }

    private static Map<String, NdArray> run(Graph graph, Map<String, NdArray> feeds, boolean single)
            throws OrtException {
        if (!single) {
            return ReferenceInterpreter.run(graph, feeds);
        }
        try (OrtRunner ort = new OrtRunner(graph)) {
            return ort.run(feeds);
        }
    }

    private static void compare(SweptRow row, String graph, boolean single, double[] x, double[] f, double[] found) {
        double most = single ? Float.MAX_VALUE : Double.MAX_VALUE;
        double eps = single ? 1.2e-7 : 2.3e-16;
        int compared = 0;
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            double expected = row.derivative().applyAsDouble(x[i]);
            if (!Double.isFinite(f[i]) || !(Math.abs(expected) <= most / 4)) {
                continue;
            }
            compared++;
            // what is below the smallest normal number may be any of the numbers there, or 0
            double tolerance = 40 * eps * Math.abs(expected)
                    + 4 * eps * row.scale()
                    + 2 * (single ? Float.MIN_NORMAL : Double.MIN_NORMAL);
            if (!(Math.abs(found[i] - expected) <= tolerance)) {
                wrong.add("at " + x[i] + ": " + found[i] + " instead of " + expected + " (f = " + f[i] + ")");
            }
        }
        assertEquals(List.of(), wrong, row.name() + ", " + graph);
        assertTrue(compared > x.length / 10, compared + " of " + x.length + " numbers compared: the row tests nothing");
    }
}
