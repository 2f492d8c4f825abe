package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Norms and normalizations of data from 1e-30 to 1e30: in float32 the derivative is right wherever the function itself
 * is.
 */
final class NormScaleTest {
    private final Map<String, Function<Net, String>> networks = new LinkedHashMap<>();

    private void networks() {
        for (String op :
                List.of("ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare", "ReduceMax", "ReduceMean")) {
            networks.put(op, n -> n.op(op, n.active(6), n.longs(1)));
        }
        networks.put("ReduceLogSum", n -> n.op("ReduceLogSum", n.positive(6), n.longs(1)));
        for (long p : new long[] {1, 2}) {
            networks.put(
                    "LpNormalization " + p,
                    n -> n.op("LpNormalization", new Attributes().integer("p", p), n.active(6)));
        }
        for (String op : List.of("Softmax", "LogSoftmax")) {
            networks.put(op, n -> n.op(op, n.active(6)));
        }
        networks.put("LayerNormalization", n -> n.op("LayerNormalization", n.active(6), n.p(6), n.p(6)));
        networks.put("InstanceNormalization", n -> n.op("InstanceNormalization", n.active(2, 6), n.p(2), n.p(2)));
        networks.put(
                "GroupNormalization",
                n -> n.op(
                        "GroupNormalization",
                        new Attributes().integer("num_groups", 2),
                        n.active(4, 3),
                        n.p(4),
                        n.p(4)));
        networks.put(
                "MeanVarianceNormalization",
                n -> n.op("MeanVarianceNormalization", new Attributes().integers("axes", 1), n.active(6)));
        networks.put("LRN", n -> n.op("LRN", new Attributes().integer("size", 3), n.active(4, 3, 2)));
        networks.put("a root mean square", n -> {
            String x = n.active(6);
            String mean = n.op("ReduceMean", n.op("Mul", x, x), n.longs(1));
            return n.op("Div", x, n.op("Sqrt", n.op("Add", mean, n.scalar(1e-5))));
        });
        networks.put("a quotient by the norm", n -> {
            String x = n.active(6);
            return n.op("Div", x, n.op("ReduceL2", x, n.longs(1)));
        });
    }

    @TestFactory
    Stream<DynamicTest> scales() {
        networks();
        // of the sum of squares below a quotient of 1e-6, the cotangent is too small for single precision
        return networks.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(
                        e.getKey(),
                        () -> check(
                                e.getValue(),
                                e.getKey().equals("Softmax") ? 1e-6 : 1e-30,
                                e.getKey().equals("LRN") ? 16 : 30)));
    }

    /** Down to a size of the derivative, where it is not what a saturated function has left, and up to an exponent. */
    private static void check(Function<Net, String> body, double least, int most) throws OrtException {
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (int exponent = -30; exponent <= most; exponent += 2) {
            double[][] exact = outputs(body, exponent, false);
            double[][] single = outputs(body, exponent, true);
            for (int product = 0; product < 2; product++) {
                double[] fExact = exact[2 * product];
                double[] expected = exact[2 * product + 1];
                // as far as the function itself has digits
                if (distance(fExact, single[2 * product]) > 1e-5 * norm(fExact)
                        || norm(expected) > 1e30
                        || norm(expected) < least) {
                    continue;
                }
                compared++;
                if (!(distance(expected, single[2 * product + 1]) <= 1e-4 * norm(expected))) {
                    wrong.add("1e" + exponent + ": " + Arrays.toString(single[2 * product + 1]) + " instead of "
                            + Arrays.toString(expected));
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(compared > 4, compared + " compared");
    }

    /** f and J v, f and the transposed J u. */
    private static double[][] outputs(Function<Net, String> body, int exponent, boolean single) throws OrtException {
        Net net = new Net(single ? ElementType.FLOAT : ElementType.DOUBLE);
        String y = body.apply(net);
        Linearization l = Linearization.of(net.graph(y), DerivativeChecker.PARAMETERS);
        Map<String, NdArray> feeds = net.draw(2, 3);
        double scale = (float) Math.pow(10, exponent);
        feeds.replaceAll((name, x) -> new NdArray(
                x.type(),
                x.shape(),
                Arrays.stream(x.data())
                        .map(d -> single ? (float) (d * scale) : (double) (float) (d * scale))
                        .toArray()));
        feeds.put(Linearization.TANGENT, ones(net.type(), Math.toIntExact(l.parameterCount())));
        feeds.put(Linearization.COTANGENT, ones(net.type(), 2, l.outputSize()));
        List<double[]> out = new ArrayList<>();
        for (Graph graph : List.of(l.jvp(), l.vjp())) {
            Map<String, NdArray> values;
            if (single) {
                try (OrtRunner ort = new OrtRunner(graph)) {
                    values = ort.run(feeds);
                }
            } else {
                values = ReferenceInterpreter.run(graph, feeds);
            }
            graph.outputs()
                    .forEach(o ->
                            out.add(Objects.requireNonNull(values.get(o.name())).data()));
        }
        return out.toArray(double[][]::new);
    }

    private static NdArray ones(ElementType type, int... shape) {
        NdArray a = NdArray.zeros(type, shape);
        Arrays.setAll(a.data(), i -> 1 + 0.25 * (i % 3));
        return a;
    }

    private static double norm(double[] a) {
        return Math.sqrt(Arrays.stream(a).map(d -> d * d).sum());
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }
}
