package org.finitentk.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.FineTuning;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.fisher.FisherOperator.Difference;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fisher products against dense Jacobians that are taken one output at a time in double precision, and approximate
 * products against exact ones.
 */
final class FisherOperatorTest {
    private static final Graph SMALL = NetworkBuilder.mlp(3, List.of(6, 5), 3, Activation.TANH, 1);
    private static final Graph CNN = NetworkBuilder.withSeed(5)
            .images(2, 8, 8)
            .convolution(6, 3, 1, 1)
            .activation(Activation.TANH)
            .averagePool(2)
            .convolution(8, 3, 1, 1)
            .activation(Activation.TANH)
            .averagePool(2)
            .dense(4)
            .build();

    private static LinearizedNetwork open(Graph graph) {
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static double[] gaussian(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] times(double factor, double[] v) {
        return Arrays.stream(v).map(value -> factor * value).toArray();
    }

    /** ‖a − b‖ / ‖b‖. */
    private static double error(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum / dot(b, b));
    }

    /** p by the textbook, of one example. */
    private static double[] softmax(double[] f) {
        double[] p = Arrays.stream(f).map(Math::exp).toArray();
        double sum = Arrays.stream(p).sum();
        return times(1 / sum, p);
    }

    /** F, P × P, from rows of J and the definition of H. */
    private static double[][] dense(LinearizedNetwork network, Examples x, Likelihood likelihood) {
        int k = network.outputSize();
        int parameters = (int) network.parameterCount();
        double[][] fisher = new double[parameters][parameters];
        for (int e = 0; e < x.size(); e++) {
            Examples one = x.slice(e, e + 1);
            double[][] j = new double[k][];
            for (int c = 0; c < k; c++) {
                double[] unit = new double[k];
                unit[c] = 1;
                j[c] = network.vjp(one, unit);
            }
            double[] p = softmax(network.forward(one));
            for (int c = 0; c < k; c++) {
                for (int d = 0; d < k; d++) {
                    double h = likelihood == Likelihood.GAUSSIAN ? (c == d ? 1 : 0) : (c == d ? p[c] : 0) - p[c] * p[d];
                    for (int a = 0; a < parameters; a++) {
                        for (int b = 0; b < parameters; b++) {
                            fisher[a][b] += j[c][a] * h * j[d][b] / x.size();
                        }
                    }
                }
            }
        }
        return fisher;
    }

