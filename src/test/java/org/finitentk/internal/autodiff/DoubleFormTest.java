package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Retyping;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Forms for float64 of operators that ONNX Runtime has for float32, over the whole range of the type; {@link RulesTest}
 * has the networks.
 */
final class DoubleFormTest {
    private static final double[] SIZES = {
        0, 1e-300, 1e-20, 1e-9, 1e-5, 0.1, 0.25, 0.49999, 0.5, 0.75, 0.99999, 1, 1.00001, 1.5, 2, 3, 5.9, 6.1, 20, 45,
        300, 1e5, 1e10, 1e160, 1e308
    };

    private static DynamicTest function(
            String op, Attributes attributes, DoubleUnaryOperator expected, double least, double most) {
        return DynamicTest.dynamicTest(op, () -> {
            double[] x = Arrays.stream(SIZES)
                    .flatMap(v -> DoubleStream.of(v, -v))
                    .filter(v -> v >= least && v <= most)
                    .toArray();
            double[] y = run(op, attributes, x);
            for (int i = 0; i < x.length; i++) {
                double right = expected.applyAsDouble(x[i]);
                assertEquals(right, y[i], 4e-15 * Math.max(Math.abs(right), Double.MIN_NORMAL), op + " of " + x[i]);
            }
            assertTrue(Double.isNaN(run(op, attributes, new double[] {Double.NaN})[0]), op + " of NaN");
        });
    }

    private static double[] run(String op, Attributes attributes, double[] x) throws OrtException {
        Node node = new Node("the_node", "", op, List.of("x"), List.of("y"), attributes.build());
        Graph graph = new Graph(
                "one",
                List.of(new ValueInfo("x", ElementType.DOUBLE, List.of("batch"))),
                List.of(new ValueInfo("y", ElementType.DOUBLE, List.of("batch"))),
                Map.of(),
                List.of(node));
        try (OrtRunner ort = new OrtRunner(DoubleForm.of(graph))) {
            return Objects.requireNonNull(ort.run(Map.of("x", new NdArray(ElementType.DOUBLE, new int[] {x.length}, x)))
                            .get("y"))
                    .data();
        }
    }

