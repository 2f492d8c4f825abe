package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.LinearizedNetwork.Linearized;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
final class LinearizedNetworkTest {
    private static final int N = 11;

    private static LinearizedNetwork open(ElementType type, String batch, long budget) {
        Graph graph = SmallNetworks.mlp(type, batch, 3, 8, 2);
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(budget));
    }

    private static double[] vector(long size, long seed) {
        return SmallNetworks.gaussian(new Random(seed), size, 1);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** The network in plain Java. */
    private static double[] expected(double[] theta, double[] x, int n) {
        double[] f = new double[n * 2];
        for (int e = 0; e < n; e++) {
            for (int c = 0; c < 2; c++) {
                f[e * 2 + c] = theta[32 + 16 + c];
            }
            for (int h = 0; h < 8; h++) {
                double a = theta[24 + h];
                for (int i = 0; i < 3; i++) {
                    a += x[e * 3 + i] * theta[i * 8 + h];
                }
                for (int c = 0; c < 2; c++) {
                    f[e * 2 + c] += Math.tanh(a) * theta[32 + h * 2 + c];
                }
            }
        }
        return f;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void outputsAreThoseOfTheNetworkAtAnyParameters(ElementType type) {
        double tolerance = type == ElementType.FLOAT ? 1e-5 : 1e-12;
        Examples x = SmallNetworks.examples(type, N, 3, 1);
        double[] values = x.inputs().get("x").toDoubles();
        try (LinearizedNetwork network = open(type, "batch", 0)) {
            assertEquals(50, network.parameterCount());
            assertEquals(2, network.outputSize());
            assertEquals(type, network.elementType());
            double[] theta = network.parameterVector();
            assertArrayEquals(expected(theta, values, N), network.forward(x), tolerance);
            double[] other = vector(50, 3);
            try (LinearizedNetwork moved = network.at(other)) {
                assertArrayEquals(expected(other, values, N), moved.forward(x), tolerance);
                assertArrayEquals(other, moved.parameterVector(), type == ElementType.FLOAT ? 1e-6 : 0);
                assertArrayEquals(theta, network.parameterVector(), 0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void productsAreThoseOfTheJacobian(ElementType type) {
        double tolerance = type == ElementType.FLOAT ? 1e-3 : 1e-6;
        Examples x = SmallNetworks.examples(type, N, 3, 1);
        double[] values = x.inputs().get("x").toDoubles();
        double[] v = vector(50, 4);
        double[] u = vector(N * 2, 5);
        double[] elsewhere = vector(50, 3);
        try (LinearizedNetwork network = open(type, "batch", 0);
                LinearizedNetwork moved = network.at(elsewhere)) {
            for (LinearizedNetwork at : List.of(network, moved)) {
                double[] jv = at.jvp(x, v);
                double[] difference = centralDifference(at.parameterVector(), v, values);
                assertArrayEquals(difference, jv, tolerance);
                assertEquals(dot(u, jv), dot(at.vjp(x, u), v), tolerance);
                Linearized both = at.linearized(x, v);
                assertArrayEquals(jv, both.products(), 1e-6);
                assertArrayEquals(at.forward(x), both.outputs(), 1e-6);
                assertArrayEquals(jv, at.jvp(x, new double[][] {u.length == 0 ? v : vector(50, 9), v})[1], 1e-6);
                assertArrayEquals(at.vjp(x, u), at.vjp(x, new double[][] {u})[0], 0);
            }
        }
    }

    @Test
    void vectorsBeyondSinglePrecisionsRangeHaveTheirProducts() {
        Examples x = SmallNetworks.examples(ElementType.FLOAT, N, 3, 1);
        double[] v = vector(50, 4);
        double[] u = vector(N * 2, 5);
        try (LinearizedNetwork network = open(ElementType.FLOAT, "batch", 0);
                LinearizedExamples kept = network.keeping(x)) {
            for (int exponent : new int[] {-500, -140, 0, 140, 500}) {
                double[] tangent = times(exponent, v);
                double[] cotangent = times(exponent, u);
                assertArrayEquals(times(exponent, network.jvp(x, v)), network.jvp(x, tangent), 0);
                assertArrayEquals(times(exponent, network.vjp(x, u)), network.vjp(x, cotangent), 0);
                assertArrayEquals(
                        times(exponent, network.linearized(x, v).products()),
                        network.linearized(x, tangent).products(),
                        0);
                assertArrayEquals(
                        network.forward(x), network.linearized(x, tangent).outputs(), 1e-6);
                assertArrayEquals(
                        times(exponent, network.jvp(x, new double[][] {v, v})[1]),
                        network.jvp(x, new double[][] {v, tangent})[1],
                        0);
                assertArrayEquals(
                        times(exponent, network.vjp(x, new double[][] {u, u})[1]),
                        network.vjp(x, new double[][] {u, cotangent})[1],
                        0);
                assertArrayEquals(times(exponent, kept.jvp(v)), kept.jvp(tangent), 0);
                assertArrayEquals(times(exponent, kept.vjp(u)), kept.vjp(cotangent), 0);
                assertArrayEquals(times(exponent, v), tangent, 0, "the caller's vector was changed");
            }
        }
    }

    private static double[] times(int exponent, double[] vector) {
        return Arrays.stream(vector).map(value -> Math.scalb(value, exponent)).toArray();
    }

    private static double[] centralDifference(double[] theta, double[] v, double[] x) {
        double step = 1e-5;
        double[] plus = theta.clone();
        double[] minus = theta.clone();
        for (int i = 0; i < theta.length; i++) {
            plus[i] += step * v[i];
            minus[i] -= step * v[i];
        }
        double[] result = expected(plus, x, N);
        double[] other = expected(minus, x, N);
        for (int i = 0; i < result.length; i++) {
            result[i] = (result[i] - other[i]) / (2 * step);
        }
        return result;
    }

    @Test
    void chunksAndFixedBatchesGiveTheSameNumbers() {
        Examples x = SmallNetworks.examples(ElementType.FLOAT, N, 3, 1);
        double[] v = vector(50, 4);
        double[] u = vector(N * 2, 5);
        try (LinearizedNetwork whole = open(ElementType.FLOAT, "batch", 0)) {
            assertTrue(whole.chunkSize() >= N);
            for (String batch : List.of("batch", "1", "4", "16")) {
                try (LinearizedNetwork parts = open(ElementType.FLOAT, batch, 2000)) {
                    assertEquals(
                            batch.equals("batch") ? 2 : Integer.parseInt(batch),
                            batch.equals("batch") ? Math.min(2, parts.chunkSize()) : parts.chunkSize());
                    assertArrayEquals(whole.forward(x), parts.forward(x), 1e-5);
                    assertArrayEquals(whole.jvp(x, v), parts.jvp(x, v), 1e-5);
                    assertArrayEquals(whole.vjp(x, u), parts.vjp(x, u), 1e-5);
                    try (LinearizedNetwork moved = parts.at(parts.parameterVector())) {
                        assertArrayEquals(whole.vjp(x, u), moved.vjp(x, u), 1e-5);
                    }
                }
            }
        }
    }

    @Test
    void noExamplesGiveNoOutputs() {
        Examples none = SmallNetworks.examples(ElementType.FLOAT, 0, 3, 1);
        try (LinearizedNetwork network = open(ElementType.FLOAT, "batch", 0)) {
            assertEquals(0, network.forward(none).length);
            assertArrayEquals(new double[50], network.vjp(none, new double[0]), 0);
        }
    }

    @Test
    void badInputIsRefusedBeforeAnyWork() {
        try (LinearizedNetwork network = open(ElementType.FLOAT, "batch", 0)) {
            Map<Examples, String> bad = Map.of(
                    SmallNetworks.examples(ElementType.FLOAT, 2, 4, 1), "[2, 4]",
                    SmallNetworks.examples(ElementType.DOUBLE, 2, 3, 1), "DOUBLE",
                    Examples.of("z", Tensor.ofFloats(new float[3], 1, 3)), "z");
            bad.forEach((x, found) -> {
                IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> network.forward(x));
                assertTrue(
                        e.getMessage().contains(found) && e.getMessage().contains("'x' FLOAT[examples, 3]"),
                        e.getMessage());
            });
            Examples x = SmallNetworks.examples(ElementType.FLOAT, 2, 3, 1);
            assertThrows(IllegalArgumentException.class, () -> network.jvp(x, new double[49]));
            assertThrows(IllegalArgumentException.class, () -> network.vjp(x, new double[5]));
            assertThrows(IllegalArgumentException.class, () -> network.at(new double[51]));
        }
    }

    @Test
    void nonFiniteOutputsNameTheirExample() {
        try (LinearizedNetwork network = open(ElementType.FLOAT, "batch", 0)) {
            Tensor x = Tensor.ofFloats(new float[] {1, 2, 3, 1, Float.NaN, 3}, 2, 3);
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> network.requireFinite(network.forward(Examples.of("x", x)), Examples.of("x", x)));
            assertTrue(e.getMessage().contains("example 1"), e.getMessage());
            double[] fine = {1, 2};
            assertEquals(fine, network.requireFinite(fine, Examples.of("x", x)));
        }
    }

    @Test
    void viewsShareSessionsAndOutliveTheirSource() {
        Examples x = SmallNetworks.examples(ElementType.FLOAT, N, 3, 1);
        LinearizedNetwork network = open(ElementType.FLOAT, "batch", 0);
        double[] f = network.forward(x);
        LinearizedNetwork moved = network.at(network.parameterVector());
        LinearizedNetwork second = network.share();
        network.close();
        network.close();
        assertThrows(IllegalStateException.class, () -> network.forward(x));
        assertThrows(IllegalStateException.class, () -> network.at(new double[50]));
        assertThrows(IllegalStateException.class, network::parameterVector);
        assertArrayEquals(f, moved.forward(x), 1e-6);
        assertArrayEquals(f, second.forward(x), 0);
        second.close();
        assertArrayEquals(f, moved.forward(x), 1e-6);
        moved.close();
        assertThrows(IllegalStateException.class, () -> moved.forward(x));
        assertThrows(IllegalStateException.class, second::share);
    }

    @Test
    void severalThreadsGetTheSameNumbers() throws InterruptedException, ExecutionException {
        Examples x = SmallNetworks.examples(ElementType.FLOAT, N, 3, 1);
        double[] u = vector(N * 2, 5);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try (LinearizedNetwork network = open(ElementType.FLOAT, "batch", 3000)) {
            double[] f = network.forward(x);
            double[] gradient = network.vjp(x, u);
            List<Future<?>> tasks = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                tasks.add(pool.submit(() -> {
                    for (int repeat = 0; repeat < 100; repeat++) {
                        assertArrayEquals(f, network.forward(x), 0);
                        assertArrayEquals(gradient, network.vjp(x, u), 0);
                        try (LinearizedNetwork moved = network.at(network.parameterVector())) {
                            assertArrayEquals(f, moved.forward(x), 1e-6);
                        }
                    }
                }));
            }
            for (Future<?> task : tasks) {
                task.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void closingWhileOthersRunNeverCrashes() throws InterruptedException, ExecutionException {
        Examples x = SmallNetworks.examples(ElementType.FLOAT, N, 3, 1);
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 10; round++) {
                LinearizedNetwork network = open(ElementType.FLOAT, "batch", 3000);
                double[] f = network.forward(x);
                Future<Boolean> user = pool.submit(() -> {
                    while (true) {
                        try {
                            assertArrayEquals(f, network.forward(x), 0);
                        } catch (IllegalStateException closed) {
                            return true;
                        }
                    }
                });
                Thread.sleep(5);
                network.close();
                assertTrue(user.get());
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void theLinearizationIsThereForFurtherGraphs() {
        try (LinearizedNetwork network = open(ElementType.FLOAT, "batch", 0)) {
            assertNotNull(RunningNetwork.of(network).graphs().linearization());
            assertEquals(64, RunningNetwork.of(network).graphs().sha256().length());
            assertFalse(network.inputs().isEmpty());
            assertEquals(
                    List.of("w0", "b0", "w1", "b1"),
                    network.parameters().stream().map(p -> p.name()).toList());
        }
    }

    /** Outputs [n] and [n, 1, 2] are seen as [n, k]. */
    @ParameterizedTest
    @CsvSource({"1,-1", "2,-1 1 2"})
    void outputsThatAreNoMatricesKeepTheirName(int k, String shape) {
        Graph mlp = SmallNetworks.mlp(ElementType.FLOAT, "batch", 3, 4, k);
        Map<String, Tensor> constants = new LinkedHashMap<>(mlp.initializers());
        constants.put(
                "shape",
                Tensor.vector(
                        Stream.of(shape.split(" ")).mapToLong(Long::parseLong).toArray()));
        List<Node> nodes = new ArrayList<>(mlp.nodes());
        nodes.add(SmallNetworks.node("Reshape", List.of("y", "shape"), "z"));
        List<String> dims = shape.equals("-1") ? List.of("batch") : List.of("batch", "1", "2");
        Graph reshaped = new Graph(
                "reshaped", mlp.inputs(), List.of(new ValueInfo("z", ElementType.FLOAT, dims)), constants, nodes);
        Examples x = SmallNetworks.examples(ElementType.FLOAT, N, 3, 1);
        try (LinearizedNetwork plain = RunningNetwork.of(mlp, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                LinearizedNetwork network =
                        RunningNetwork.of(reshaped, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertEquals(k, network.outputSize());
            double[] v = vector(plain.parameterCount(), 4);
            assertArrayEquals(plain.forward(x), network.forward(x), 1e-6);
            assertArrayEquals(plain.forward(x), network.linearized(x, v).outputs(), 1e-6);
            assertArrayEquals(plain.jvp(x, v), network.jvp(x, v), 1e-6);
        }
    }

    /** A chain of layers of one width, whose values die young, needs little forward and much more in reverse. */
    @Test
    void memoryEstimatesFollowTheLifeOfValues() {
        Graph deep = SmallNetworks.mlp(ElementType.FLOAT, "batch", 100, 100, 100, 100, 100, 100, 100, 100, 100);
        Linearization linearization = Linearization.of(deep, ParameterSelection.DEFAULT);
        long forward = MemoryEstimate.bytesPerExample(linearization.forward());
        long vjp = MemoryEstimate.bytesPerExample(linearization.vjp());
        assertTrue(forward >= 2 * 400 && forward <= 1.5 * 4 * 400, "forward " + forward);
        assertTrue(vjp >= 8 * 400 && vjp <= 60 * 400, "vjp " + vjp);
    }
}
