package org.finitentk.classification;

import static org.finitentk.classification.SmallProblem.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.DoubleNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many classes that share a kernel: against weight space with plain loops, and against one large factorization. */
@NullUnmarked
final class ClasswiseCovarianceTest {
    private static final int CLASSES = 6;
    private static final int MANY = 12;
    private static final int TRAINING = 40;
    private static final double LAMBDA = 0.7;

    private static final LinearizedNetwork NETWORK = RunningNetwork.of(
            DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(5), 3, Activation.TANH, 3)),
            ParameterSelection.DEFAULT,
            ExecutionSettings.DEFAULT);
    private static final String INPUT = NETWORK.inputs().get(0).name();
    private static final Examples X = SmallProblem.examples(INPUT, TRAINING, 1);
    private static final Examples Z = SmallProblem.examples(INPUT, 7, 5);

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static ClassificationSettings settings(CovarianceSolver solver, boolean learned) {
        return ClassificationSettings.DEFAULT
                .withPriorVariance(LAMBDA, learned)
                .withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.FREQUENCIES)
                .withCovariance(new ClassificationSettings.Covariance(solver, 64, 64, 200, 1e-12, 500, 1e-12, 8000));
    }

    private static double[] weights() {
        double[] weights = new double[TRAINING];
        Arrays.setAll(weights, i -> 0.5 + i % 3);
        return weights;
    }

    /** Of the softmax, the last class without an example; or of labels that each example has or has not. */
    private static LabelTargets targets(boolean exclusive, int classes) {
        if (exclusive) {
            return LabelTargets.of(
                    new SoftmaxLikelihood(classes), WeightSpace.labels(X, INPUT, classes - 1, 2), weights());
        }
        double[] memberships = new double[TRAINING * classes];
        for (int c = 0; c < classes; c++) {
            int[] own = WeightSpace.labels(X, INPUT, 2, 3 + c);
            for (int i = 0; i < TRAINING; i++) {
                memberships[i * classes + c] = own[i];
            }
        }
        return LabelTargets.ofMany(classes, memberships, weights());
    }

    private interface Use {
        void of(LogitProblem problem);
    }

    private static void with(LabelTargets targets, ClassificationSettings settings, Use use) {
        LogitMap map = ClassificationFit.map(NETWORK, targets.likelihood(), settings);
        try (LinearizedExamples kept = NETWORK.keeping(X)) {
            use.of(new LogitProblem(
                    map,
                    new LogitJacobian(map, kept, ProgressListener.NONE),
                    targets,
                    PriorMean.of(settings.prior().logits(), map, targets).of(map, X),
                    settings,
                    ProgressListener.NONE));
        }
    }

    private static InferredWeights classwise(LogitProblem problem, double lambda) {
        InferredWeights found = new ClasswiseCovariance(0).fit(problem, lambda, "");
        assertTrue(found.weights() instanceof ClasswiseWeights);
        assertTrue(found.report().converged());
        return found;
    }

    /** The textbook: the top, the evidence, and covariances of logits, of examples that count differently. */
    @Test
    void laplaceIsThatOfWeightSpace() {
        LabelTargets targets = targets(true, CLASSES);
        with(targets, settings(CovarianceSolver.DENSE, false).with(Inference.LAPLACE), problem -> {
            InferredWeights found = classwise(problem, LAMBDA);
            double[] w = found.weights().mean();
            WeightSpace reference = new WeightSpace(
                    WeightSpace.jacobian(NETWORK, X, CLASSES, true),
                    WeightSpace.labels(X, INPUT, CLASSES - 1, 2),
                    weights(),
                    problem.priorLogits(),
                    CLASSES);
            double[] f = reference.logits(w);
            double[] stationary = reference.transposed(reference.residuals(f));
            Arrays.setAll(stationary, i -> LAMBDA * stationary[i]);
            assertNear(stationary, w, 1e-9);
            double[][] covariance = WeightSpace.inverse(reference.precision(reference.curvature(f), LAMBDA));
            double squares = Arrays.stream(w).map(value -> value * value).sum();
            double evidence = reference.logLikelihood(f)
                    - 0.5 * squares / LAMBDA
                    - 0.5 * (covariance[w.length][0] + w.length * Math.log(LAMBDA));
            assertEquals(evidence, found.report().objective(), 1e-8 * Math.abs(evidence));
            double[] expected =
                    WeightSpace.blocks(WeightSpace.jacobian(NETWORK, Z, CLASSES, true), covariance, CLASSES);
            assertNear(expected, found.weights().covariance(problem.map(), Z).values(), 1e-8);
        });
    }

    /** With any λ, and with the best one: the same as one factorization of all classes together. */
    @ParameterizedTest
    @CsvSource({
        "true, LAPLACE, 0.7, 1e-8",
        "true, LAPLACE, 1e-6, 1e-8",
        "true, LAPLACE, 1e4, 1e-6",
        "false, LAPLACE, 0.7, 1e-8",
        "false, LAPLACE, 1e4, 1e-6",
        "false, FULL_COVARIANCE, 0.7, 1e-8",
        "true, LAPLACE, 0, 1e-2",
        "false, LAPLACE, 0, 1e-2",
        "false, FULL_COVARIANCE, 0, 1e-2"
    })
    void oneLargeFactorizationGivesTheSame(boolean exclusive, Inference inference, double lambda, double tolerance) {
        boolean learned = lambda == 0;
        double first = learned ? LAMBDA : lambda;
        LabelTargets targets = targets(exclusive, CLASSES);
        with(targets, settings(CovarianceSolver.DENSE, learned).with(inference), problem -> {
            InferredWeights expected = new DenseCovariance().fit(problem, first, "");
            InferredWeights found = classwise(problem, first);
            assertEquals(
                    expected.weights().lambda(),
                    found.weights().lambda(),
                    tolerance * expected.weights().lambda());
            assertEquals(learned, found.weights().lambda() != first);
            assertEquals(
                    expected.report().objective(),
                    found.report().objective(),
                    Math.min(1e-6, tolerance) * Math.abs(expected.report().objective()));
            assertNear(expected.weights().mean(), found.weights().mean(), tolerance);
            assertNear(
                    expected.weights().covariance(problem.map(), Z).values(),
                    found.weights().covariance(problem.map(), Z).values(),
                    tolerance);
        });
    }

    /** What else a system tells of its sites. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void systemsTellTheSame(boolean exclusive) {
        LabelTargets targets = targets(exclusive, CLASSES);
        with(targets, settings(CovarianceSolver.DENSE, false).with(Inference.LAPLACE), problem -> {
            SplittableRandom random = new SplittableRandom(4);
            double[] logits = random.doubles(TRAINING * CLASSES, -2, 2).toArray();
            double[] b = random.doubles(TRAINING * CLASSES, -1, 1).toArray();
            try (LogitKernel kernel = LogitKernel.dense(problem.map(), X, ProgressListener.NONE)) {
                SitePrecision sites = SitePrecision.at(targets, logits);
                SiteSystem dense =
                        new DenseCovariance().systems(problem, kernel).system(LAMBDA, sites);
                SiteSystem own =
                        new ClasswiseCovariance(0).systems(problem, kernel).system(LAMBDA, sites);
                assertNear(dense.alpha(b), own.step(b), 0.2);
                assertTrue(LogPosterior.sum(dense.alpha(b), -1, own.step(b))[0] != 0, "by conjugate gradients");
                assertEquals(dense.logDeterminant(), own.logDeterminant(), 1e-9 * dense.logDeterminant());
                assertNear(dense.alpha(b), own.alpha(b), 1e-10);
                assertEquals(dense.logDeterminant(), own.logDeterminant(), 1e-9 * dense.logDeterminant());
                assertEquals(
                        dense.effectiveParameters(), own.effectiveParameters(), 1e-8 * dense.effectiveParameters());
                ExpectedLikelihood expected = dense.expected(targets, logits);
                ExpectedLikelihood found = own.expected(targets, logits);
                assertEquals(expected.value(), found.value(), 1e-7 * Math.abs(expected.value()));
                assertNear(expected.residuals(), found.residuals(), 1e-7);
            }
        });
    }

    /** The variance of the drawn weights' logits is the one that is computed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void drawsVaryAsTheyShould(boolean exclusive) {
        with(targets(exclusive, 3), settings(CovarianceSolver.DENSE, false).with(Inference.LAPLACE), problem -> {
            WeightPosterior weights = classwise(problem, LAMBDA).weights();
            BlockDiagonal expected = weights.covariance(problem.map(), Z);
            double[] found = new double[expected.values().length];
            int draws = 1000;
            for (double[] draw : weights.deviations(problem.map(), 0, draws, 3)) {
                double[] f = problem.map().product(Z, draw);
                for (int at = 0; at < found.length; at++) {
                    found[at] += f[at / 3] * f[at / 9 * 3 + at % 3] / draws;
                }
            }
            assertNear(expected.values(), found, 0.15);
        });
    }

    private static ClassificationPosterior fit(ClassificationSettings settings) {
        return ClassificationPosterior.fit(
                NETWORK,
                X,
                new ClassificationPosterior.Labels(WeightSpace.labels(X, INPUT, MANY, 2), MANY),
                weights(),
                settings,
                ProgressListener.NONE);
    }

    /** For users: chosen for many classes, the same as in weight space, and the same to the bit once stored. */
    @Test
    void storedPosteriorsPredictTheSame() {
        ClassificationPosterior posterior = fit(settings(CovarianceSolver.DENSE, false));
        assertTrue(posterior.posteriorWeights() instanceof ClasswiseWeights);
        ClassificationPosterior inWeights = fit(settings(CovarianceSolver.PARAMETER_SPACE, false));
        assertNear(inWeights.logitCovariance(Z), posterior.logitCovariance(Z), 1e-8);
        assertNear(
                inWeights.withProbabilities(ClassProbabilities.PROBIT, 0).probabilities(Z),
                posterior.withProbabilities(ClassProbabilities.PROBIT, 0).probabilities(Z),
                1e-8);
        ClassificationPosterior read = ClassificationPosterior.fromProto(posterior.toProto(), NETWORK);
        assertArrayEquals(posterior.probabilities(Z), read.probabilities(Z));
        assertArrayEquals(posterior.logitCovariance(Z), read.logitCovariance(Z));
        assertArrayEquals(posterior.sampleWeights(3)[2], read.sampleWeights(3)[2]);
    }

    /** Of MAP's λ the evidence tells. */
    @Test
    void mostProbableWeightsHaveTheBestPriorVariance() {
        ClassificationPosterior laplace =
                fit(settings(CovarianceSolver.AUTO, true).with(Inference.LAPLACE));
        ClassificationPosterior map = fit(settings(CovarianceSolver.DENSE, true).with(Inference.MAP));
        assertEquals(laplace.priorVariance(), map.priorVariance(), 1e-4 * map.priorVariance());
    }

    @Test
    void whoIsServedClassByClass() {
        LogitMap many =
                ClassificationFit.map(NETWORK, new SoftmaxLikelihood(80), settings(CovarianceSolver.AUTO, false));
        LogitMap few = ClassificationFit.map(
                NETWORK, new SoftmaxLikelihood(ClasswiseCovariance.MANY - 1), settings(CovarianceSolver.AUTO, false));
        assertTrue(isClasswise(Inference.LAPLACE, new SoftmaxLikelihood(80), many, 80));
        assertTrue(isClasswise(Inference.MAP, new SoftmaxLikelihood(80), many, 80));
        assertTrue(isClasswise(Inference.FULL_COVARIANCE, new IndependentBernoulli(80), many, 80));
        assertFalse(isClasswise(Inference.FULL_COVARIANCE, new SoftmaxLikelihood(80), many, 80));
        assertFalse(isClasswise(Inference.LAPLACE, new SoftmaxLikelihood(few.classes()), few, 80));
        assertFalse(
                isClasswise(Inference.LAPLACE, new SoftmaxLikelihood(80), many, 20_000),
                "few weights and many examples");
    }

    /** Where only the evidence is asked for, no factorization of any class is kept. */
    @Test
    void theEvidenceAloneTakesLittleMemory() {
        LogitMap map =
                ClassificationFit.map(NETWORK, new SoftmaxLikelihood(500), settings(CovarianceSolver.AUTO, false));
        ClasswiseCovariance way = new ClasswiseCovariance(0);
        double covariances = way.estimate(Inference.LAPLACE, map, 1000).bytes();
        assertTrue(covariances > 500 * 8e6);
        assertTrue(way.estimate(Inference.MAP, map, 1000).bytes() < covariances / 10);
    }

    private static boolean isClasswise(Inference inference, Likelihood likelihood, LogitMap map, int n) {
        CovarianceChoice choice =
                CovarianceChoice.of(inference, likelihood, ClassificationSettings.Covariance.DEFAULT, map, n);
        return choice.method() instanceof ClasswiseCovariance;
    }
}
