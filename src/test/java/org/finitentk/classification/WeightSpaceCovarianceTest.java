package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.SymmetricSum;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.protos.ClassPosteriorProto;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PARAMETER_SPACE gives the posterior that DENSE gives. */
final class WeightSpaceCovarianceTest {
    private static final int TRAINING = 200;
    private static final int FEW = 40;
    private static final int INPUTS = 4;

    /** What weights have to do with logits. */
    private enum Kind {
        /** Weights of the last layer move one logit, those before all. */
        MATCHED,
        /** Each weight moves one logit. */
        LAST_LAYER,
        /** Each weight but the last layer's moves all. */
        FIRST_LAYER,
        /** Each class has weights of its own on one kernel. */
        SHARED,
        /** One logit for two labels. */
        ONE_LOGIT;

        int classes() {
            return this == ONE_LOGIT ? 2 : 3;
        }

        ParameterSelection selection() {
            return switch (this) {
                case LAST_LAYER -> new ParameterSelection(Pattern.compile("layers.1"), null);
                case FIRST_LAYER -> new ParameterSelection(Pattern.compile("layers.0"), null);
                default -> ParameterSelection.DEFAULT;
            };
        }

        Graph graph() {
            return NetworkBuilder.mlp(INPUTS, List.of(6), this == ONE_LOGIT ? 1 : 3, Activation.TANH, 3);
        }

        ClassificationSettings settings(CovarianceSolver solver) {
            return settings(solver, 1e-11);
        }

