package org.finitentk.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.autodiff.ReferenceJacobian;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.WeightNetworks;
import org.finitentk.testing.WrittenNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kernels of networks with every kind of weight, against Jacobians by differences, and of networks that standardize
 * what goes in or comes out.
 */
final class WeightKindsTest {
    private static final int N = 4;

    static List<WeightNetworks.Entry> networks() {
        return WeightNetworks.all();
    }

    private static LinearizedNetwork open(Graph graph) {
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static double[] product(double[][] columns) {
        int rows = columns[0].length;
        double[] gram = new double[rows * rows];
        for (double[] column : columns) {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < rows; j++) {
                    gram[i * rows + j] += column[i] * column[j];
                }
            }
        }
        return gram;
    }

    private static void assertSame(double[] expected, double[] found, double tolerance) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(1);
        assertArrayEquals(expected, found, tolerance * scale);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void gramMatricesAreProductsOfJacobians(WeightNetworks.Entry entry) {
        Graph graph = WrittenNetwork.of(entry.text());
        try (LinearizedNetwork network = open(graph)) {
            Examples x = RandomExamples.draw(network.inputs(), N, 3);
            double[] expected = product(ReferenceJacobian.of(graph, network.parameters(), x.inputs()));
            assertSame(expected, new TangentKernel(network).gram(x, Outputs.all()), 2e-5);
        }
    }

    private static double[] gram(Graph graph, Examples x) {
        try (LinearizedNetwork network = open(graph)) {
            return new TangentKernel(network).gram(x, Outputs.all());
        }
    }

    private static final double[] VALUES = {0.3, -1.2, 0.8, 2, 1.4, 0.1, -0.6, 0.9, -2.2, 1.1, 0.4, -0.7};

    @Test
    void aScalerInsideOrOutsideMakesNoDifference() {
        String layers = "input x[4]; w[4,6]; b[6]; w2[6,2]; b2[2];";
        String rest = "a = MatMul(z, w); h = Add(a, b); t = Tanh(h); y = Gemm(t, w2, b2)";
        double[] scaled = new double[VALUES.length];
        Arrays.setAll(scaled, i -> (VALUES[i] - (1 + i % 4)) / 2);
        double[] outside = gram(
                WrittenNetwork.ofDoubles(layers + "z = Identity(x);" + rest),
                Examples.of("x", Tensor.ofDoubles(scaled, 3, 4)));
        Examples raw = Examples.of("x", Tensor.ofDoubles(VALUES, 3, 4));
        for (String scaler : List.of(
                "mu[4] = 1 2 3 4; sd[4] = 2; c = Sub(x, mu); z = Div(c, sd);",
                "lowest[4] = -0.5 -1 -1.5 -2; scale[] = 0.5; c = Mul(x, scale); z = Add(lowest, c);")) {
            assertSame(outside, gram(WrittenNetwork.ofDoubles(layers + scaler + rest), raw), 1e-13);
        }
    }

    @Test
    void aScalerOfTheOutputsOnlyScalesTheKernel() {
        String layers = "input x[4]; w[4,6]; b[6]; w2[6,2]; b2[2]; a = MatMul(x, w); h = Add(a, b); t = Tanh(h);";
        Examples x = Examples.of("x", Tensor.ofDoubles(VALUES, 3, 4));
        double[] expected = gram(WrittenNetwork.ofDoubles(layers + "y = Gemm(t, w2, b2)"), x);
        double[] sd = {3, 0.5};
        for (int i = 0; i < expected.length; i++) {
            expected[i] *= sd[i / 6 % 2] * sd[i % 2];
        }
        assertSame(
                expected,
                gram(
                        WrittenNetwork.ofDoubles(layers
                                + "mu[2] = 7 8; sd[2] = 3 0.5; o = Gemm(t, w2, b2); s = Mul(o, sd); y = Add(s, mu)"),
                        x),
                1e-13);
    }

    @Test
    void biasesOfOneElementCountInWhateverForm() {
        String layers = "input x[4]; w[4,6]; w2[6,1]; b[6]; b2[1];";
        Examples x = Examples.of("x", Tensor.ofDoubles(VALUES, 3, 4));
        double[] gemm =
                gram(WrittenNetwork.ofDoubles(layers + "h = Gemm(x, w, b); t = Tanh(h); y = Gemm(t, w2, b2)"), x);
        assertSame(
                gemm,
                gram(
                        WrittenNetwork.ofDoubles(layers
                                + "a = MatMul(x, w); h = Add(a, b); t = Tanh(h); o = MatMul(t, w2); y = Add(o, b2)"),
                        x),
                1e-13);
    }

    /** Scalars, tokens and positions need no run for each example by itself. */
    @Test
    void gradientsOfSmallWeightsStayTogether() {
        List<String> alone = new ArrayList<>();
        for (WeightNetworks.Entry entry : WeightNetworks.all()) {
            try (LinearizedNetwork network = open(WrittenNetwork.of(entry.text()))) {
                var linearization = java.util.Objects.requireNonNull(
                        RunningNetwork.of(network).graphs().linearization());
                linearization.perExample((t, in, out) -> true).parts().stream()
                        .filter(part -> part.kind() == PerExample.Kind.UNSTRUCTURED)
                        .forEach(part -> alone.add(part.parameter().name()));
            }
        }
        // tables that are looked up, and a recurrent weight
        assertEquals(List.of("table", "tokens", "positions", "types", "tokens", "table", "r", "r"), alone);
    }
}
