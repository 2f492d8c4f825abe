package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.protos.ClassPosteriorProto;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** LOW_RANK under FULL_COVARIANCE: in the subspace of all examples DENSE's posterior, in that of some a lower bound. */
final class InducedCovarianceTest {
    private static final int N = 60;
    private static final int INPUTS = 4;

    private enum Kind {
        MATCHED,
        SHARED,
        ONE_LOGIT;

        int classes() {
            return this == ONE_LOGIT ? 2 : 3;
        }

        Graph graph() {
            return NetworkBuilder.mlp(INPUTS, List.of(16, 16), this == ONE_LOGIT ? 1 : 3, Activation.TANH, 3);
        }

        LinearizedNetwork open(boolean isDouble) {
            return RunningNetwork.of(
                    isDouble ? DoubleNetworks.of(graph()) : graph(),
                    ParameterSelection.DEFAULT,
                    ExecutionSettings.DEFAULT);
        }

        /** With so many inducing examples. */
        ClassificationSettings settings(CovarianceSolver solver, int inducing) {
            int logits = this == ONE_LOGIT ? 1 : classes();
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .with(Inference.FULL_COVARIANCE)
                    .withPriorVariance(0.7, false)
                    .withCovariance(new ClassificationSettings.Covariance(
                            solver, 64, 64, 100, 1e-7, 50, 1e-9, 2 * logits * inducing));
            return this == SHARED
                    ? settings.withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.FREQUENCIES)
                    : settings;
        }
    }

    private static Examples examples(LinearizedNetwork network, int n, long seed) {
        Random random = new Random(seed);
        double[] values = new double[n * INPUTS];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Examples.of(network.inputs().get(0).name(), Tensor.ofReals(network.elementType(), values, n, INPUTS));
    }

    private static ClassificationPosterior fit(LinearizedNetwork network, Kind kind, ClassificationSettings settings) {
        Examples x = examples(network, N, 1);
        double[] weights = new double[N];
        Arrays.setAll(weights, i -> 0.5 + i % 3);
        int[] labels = WeightSpace.labels(x, network.inputs().get(0).name(), kind.classes(), 2);
        return ClassificationPosterior.fit(
                network,
                x,
                new ClassificationPosterior.Labels(labels, kind.classes()),
                weights,
                settings,
                ProgressListener.NONE);
    }

    private static double difference(double[] expected, double[] found) {
        double difference = 0;
        double norm = 0;
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; i++) {
            difference += (expected[i] - found[i]) * (expected[i] - found[i]);
            norm += expected[i] * expected[i];
        }
        return Math.sqrt(difference / norm);
    }

    @ParameterizedTest
    @CsvSource({
        "MATCHED, true, 1e-6",
        "SHARED, true, 1e-6",
        "ONE_LOGIT, true, 1e-6",
        "MATCHED, false, 2e-3",
        "SHARED, false, 2e-3"
    })
    void inTheSubspaceOfAllExamplesItIsDense(Kind kind, boolean isDouble, double tolerance) {
        try (LinearizedNetwork network = kind.open(isDouble)) {
            Examples z = examples(network, 9, 5);
            ClassificationPosterior dense = fit(network, kind, kind.settings(CovarianceSolver.DENSE, N));
            ClassificationPosterior found = fit(network, kind, kind.settings(CovarianceSolver.LOW_RANK, N));
            assertEquals("LOW_RANK", found.report().solver());
            assertEquals(
                    dense.report().objective(),
                    found.report().objective(),
                    tolerance * Math.abs(dense.report().objective()));
            assertTrue(difference(dense.logitMean(z), found.logitMean(z)) < tolerance);
            assertTrue(difference(dense.logitCovariance(z), found.logitCovariance(z)) < tolerance);
            assertTrue(difference(dense.weights(), found.weights()) < 10 * tolerance);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void withFewerExamplesTheBoundIsLowerAndDeviationsAreNotSmaller(Kind kind) {
        try (LinearizedNetwork network = kind.open(true)) {
            Examples z = examples(network, 40, 5);
            ClassificationPosterior dense = fit(network, kind, kind.settings(CovarianceSolver.DENSE, N));
            double last = Double.NEGATIVE_INFINITY;
            for (int inducing : new int[] {10, 30, 50}) {
                ClassificationPosterior found = fit(network, kind, kind.settings(CovarianceSolver.LOW_RANK, inducing));
                double bound = found.report().objective();
                assertTrue(bound > last && bound < dense.report().objective() + 1e-6, inducing + ": " + bound);
                last = bound;
                double exact = Arrays.stream(deviations(dense, z)).average().orElseThrow();
                double own = Arrays.stream(deviations(found, z)).average().orElseThrow();
                assertTrue(own > 0.99 * exact, own + " " + exact);
                assertTrue(inducing < 50 || own < 1.1 * exact, own + " " + exact);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatTheSubspaceLeavesOutIsSaid(Kind kind) {
        try (LinearizedNetwork network = kind.open(true)) {
            Examples x = examples(network, N, 1);
            ClassificationPosterior coarse = fit(network, kind, kind.settings(CovarianceSolver.LOW_RANK, 5));
            InducedWeights weights = (InducedWeights) coarse.posteriorWeights();
            BlockDiagonal prior = WeightPosterior.priorBlocks(coarse.map(), x);
            BlockDiagonal rest = BlockDiagonal.zeros(N, prior.size());
            try (NativeDoubles rows = weights.basis().rows(coarse.map(), x)) {
                InducingExamples.addRest(coarse.map(), rows, prior, 1, rest, 0);
            }
            double[] covariance = coarse.logitCovariance(x);
            double all = new BlockDiagonal(N, prior.size(), covariance).trace();
            String said = String.format(
                    Locale.ROOT,
                    "leaves out %.2g %% of the training logits' prior variance, which is %.2g %% of their posterior",
                    100 * rest.trace() / prior.trace(),
                    100 * 0.7 * rest.trace() / all);
            assertTrue(coarse.report().reason().contains(said), coarse.report().reason() + " / " + said);
            assertTrue(0.7 * rest.trace() / all > 0.1, "coarse enough to be warned of");
            String fine = fit(network, kind, kind.settings(CovarianceSolver.LOW_RANK, N))
                    .report()
                    .reason();
            assertTrue(Double.parseDouble(fine.replaceAll(".*which is ([^ ]+) %.*", "$1")) < 1e-3, fine);
        }
    }

    private static double[] deviations(ClassificationPosterior posterior, Examples z) {
        double[] covariance = posterior.logitCovariance(z);
        int logits = covariance.length / posterior.logitMean(z).length;
        double[] deviations = new double[covariance.length / logits];
        Arrays.setAll(deviations, i -> Math.sqrt(covariance[i / logits * logits * logits + i % logits * (logits + 1)]));
        return deviations;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void drawsHaveTheCovariance(Kind kind) {
        try (LinearizedNetwork network = kind.open(true)) {
            ClassificationPosterior posterior = fit(network, kind, kind.settings(CovarianceSolver.LOW_RANK, 20));
            Examples z = examples(network, 2, 5);
            int count = 6000;
            double[][] deviations = posterior.posteriorWeights().deviations(posterior.map(), 0, count, 7);
            double[] covariance = posterior.logitCovariance(z);
            int logits = covariance.length / posterior.logitMean(z).length;
            double[] found = new double[covariance.length];
            for (double[] f : posterior.map().products(z, deviations)) {
                for (int e = 0; e < found.length; e++) {
                    found[e] += f[e / logits] * f[e / logits / logits * logits + e % logits] / count;
                }
            }
            assertTrue(difference(covariance, found) < 0.08, () -> kind + " " + difference(covariance, found));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void storedPosteriorsPredictTheSame(Kind kind) {
        try (LinearizedNetwork network = kind.open(false)) {
            ClassificationPosterior posterior = fit(network, kind, kind.settings(CovarianceSolver.LOW_RANK, 20));
            ClassPosteriorProto stored = posterior.toProto();
            assertEquals(
                    20,
                    stored.getInduced()
                            .getExamplesMap()
                            .values()
                            .iterator()
                            .next()
                            .getShape(0));
            ClassificationPosterior loaded = ClassificationPosterior.fromProto(stored, network);
            Examples z = examples(network, 9, 5);
            assertArrayEquals(posterior.probabilities(z), loaded.probabilities(z));
            assertArrayEquals(posterior.logitCovariance(z), loaded.logitCovariance(z));
            assertArrayEquals(posterior.sampleWeights(2)[1], loaded.sampleWeights(2)[1]);
            assertEquals(stored, loaded.toProto());
        }
    }

    @Test
    void itIsChosenWhereNothingExactIsSoonDone() {
        try (LinearizedNetwork network = Kind.SHARED.open(false)) {
            ClassificationSettings settings = Kind.SHARED.settings(CovarianceSolver.AUTO, 1);
            LogitMap map = ClassificationFit.map(network, new SoftmaxLikelihood(25), settings);
            CovarianceChoice choice = CovarianceChoice.of(
                    Inference.FULL_COVARIANCE,
                    new SoftmaxLikelihood(25),
                    ClassificationSettings.Covariance.DEFAULT,
                    map,
                    1000);
            assertEquals(CovarianceSolver.LOW_RANK, choice.solver());
            assertTrue(choice.reason().contains("160 examples' gradients"), choice.reason());
            LogitMap many = ClassificationFit.map(network, new SoftmaxLikelihood(60), settings);
            CovarianceChoice other = CovarianceChoice.of(
                    Inference.FULL_COVARIANCE,
                    new SoftmaxLikelihood(60),
                    ClassificationSettings.Covariance.DEFAULT,
                    many,
                    1000);
            assertEquals(CovarianceSolver.ITERATIVE, other.solver(), "66 examples are too few");
            CovarianceChoice laplace = CovarianceChoice.of(
                    Inference.LAPLACE, new SoftmaxLikelihood(25), ClassificationSettings.Covariance.DEFAULT, map, 1000);
            assertTrue(laplace.reason().contains("class by class"), laplace.reason());
        }
    }

    /** Rows that repeat leave a kernel that has no factorization without something on its diagonal. */
    @Test
    void examplesMayRepeat() {
        Kind kind = Kind.SHARED;
        try (LinearizedNetwork network = kind.open(false)) {
            Examples x = examples(network, 10, 1).select(0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8);
            int[] labels = {0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 2};
            ClassificationPosterior found = ClassificationPosterior.fit(
                    network,
                    x,
                    new ClassificationPosterior.Labels(labels, 3),
                    null,
                    kind.settings(CovarianceSolver.LOW_RANK, 12),
                    ProgressListener.NONE);
            ClassificationPosterior dense = ClassificationPosterior.fit(
                    network,
                    x,
                    new ClassificationPosterior.Labels(labels, 3),
                    null,
                    kind.settings(CovarianceSolver.DENSE, 12),
                    ProgressListener.NONE);
            Examples z = examples(network, 9, 5);
            assertTrue(difference(dense.logitMean(z), found.logitMean(z)) < 1e-2);
        }
    }
}