    @ParameterizedTest
    @EnumSource(Likelihood.class)
    void exactProductsAreThoseOfTheDenseFisherMatrix(Likelihood likelihood) {
        try (LinearizedNetwork network = open(DoubleNetworks.of(SMALL))) {
            Examples x = RandomExamples.draw(network.inputs(), 7, 2);
            double[][] dense = dense(network, x, likelihood);
            int size = dense.length;
            double[] block = gaussian(3 * size, 3);
            double[] products = new double[3 * size];
            try (FisherOperator fisher = FisherOperator.exact(network, x, likelihood)) {
                assertEquals(size, fisher.size());
                fisher.multiply(block, 3, products);
            }
            for (int i = 0; i < size; i++) {
                for (int column = 0; column < 3; column++) {
                    double expected = 0;
                    for (int j = 0; j < size; j++) {
                        expected += dense[i][j] * block[3 * j + column];
                    }
                    assertEquals(expected, products[3 * i + column], 1e-12);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Likelihood.class)
    void exactProductsAreSymmetricAndPositiveSemidefinite(Likelihood likelihood) {
        try (LinearizedNetwork network = open(CNN)) {
            Examples x = RandomExamples.draw(network.inputs(), 20, 2);
            FisherOperator fisher = FisherOperator.exact(network, x, likelihood);
            for (int seed = 0; seed < 5; seed++) {
                double[] v = gaussian(fisher.size(), 10 + seed);
                double[] w = gaussian(fisher.size(), 20 + seed);
                double[] fv = fisher.multiply(v);
                double[] fw = fisher.multiply(w);
                assertTrue(dot(v, fv) > 0 && dot(w, fw) > 0);
                assertEquals(dot(w, fv), dot(v, fw), 1e-5 * Math.sqrt(dot(v, fv) * dot(w, fw)));
            }
        }
    }

    private static Map<String, Graph> networks() {
        Map<String, Graph> networks = new LinkedHashMap<>();
        networks.put("tanh", NetworkBuilder.mlp(5, List.of(50, 50), 3, Activation.TANH, 1));
        networks.put("elu", NetworkBuilder.mlp(5, List.of(50, 200, 50), 2, Activation.ELU, 1));
        networks.put("cnn", CNN);
        return networks;
    }

    private static Map<String, double[]> vectors(LinearizedNetwork network, Examples x) {
        Map<String, double[]> vectors = new LinkedHashMap<>();
        double[] f = network.forward(x);
        double[] cotangent = new double[f.length];
        FineTuning.Loss.SQUARED_ERROR.evaluate(f, gaussian(f.length, 6), null, network.outputSize(), cotangent);
        double[] random = gaussian((int) network.parameterCount(), 5);
        vectors.put("random", random);
        vectors.put("gradient of a loss", network.vjp(x, cotangent));
        vectors.put("parameters", network.parameterVector());
        vectors.put("tiny", times(1e-200, random));
        vectors.put("huge", times(1e200, random));
        return vectors;
    }

    @ParameterizedTest
    @EnumSource(Likelihood.class)
    void approximateProductsAreWithinAThousandthOfExactOnesInSinglePrecision(Likelihood likelihood) {
        networks().forEach((name, graph) -> {
            try (LinearizedNetwork network = open(graph)) {
                Examples x = RandomExamples.draw(network.inputs(), 100, 1);
                FisherOperator exact = FisherOperator.exact(network, x, likelihood);
                FisherOperator forward = FisherOperator.approximate(network, x, likelihood, Difference.FORWARD);
                FisherOperator central = FisherOperator.approximate(network, x, likelihood, Difference.CENTRAL);
                vectors(network, x).forEach((kind, v) -> {
                    // the norm of the tiny and huge ones' products has no square
                    double scale = 1 / Arrays.stream(v).map(Math::abs).max().orElseThrow();
                    double[] expected = times(scale, exact.multiply(v));
                    double once = error(times(scale, forward.multiply(v)), expected);
                    double twice = error(times(scale, central.multiply(v)), expected);
                    assertTrue(once < 1e-3, () -> name + ", " + kind + ": " + once);
                    assertTrue(
                            twice < 1e-3 && twice < once / 2,
                            () -> name + ", " + kind + ": " + twice + " instead of " + once);
                });
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Likelihood.class)
    void approximateProductsAreMuchCloserInDoublePrecision(Likelihood likelihood) {
        try (LinearizedNetwork network = open(DoubleNetworks.of(SMALL))) {
            Examples x = RandomExamples.draw(network.inputs(), 30, 1);
            double[] v = gaussian((int) network.parameterCount(), 4);
            double[] expected = FisherOperator.exact(network, x, likelihood).multiply(v);
            double once = error(
                    FisherOperator.approximate(network, x, likelihood, Difference.FORWARD)
                            .multiply(v),
                    expected);
            double twice = error(
                    FisherOperator.approximate(network, x, likelihood, Difference.CENTRAL)
                            .multiply(v),
                    expected);
            assertTrue(once < 1e-7, () -> "forward " + once);
            assertTrue(twice < 1e-9, () -> "central " + twice);
        }
    }

    @Test
    void productsScaleExactlyByPowersOfTwo() {
        try (LinearizedNetwork network = open(SMALL)) {
            Examples x = RandomExamples.draw(network.inputs(), 5, 1);
            double[] v = gaussian((int) network.parameterCount(), 4);
            FisherOperator exact = FisherOperator.exact(network, x, Likelihood.SOFTMAX);
            double factor = Math.scalb(1.0, -300);
            assertArrayEquals(times(factor, exact.multiply(v)), exact.multiply(times(factor, v)), factor * 1e-6);
        }
    }

    @Test
    void aZeroVectorHasAZeroProductAlsoBesideOthers() {
        try (LinearizedNetwork network = open(SMALL)) {
            Examples x = RandomExamples.draw(network.inputs(), 5, 1);
            int size = (int) network.parameterCount();
            double[] v = gaussian(size, 4);
            double[] block = new double[2 * size];
            for (int i = 0; i < size; i++) {
                block[2 * i + 1] = v[i];
            }
            for (FisherOperator fisher : all(network, x)) {
                assertArrayEquals(new double[size], fisher.multiply(new double[size]));
                double[] products = new double[2 * size];
                Arrays.fill(products, Double.NaN);
                fisher.multiply(block, 2, products);
                double[] alone = fisher.multiply(v);
                for (int i = 0; i < size; i++) {
                    assertEquals(0, products[2 * i]);
                    assertEquals(alone[i], products[2 * i + 1]);
                }
            }
        }
    }

    private static List<FisherOperator> all(LinearizedNetwork network, Examples x) {
        return List.of(
                FisherOperator.exact(network, x, Likelihood.SOFTMAX),
                FisherOperator.approximate(network, x, Likelihood.SOFTMAX, Difference.FORWARD),
                FisherOperator.approximate(network, x, Likelihood.GAUSSIAN, Difference.CENTRAL));
    }

    @Test
    void badVectorsAreRefused() {
        try (LinearizedNetwork network = open(SMALL)) {
            for (FisherOperator fisher : all(network, RandomExamples.draw(network.inputs(), 5, 1))) {
                assertRefused("expected P = " + fisher.size(), () -> fisher.multiply(new double[4]));
                assertRefused(
                        "expected P = " + fisher.size(),
                        () -> fisher.multiply(new double[2 * fisher.size()], 2, new double[3]));
                assertRefused("at least one column", () -> fisher.multiply(new double[0], 0, new double[0]));
                for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
                    double[] v = new double[fisher.size()];
                    v[2] = bad;
                    assertRefused("element 2 of vector 0 is " + bad, () -> fisher.multiply(v));
                }
            }
        }
    }

    @Test
    void badExamplesAreRefused() {
        try (LinearizedNetwork network = open(SMALL)) {
            Examples none = RandomExamples.draw(network.inputs(), 1, 1).slice(0, 0);
            assertRefused("there is none", () -> FisherOperator.exact(network, none, Likelihood.GAUSSIAN));
            Examples others = RandomExamples.draw(CNN.inputs(), 2, 1);
            assertRefused(
                    "input",
                    () -> FisherOperator.approximate(network, others, Likelihood.GAUSSIAN, Difference.FORWARD));
        }
    }

    private static void assertRefused(String part, Runnable work) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, work::run).getMessage());
        assertTrue(message.contains(part), message);
    }
}