        ClassificationSettings settings(CovarianceSolver solver, double tolerance) {
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .withPriorVariance(0.7, false)
                    .withCovariance(
                            new ClassificationSettings.Covariance(solver, 64, 64, 200, tolerance, 500, 1e-12, 8000));
            return this == SHARED
                    ? settings.withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.FREQUENCIES)
                    : settings;
        }
    }

    private static LinearizedNetwork open(Kind kind, ElementType type, ExecutionSettings execution) {
        Graph graph = kind.graph();
        return RunningNetwork.of(
                type == ElementType.DOUBLE ? DoubleNetworks.of(graph) : graph, kind.selection(), execution);
    }

    private static Examples examples(LinearizedNetwork network, int n, long seed) {
        Random random = new Random(seed);
        double[] values = new double[n * INPUTS];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Examples.of(network.inputs().get(0).name(), Tensor.ofReals(network.elementType(), values, n, INPUTS));
    }

    private static ClassificationPosterior fit(LinearizedNetwork network, Kind kind, ClassificationSettings settings) {
        return fit(network, kind, settings, FEW);
    }

    private static ClassificationPosterior fit(
            LinearizedNetwork network, Kind kind, ClassificationSettings settings, int n) {
        Examples x = examples(network, n, 1);
        double[] weights = new double[n];
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

    /** Relative to the norm of what is expected. */
    private static void assertNear(double[] expected, double[] found, double tolerance) {
        double difference = 0;
        double norm = 0;
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; i++) {
            difference += (expected[i] - found[i]) * (expected[i] - found[i]);
            norm += expected[i] * expected[i];
        }
        double relative = Math.sqrt(difference / norm);
        assertTrue(relative <= tolerance, () -> "relative difference " + relative);
    }

    private static void assertSame(
            ClassificationPosterior dense, ClassificationPosterior found, Examples z, double tolerance) {
        assertEquals("PARAMETER_SPACE", found.report().solver());
        assertEquals(
                dense.report().objective(),
                found.report().objective(),
                tolerance * Math.abs(dense.report().objective()));
        assertEquals(0, found.report().objectiveError());
        assertTrue(found.report().converged());
        assertEquals(dense.priorVariance(), found.priorVariance(), tolerance * dense.priorVariance());
        assertNear(dense.weights(), found.weights(), tolerance);
        assertNear(dense.logitMean(z), found.logitMean(z), tolerance);
        assertNear(dense.logitCovariance(z), found.logitCovariance(z), tolerance);
        assertNear(dense.probabilities(z), found.probabilities(z), tolerance);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void posteriorsAreThoseOfDense(Kind kind) {
        for (ElementType type : List.of(ElementType.DOUBLE, ElementType.FLOAT)) {
            double tolerance = type == ElementType.DOUBLE ? 1e-8 : 1e-5;
            try (LinearizedNetwork network = open(kind, type, ExecutionSettings.DEFAULT)) {
                Examples z = examples(network, 9, 5);
                for (Inference inference : List.of(Inference.LAPLACE, Inference.FULL_COVARIANCE)) {
                    // both go the same way, so that few steps tell as much as many
                    double ending = inference == Inference.LAPLACE ? 1e-11 : 1e-5;
                    ClassificationSettings dense = kind.settings(CovarianceSolver.DENSE, ending);
                    ClassificationSettings own = kind.settings(CovarianceSolver.PARAMETER_SPACE, ending);
                    assertSame(
                            fit(network, kind, dense.with(inference), TRAINING),
                            fit(network, kind, own.with(inference), TRAINING),
                            z,
                            tolerance);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void learnedPriorVariancesAreThoseOfDense(Kind kind) {
        try (LinearizedNetwork network = open(kind, ElementType.DOUBLE, ExecutionSettings.DEFAULT)) {
            Examples z = examples(network, 9, 5);
            for (Inference inference : List.of(Inference.LAPLACE, Inference.FULL_COVARIANCE)) {
                ClassificationPosterior dense = fit(
                        network,
                        kind,
                        kind.settings(CovarianceSolver.DENSE).with(inference).withPriorVariance(0, true));
                ClassificationPosterior found = fit(
                        network,
                        kind,
                        kind.settings(CovarianceSolver.PARAMETER_SPACE)
                                .with(inference)
                                .withPriorVariance(0, true));
                assertSame(dense, found, z, 1e-7);
            }
        }
    }

    /** Where rows do not fit the memory they are made again in each pass. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void rowsNeedNotBeKept(Kind kind) {
        ClassificationSettings settings = kind.settings(CovarianceSolver.PARAMETER_SPACE);
        try (LinearizedNetwork network = open(kind, ElementType.DOUBLE, ExecutionSettings.DEFAULT);
                LinearizedNetwork little =
                        open(kind, ElementType.DOUBLE, ExecutionSettings.DEFAULT.withMemoryBudget(2000))) {
            assertSame(fit(network, kind, settings), fit(little, kind, settings), examples(network, 9, 5), 1e-9);
        }
    }

    @Test
    void drawsHaveTheCovariance() {
        Kind kind = Kind.MATCHED;
        try (LinearizedNetwork network = open(kind, ElementType.DOUBLE, ExecutionSettings.DEFAULT)) {
            ClassificationPosterior posterior = fit(network, kind, kind.settings(CovarianceSolver.PARAMETER_SPACE));
            Examples z = examples(network, 2, 5);
            int count = 20_000;
            double[][] deviations = posterior.posteriorWeights().deviations(posterior.map(), 0, count, 7);
            double[] covariance = posterior.logitCovariance(z);
            double[] found = new double[covariance.length];
            for (double[] f : posterior.map().products(z, deviations)) {
                for (int e = 0; e < found.length; e++) {
                    found[e] += f[e / 3] * f[e / 9 * 3 + e % 3] / count;
                }
            }
            assertNear(covariance, found, 0.03);
        }
    }

    /** Weights that moved one logit of the examples that told, but move others elsewhere. */
    @Test
    void anOwnWeightMayMoveOtherLogitsElsewhere() {
        Kind kind = Kind.MATCHED;
        try (LinearizedNetwork network = open(kind, ElementType.DOUBLE, ExecutionSettings.DEFAULT)) {
            int p = (int) network.parameterCount();
            Examples z = examples(network, 6, 5);
            SplittableRandom random = new SplittableRandom(3);
            double[] d = new double[6 * 9];
            for (int i = 0; i < 6; i++) {
                d[9 * i] = random.nextDouble();
                d[9 * i + 4] = 1 + random.nextDouble();
                d[9 * i + 8] = 1;
                d[9 * i + 1] = 0.3;
                d[9 * i + 3] = 0.3;
            }
            int[] order = new int[p];
            Arrays.setAll(order, i -> p - 1 - i);
            WeightColumns wrong = new WeightColumns(order, new int[] {p / 3, p / 2, p - 4}, 3);
            WeightColumns right = wrong.allCommon();
            BlockDiagonal precision = new BlockDiagonal(6, 3, d);
            new JacobianRows(network, ProgressListener.NONE).forEach(z, Outputs.all(), (from, to, rows) -> {
                try (RowChunk chunk = RowChunk.of(rows, from, to, wrong);
                        RowChunk dense = RowChunk.of(rows, from, to, right)) {
                    assertArrayEquals(curvature(dense, p, precision), curvature(chunk, p, precision), 1e-14);
                }
            });
        }
    }

    private static double[] curvature(RowChunk chunk, int p, BlockDiagonal d) {
        try (SymmetricSum sum = new SymmetricSum(p)) {
            CurvatureSum.add(chunk, d, 2, sum);
            return sum.toArray();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void storedPosteriorsPredictTheSameWithoutTrainingExamples(Kind kind) {
        try (LinearizedNetwork network = open(kind, ElementType.FLOAT, ExecutionSettings.DEFAULT)) {
            ClassificationPosterior posterior = fit(network, kind, kind.settings(CovarianceSolver.PARAMETER_SPACE));
            ClassPosteriorProto stored = posterior.toProto();
            ClassificationPosterior loaded = ClassificationPosterior.fromProto(stored, network);
            Examples z = examples(network, 9, 5);
            assertArrayEquals(posterior.probabilities(z), loaded.probabilities(z));
            assertArrayEquals(posterior.logitCovariance(z), loaded.logitCovariance(z));
            assertArrayEquals(posterior.sampleWeights(3)[2], loaded.sampleWeights(3)[2]);
            assertEquals(stored, loaded.toProto());
            int w = posterior.weights().length;
            assertTrue(stored.getSerializedSize() < 8 * (w * (w + 1) / 2 + w) + 8 * w + 2000);
        }
    }
}
