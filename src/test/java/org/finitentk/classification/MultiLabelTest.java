package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels of which an example may have several: against weight space with plain loops, in float64. */
@NullUnmarked
final class MultiLabelTest {
    private static final int LABELS = 3;
    private static final int TRAINING = 40;
    private static final double LAMBDA = 0.4;

    private static final ClassificationSettings SETTINGS = ClassificationSettings.DEFAULT
            .withPriorVariance(LAMBDA, false)
            .withCovariance(new ClassificationSettings.Covariance(
                    CovarianceSolver.DENSE, 64, 64, 300, 1e-12, 500, 1e-12, 8000));

    private static LinearizedNetwork open() {
        return RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(5), LABELS, Activation.TANH, 3)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT);
    }

    private static Examples examples(LinearizedNetwork network, int n, long seed) {
        Random random = new Random(seed);
        double[] values = new double[n * 4];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Examples.of(network.inputs().get(0).name(), Tensor.ofDoubles(values, n, 4));
    }

    /** Each label for itself: some examples have all, some none. */
    private static boolean[][] labels(LinearizedNetwork network, Examples x) {
        boolean[][] labels = new boolean[x.size()][LABELS];
        for (int c = 0; c < LABELS; c++) {
            int[] own = WeightSpace.labels(x, network.inputs().get(0).name(), 2, 2 + c);
            for (int i = 0; i < own.length; i++) {
                labels[i][c] = own[i] == c % 2;
            }
        }
        return labels;
    }

    private static double[] weights() {
        double[] weights = new double[TRAINING];
        Arrays.setAll(weights, i -> i % 3 == 0 ? 2 : 1);
        return weights;
    }

    private static ClassificationSettings settings(boolean shared) {
        return SETTINGS.withStructure(
                shared ? ClassStructure.SHARED : ClassStructure.MATCHED,
                ClassificationSettings.SUM,
                shared ? PriorLogits.ZERO : PriorLogits.NETWORK);
    }

    private static ClassificationPosterior fit(LinearizedNetwork network, ClassificationSettings settings) {
        Examples x = examples(network, TRAINING, 1);
        return ClassificationPosterior.fit(network, x, labels(network, x), weights(), settings, ProgressListener.NONE);
    }

    private static double sigmoid(double f) {
        return 1 / (1 + Math.exp(-f));
    }

    /** The textbook's Bayesian logistic regression, one for all labels. */
    private record Reference(WeightSpace space, boolean[][] labels) {
        static Reference of(LinearizedNetwork network, boolean shared) {
            Examples x = examples(network, TRAINING, 1);
            double[] prior = shared ? new double[TRAINING * LABELS] : network.forward(x);
            return new Reference(
                    new WeightSpace(
                            WeightSpace.jacobian(network, x, LABELS, shared),
                            new int[TRAINING],
                            weights(),
                            prior,
                            LABELS),
                    MultiLabelTest.labels(network, x));
        }

        double y(int row) {
            return labels[row / LABELS][row % LABELS] ? 1 : 0;
        }

        double logLikelihood(double[] f) {
            double sum = 0;
            for (int row = 0; row < f.length; row++) {
                double p = sigmoid(f[row]);
                sum += weights()[row / LABELS] * Math.log(y(row) == 1 ? p : 1 - p);
            }
            return sum;
        }

        double[] residuals(double[] f) {
            double[] r = new double[f.length];
            Arrays.setAll(r, row -> weights()[row / LABELS] * (y(row) - sigmoid(f[row])));
            return r;
        }

        double[][] covariance(double[] f) {
            double[][] d = new double[f.length][LABELS];
            for (int row = 0; row < f.length; row++) {
                double p = sigmoid(f[row]);
                d[row][row % LABELS] = weights()[row / LABELS] * p * (1 - p);
            }
            return WeightSpace.inverse(space.precision(d, LAMBDA));
        }

        double[] mostProbable() {
            double[] w = new double[space.j[0].length];
            for (int step = 0; step < 60; step++) {
                double[] f = space.logits(w);
                double[] gradient = space.transposed(residuals(f));
                Vectors.add(gradient, -1 / LAMBDA, w);
                Vectors.add(w, 1, WeightSpace.times(covariance(f), gradient));
            }
            return w;
        }
    }

    @ParameterizedTest
    @CsvSource({"false,DENSE,1e-8", "true,DENSE,1e-8", "false,ITERATIVE,1e-6", "false,LOW_RANK,1e-6"})
    void laplaceIsThatOfWeightSpace(boolean shared, CovarianceSolver solver, double tolerance) {
        try (LinearizedNetwork network = open()) {
            Reference reference = Reference.of(network, shared);
            ClassificationSettings settings = settings(shared);
            ClassificationPosterior found = fit(
                    network,
                    settings.withCovariance(settings.method().covariance().with(solver)));
            double[] w = reference.mostProbable();
            assertArrayEquals(w, found.weights(), 10 * tolerance);
            double[] f = reference.space().logits(w);
            double[][] covariance = reference.covariance(f);
            Examples z = examples(network, 9, 5);
            double[][] rows = WeightSpace.jacobian(network, z, LABELS, shared);
            double[] blocks = WeightSpace.blocks(rows, covariance, LABELS);
            assertArrayEquals(blocks, found.logitCovariance(z), tolerance);
            if (solver == CovarianceSolver.DENSE) {
                double evidence = reference.logLikelihood(f)
                        - 0.5 * Vectors.dot(w, w) / LAMBDA
                        - 0.5 * (covariance[w.length][0] + w.length * Math.log(LAMBDA));
                assertEquals(evidence, found.report().objective(), 1e-7);
            }
            assertProbabilities(found, z, blocks);
        }
    }

    /** Each is the expectation over its own log odds; they need not sum to 1. */
    private static void assertProbabilities(ClassificationPosterior found, Examples z, double[] blocks) {
        double[] mean = found.logitMean(z);
        double[] expected = new double[mean.length];
        for (int row = 0; row < mean.length; row++) {
            double deviation = Math.sqrt(blocks[row * LABELS + row % LABELS]);
            double total = 0;
            for (double s = -9; s <= 9; s += 0.01) {
                double weight = Math.exp(-0.5 * s * s);
                expected[row] += weight * sigmoid(mean[row] + deviation * s);
                total += weight;
            }
            expected[row] /= total;
        }
        // without a factorization, weights are drawn
        double tolerance = found.rule() == ClassProbabilities.EXPECTED ? 1e-6 : 0.03;
        assertArrayEquals(expected, found.probabilities(z), tolerance);
        assertArrayEquals(
                expected,
                found.withProbabilities(ClassProbabilities.MONTE_CARLO, 4000).probabilities(z),
                0.02);
        assertArrayEquals(
                expected, found.withProbabilities(ClassProbabilities.PROBIT, 1).probabilities(z), 0.03);
        double[] plugIn = found.withProbabilities(ClassProbabilities.PLUG_IN, 1).probabilities(z);
        Arrays.setAll(expected, row -> sigmoid(mean[row]));
        assertArrayEquals(expected, plugIn, 1e-12);
        assertEquals(1, found.probabilities(z, new int[] {1}).length / z.size());
        assertEquals(found.probabilities(z)[4], found.probabilities(z, new int[] {1})[1], 0);
    }

    /** All inferences agree about the means where the data say enough, and MAP has Laplace's. */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void allInferencesLearnTheLabels(Inference inference) {
        try (LinearizedNetwork network = open()) {
            ClassificationPosterior found = fit(network, ClassificationSettings.DEFAULT.with(inference));
            Examples x = examples(network, TRAINING, 1);
            boolean[][] labels = labels(network, x);
            double[] p = found.probabilities(x);
            double right = 0;
            for (int row = 0; row < p.length; row++) {
                right += labels[row / LABELS][row % LABELS] == p[row] > 0.5 ? 1.0 / p.length : 0;
            }
            assertTrue(right > 0.7, "right for " + right);
            assertTrue(found.report().converged());
        }
    }

    /** One label is a network with one logit and two labels. */
    @ParameterizedTest
    @ValueSource(strings = {"LAPLACE", "FULL_COVARIANCE", "MEAN_FIELD", "MAP"})
    void oneLabelIsTheSameAsTwoThatExcludeEachOther(Inference inference) {
        try (LinearizedNetwork network = RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(5), 1, Activation.TANH, 3)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            Examples x = examples(network, TRAINING, 1);
            int[] two = WeightSpace.labels(x, network.inputs().get(0).name(), 2, 2);
            boolean[][] one = new boolean[TRAINING][];
            Arrays.setAll(one, i -> new boolean[] {two[i] == 1});
            ClassificationSettings settings = SETTINGS.with(inference);
            ClassificationPosterior expected = ClassificationPosterior.fit(
                    network, x, new ClassificationPosterior.Labels(two, 2), null, settings, ProgressListener.NONE);
            ClassificationPosterior found =
                    ClassificationPosterior.fit(network, x, one, null, settings, ProgressListener.NONE);
            assertEquals(1, found.classes());
            double[] p = expected.probabilities(x);
            double[] positive = new double[TRAINING];
            Arrays.setAll(positive, i -> p[2 * i + 1]);
            assertArrayEquals(positive, found.probabilities(x), 1e-10);
            assertEquals(expected.report().objective(), found.report().objective(), 1e-9);
        }
    }

    @Test
    void labelsThatDoNotFitAreRefused() {
        try (LinearizedNetwork network = open()) {
            Examples x = examples(network, TRAINING, 1);
            boolean[][] ragged = labels(network, x);
            ragged[3] = new boolean[2];
            String uneven = assertThrows(
                            IllegalArgumentException.class,
                            () -> ClassificationPosterior.fit(
                                    network, x, ragged, null, SETTINGS, ProgressListener.NONE))
                    .getMessage();
            assertTrue(uneven.contains("training example 3 has 2 labels"), uneven);
            String few = assertThrows(
                            IllegalArgumentException.class,
                            () -> ClassificationPosterior.fit(
                                    network, x, new boolean[2][1], null, SETTINGS, ProgressListener.NONE))
                    .getMessage();
            assertTrue(few.contains("40 examples and 2 rows"), few);
        }
    }
}