    @TestFactory
    Stream<DynamicTest> functions() {
        Attributes none = new Attributes();
        double all = Double.MAX_VALUE;
        return Stream.of(
                function("Atan", none, Math::atan, -all, all),
                function("Asin", none, Math::asin, -1, 1),
                function("Acos", none, Math::acos, -1, 1),
                function("Sinh", none, Math::sinh, -all, all),
                function("Cosh", none, Math::cosh, -all, all),
                function("Tan", none, Math::tan, -0.5, 0.5),
                function("Asinh", none, x -> Math.signum(x) * asinh(Math.abs(x)), -all, all),
                function("Acosh", none, DoubleFormTest::acosh, 1, all),
                function("Atanh", none, x -> (Math.log1p(x) - Math.log1p(-x)) / 2, -1, 1),
                function("Erf", none, DoubleFormTest::erf, -all, all),
                function("Softplus", none, x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), -all, all),
                function("Elu", new Attributes().real("alpha", 1.5f), x -> x > 0 ? x : 1.5 * Math.expm1(x), -all, all),
                function(
                        "Celu",
                        new Attributes().real("alpha", 0.5f),
                        x -> x > 0 ? x : 0.5 * Math.expm1(x / 0.5),
                        -all,
                        all),
                function(
                        "Selu",
                        new Attributes().real("alpha", 2).real("gamma", 0.5f),
                        x -> 0.5 * (x > 0 ? x : 2 * Math.expm1(x)),
                        -all,
                        all),
                function("LeakyRelu", new Attributes().real("alpha", 0.25f), x -> x > 0 ? x : 0.25 * x, -all, all),
                function("Softsign", none, x -> x / (1 + Math.abs(x)), -all, all),
                function("HardSigmoid", none, x -> Math.max(0, Math.min(1, 0.2f * x + 0.5)), -all, all));
    }

    private static double asinh(double x) {
        return x > 1e8 ? Math.log(x) + Math.log(2) : Math.log1p(x + x * x / (1 + Math.sqrt(1 + x * x)));
    }

    private static double acosh(double x) {
        return x > 1e8 ? Math.log(x) + Math.log(2) : Math.log1p(x - 1 + Math.sqrt((x - 1) * (x + 1)));
    }

    /** The reference's series ends at 1; near 0 it is linear. */
    private static double erf(double x) {
        return Math.abs(x) < 1e-5
                ? x * 2 / Math.sqrt(Math.PI)
                : Math.abs(x) > 6 ? Math.signum(x) : ReferenceElementwise.erf(x);
    }

    @Test
    void cosineIsAccurateOnTheScaleOfItsRange() throws OrtException {
        double[] x = {0, 1e-9, 0.5, 1.5707963, 3, -40, 1e4};
        double[] y = run("Cos", new Attributes(), x);
        for (int i = 0; i < x.length; i++) {
            assertEquals(Math.cos(x[i]), y[i], 1e-15);
        }
    }

    /**
     * Operators without a form: ONNX Runtime has none for float64 indeed, and the network is refused by name when it is
     * opened.
     */
    @Test
    void whatHasNoFormIsRefusedByName() {
        Tensor w = Tensor.ofDoubles(new double[] {1, 2, 3, 4}, 2, 2);
        List<Node> nodes = List.of(
                new Node("determinant", "", "Det", List.of("c"), List.of("d"), Map.of()),
                new Node("moved", "", "Add", List.of("x", "d"), List.of("h"), Map.of()),
                new Node("dense", "", "MatMul", List.of("h", "w"), List.of("y"), Map.of()));
        List<ValueInfo> inputs = List.of(new ValueInfo("x", ElementType.DOUBLE, List.of("batch", "2")));
        List<ValueInfo> outputs = List.of(new ValueInfo("y", ElementType.DOUBLE, List.of("batch", "2")));
        Graph graph = new Graph("volume", inputs, outputs, Map.of("w", w, "c", w), nodes);
        assertThrows(OrtException.class, () -> new OrtRunner(graph).close());
        InvalidModelException refused = assertThrows(
                InvalidModelException.class,
                () -> Linearization.of(graph, new ParameterSelection(Pattern.compile("^w$"), null)));
        assertTrue(
                String.valueOf(refused.getMessage()).startsWith("node 'determinant' (Det) has a float64 input"),
                refused.getMessage());
    }

    private static Graph doubles(String output, List<Node> nodes, Map<String, Tensor> constants, String... dims) {
        List<String> all =
                Stream.concat(Stream.of("batch"), Arrays.stream(dims)).toList();
        return new Graph(
                "g",
                List.of(new ValueInfo("x", ElementType.DOUBLE, all)),
                List.of(new ValueInfo(output, ElementType.DOUBLE, List.of())),
                constants,
                nodes);
    }

    private static Node node(String op, String output, Attributes attributes, String... inputs) {
        return new Node("the_" + output, "", op, List.of(inputs), List.of(output), attributes.build());
    }

    private static double[] run(Graph graph, double[] x, int... shape) throws OrtException {
        assertThrows(OrtException.class, () -> new OrtRunner(graph).close());
        try (OrtRunner ort = new OrtRunner(DoubleForm.of(graph))) {
            return ort.run(Map.of("x", new NdArray(ElementType.DOUBLE, shape, x)))
                    .values()
                    .iterator()
                    .next()
                    .data();
        }
    }

    @Test
    void whatOnlyPrecedesWeights() throws OrtException {
        Graph hardmax =
                doubles("y", List.of(node("Hardmax", "y", new Attributes().integer("axis", 1), "x")), Map.of(), "3");
        assertArrayEquals(new double[] {0, 1, 0, 1, 0, 0}, run(hardmax, new double[] {1, 3, 2, 5, 5, 0}, 2, 3));
        Graph pool = doubles(
                "y", List.of(node("GlobalLpPool", "y", new Attributes().integer("p", 3), "x")), Map.of(), "1", "3");
        assertArrayEquals(new double[] {Math.cbrt(1 + 8 + 27)}, run(pool, new double[] {1, -2, 3}, 1, 1, 3), 1e-15);
        Graph windows = doubles(
                "y",
                List.of(node(
                        "LpPool",
                        "y",
                        new Attributes().integers("kernel_shape", 2).integers("pads", 1, 0),
                        "x")),
                Map.of(),
                "1",
                "3");
        assertArrayEquals(
                new double[] {1, Math.sqrt(5), Math.sqrt(13)}, run(windows, new double[] {1, -2, 3}, 1, 1, 3), 1e-15);
        Graph present = doubles(
                "y",
                List.of(
                        node("NonZero", "i", new Attributes(), "x"),
                        node("Cast", "y", new Attributes().integer("to", ElementType.DOUBLE.code()), "i")),
                Map.of());
        assertArrayEquals(new double[] {1, 3}, run(present, new double[] {0, 1e-300, 0, -2}, 4));
        Map<String, Tensor> offOn =
                Map.of("depth", Tensor.ofLongs(new long[] {3}), "values", Tensor.ofDoubles(new double[] {0.5, 2.5}, 2));
        Graph oneHot = doubles(
                "y",
                List.of(
                        node("Cast", "i", new Attributes().integer("to", ElementType.INT64.code()), "x"),
                        node("OneHot", "y", new Attributes(), "i", "depth", "values")),
                offOn);
        assertArrayEquals(new double[] {0.5, 2.5, 0.5}, run(oneHot, new double[] {1}, 1));
    }

    @Test
    void float32NetworkInFloat64() throws OrtException {
        Net net = new Net(ElementType.FLOAT);
        String x = net.op("Softplus", net.op("Conv", net.x(2, 6, 6), net.p(3, 2, 3, 3)));
        String resized = net.op(
                "Resize",
                new Attributes().string("mode", "linear"),
                x,
                "",
                net.tensor(Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4)));
        String scaled = net.op("Mul", resized, net.op("ConstantOfShape", net.longs(1)));
        Graph graph = net.graph(net.op(
                "Add", net.op("Cast", new Attributes().integer("to", ElementType.FLOAT.code()), resized), scaled));
        Graph wide = Retyping.float64(graph);
        assertEquals(ElementType.DOUBLE, wide.inputs().get(0).type());
        Linearization single = Linearization.of(graph, DerivativeChecker.PARAMETERS);
        Linearization exact = Linearization.of(wide, DerivativeChecker.PARAMETERS);
        assertEquals(ElementType.DOUBLE, exact.elementType());
        assertEquals(single.parameters(), exact.parameters());
        Map<String, NdArray> feeds = net.draw(2, 1);
        Map<String, NdArray> doubles = Map.of(
                "x0",
                new NdArray(
                        ElementType.DOUBLE,
                        Objects.requireNonNull(feeds.get("x0")).shape(),
                        Objects.requireNonNull(feeds.get("x0")).data()));
        try (OrtRunner floats = new OrtRunner(single.forward());
                OrtRunner wides = new OrtRunner(DoubleForm.of(exact.forward()))) {
            double[] expected = floats.run(feeds).values().iterator().next().data();
            double[] found = wides.run(doubles).values().iterator().next().data();
            double[] reference = ReferenceInterpreter.run(exact.forward(), doubles)
                    .values()
                    .iterator()
                    .next()
                    .data();
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 1e-5 * Math.abs(expected[i]) + 1e-5);
                assertEquals(reference[i], found[i], 1e-13 * Math.abs(reference[i]) + 1e-13);
            }
        }
    }
}
