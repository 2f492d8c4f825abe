package org.finitentk.classification;

import static org.finitentk.classification.SmallProblem.CLASSES;
import static org.finitentk.classification.SmallProblem.LAMBDA;
import static org.finitentk.classification.SmallProblem.TRAINING;
import static org.finitentk.classification.SmallProblem.assertNear;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.DoubleNetworks;
import org.finitentk.testing.LogLines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every inference against weight space with plain loops, on networks in double precision. */
final class ClassificationPosteriorTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void mostProbableWeightsHaveNoGradientAndBothOptimizersAgree(boolean shared) {
        try (SmallProblem problem = SmallProblem.of(shared)) {
            WeightSpace reference = problem.reference();
            ClassificationSettings map = problem.settings().with(Inference.MAP);
            ClassificationPosterior newton =
                    problem.fit(map.withOptimization(MapOptimizer.NEWTON, ClassificationSettings.Stochastic.DEFAULT));
            double[] w = newton.weights();
            double[] gradient = reference.transposed(reference.residuals(reference.logits(w)));
            double[] first = reference.transposed(reference.residuals(reference.prior));
            double left = 0;
            double all = 0;
            for (int i = 0; i < w.length; i++) {
                left += Math.pow(gradient[i] - w[i] / LAMBDA, 2);
                all += first[i] * first[i];
            }
            assertTrue(Math.sqrt(left / all) < 1e-6, "relative gradient " + Math.sqrt(left / all));
            assertTrue(newton.report().converged() && newton.report().gradient() < 1e-6);
            ClassificationPosterior adam = problem.fit(map.withOptimization(
                    MapOptimizer.ADAM,
                    new ClassificationSettings.Stochastic(
                            2000, TRAINING, 0.3, 1, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.ADAM)));
            assertNear(w, adam.weights(), 1e-3);
            assertEquals(newton.report().objective(), adam.report().objective(), 1e-5);
        }
    }

    /** Few epochs are a choice: what they lead to is said, recorded, and used. */
    @Test
    void stepsOfMiniBatchesMayEndEarly() {
        try (SmallProblem problem = SmallProblem.of(false);
                LogLines log = new LogLines(ClassificationFit.class)) {
            ClassificationPosterior adam = problem.fit(
                    problem.settings().with(Inference.MAP).withOptimization(MapOptimizer.ADAM, steps(2, 0.03)));
            assertTrue(
                    adam.report().gradient() > 0.1 && adam.report().gradient() < 1,
                    "relative gradient " + adam.report().gradient());
            List<String> warnings = log.of(Level.WARNING);
            assertTrue(
                    warnings.stream()
                            .anyMatch(line -> line.contains("of that at w = 0")
                                    && line.contains("raise epochs, or set mapOptimizer to NEWTON")),
                    warnings.toString());
        }
    }

    @Test
    void stepsThatDivergeAreRefused() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            ClassificationSettings map = problem.settings().with(Inference.MAP);
            String refused = String.valueOf(assertThrows(
                            UnsolvedException.class,
                            () -> problem.fit(map.withOptimization(MapOptimizer.ADAM, steps(3, 1e4))))
                    .getMessage());
            assertTrue(refused.contains("lower the learningRate 10000.0"), refused);
        }
    }

    private static ClassificationSettings.Stochastic steps(int epochs, double learningRate) {
        return new ClassificationSettings.Stochastic(
                epochs, 8, learningRate, 1, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.ADAM);
    }

    /**
     * The gradient at w = 0 is then that example's alone, so that a small share of it says nothing about the others.
     */
    @Test
    void oneExampleOfGreatWeightDoesNotHideTheOthers() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            WeightSpace given = problem.reference();
            double[] omega = given.omega.clone();
            omega[5] = 1e8;
            WeightSpace reference = new WeightSpace(given.j, given.labels, omega, given.prior, CLASSES);
            ClassificationPosterior found = ClassificationPosterior.fit(
                    problem.network(),
                    problem.x(),
                    new ClassificationPosterior.Labels(problem.labels(), CLASSES),
                    omega,
                    problem.settings().with(Inference.MAP),
                    ProgressListener.NONE);
            double[] w = mostProbable(reference);
            double expected = reference.logLikelihood(reference.logits(w)) - 0.5 * Vectors.dot(w, w) / LAMBDA;
            assertTrue(found.report().converged());
            assertEquals(expected, found.report().objective(), 1e-4);
            assertNear(reference.logits(w), reference.logits(found.weights()), 1e-3);
        }
    }

    /** By damped Newton steps with the dense Hessian. */
    private static double[] mostProbable(WeightSpace reference) {
        double[] w = new double[reference.j[0].length];
        for (int step = 0; step < 200; step++) {
            double[] f = reference.logits(w);
            double[] gradient = reference.transposed(reference.residuals(f));
            for (int i = 0; i < w.length; i++) {
                gradient[i] -= w[i] / LAMBDA;
            }
            double[] direction = WeightSpace.times(
                    WeightSpace.inverse(reference.precision(reference.curvature(f), LAMBDA)), gradient);
            double value = reference.logLikelihood(f) - 0.5 * Vectors.dot(w, w) / LAMBDA;
            double rho = 2;
            double[] moved;
            do {
                rho /= 2;
                moved = LogPosterior.sum(w, rho, direction);
            } while (rho > 1e-6
                    && !(reference.logLikelihood(reference.logits(moved)) - 0.5 * Vectors.dot(moved, moved) / LAMBDA
                            >= value));
            w = moved;
        }
        return w;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void laplaceMatchesTheDenseHessian(boolean shared) {
        try (SmallProblem problem = SmallProblem.of(shared)) {
            WeightSpace reference = problem.reference();
            for (CovarianceSolver solver :
                    List.of(CovarianceSolver.DENSE, CovarianceSolver.ITERATIVE, CovarianceSolver.LOW_RANK)) {
                ClassificationSettings settings = problem.settings()
                        .withCovariance(problem.settings().method().covariance().with(solver));
                ClassificationPosterior posterior = problem.fit(settings);
                double[] w = posterior.weights();
                double[] f = reference.logits(w);
                double[][] precision = reference.precision(reference.curvature(f), LAMBDA);
                double[][] sigma = WeightSpace.inverse(precision);
                double tolerance = solver == CovarianceSolver.LOW_RANK ? 2e-5 : 1e-8;
                assertNear(
                        WeightSpace.blocks(problem.testJacobian(), sigma, CLASSES),
                        posterior.logitCovariance(problem.z()),
                        tolerance);
                double[] gradient = reference.transposed(reference.residuals(f));
                for (int i = 0; i < w.length; i++) {
                    assertEquals(gradient[i], w[i] / LAMBDA, 1e-5);
                }
                double evidence = reference.logLikelihood(f)
                        - 0.5 * Vectors.dot(w, w) / LAMBDA
                        - 0.5 * (sigma[w.length][0] + w.length * Math.log(LAMBDA));
                if (solver != CovarianceSolver.ITERATIVE) {
                    assertEquals(evidence, posterior.report().objective(), 1e-4);
                } else {
                    // 64 random vectors estimate log|B|.
                    assertEquals(evidence, posterior.report().objective(), 0.1 * Math.abs(evidence));
                }
                double[] mean = problem.testPrior();
                double[][] j = problem.testJacobian();
                for (int r = 0; r < mean.length; r++) {
                    mean[r] += Vectors.dot(j[r], w);
                }
                assertNear(mean, posterior.logitMean(problem.z()), 1e-9);
            }
        }
    }

    /**
     * The error of covariances is that of the solves squared; with bᵀx alone it would be 2.9e-4 here, not 1.2e-4. There
     * are more parameters than the preconditioner has columns, so that solves take some iterations.
     */
    @Test
    void roughSolvesGiveGoodCovariances() {
        try (LinearizedNetwork network = RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(40), CLASSES, Activation.TANH, 3)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            String input = network.inputs().get(0).name();
            Examples x = SmallProblem.examples(input, 100, 1);
            int[] labels = WeightSpace.labels(x, input, CLASSES, 2);
            double[] ones = new double[100];
            Arrays.fill(ones, 1);
            ClassificationSettings settings = ClassificationSettings.DEFAULT.withPriorVariance(30, false);
            ClassificationPosterior exact = ClassificationPosterior.fit(
                    network,
                    x,
                    new ClassificationPosterior.Labels(labels, CLASSES),
                    ones,
                    settings.withCovariance(ClassificationSettings.Covariance.DEFAULT.with(CovarianceSolver.DENSE)),
                    ProgressListener.NONE);
            SiteWeights found = (SiteWeights) exact.posteriorWeights();
            Examples z = SmallProblem.examples(input, 7, 5);
            double[] expected = exact.logitCovariance(z);
            ClassificationSettings.Covariance rough =
                    new ClassificationSettings.Covariance(CovarianceSolver.ITERATIVE, 64, 8, 50, 1e-6, 50, 1e-2, 8000);
            assertNear(
                    expected,
                    new SiteWeights(found.mean(), found.lambda(), x, found.root(), null, rough)
                            .covariance(exact.map(), z)
                            .values(),
                    2e-4);
        }
    }

    @Test
    void laplaceLearnsThePriorVarianceThatMaximizesTheEvidence() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            ClassificationPosterior learned = problem.fit(problem.settings().withPriorVariance(0.05, true));
            double best = learned.report().objective();
            for (double factor : new double[] {0.5, 0.8, 0.95, 1.05, 1.25, 2}) {
                ClassificationPosterior other =
                        problem.fit(problem.settings().withPriorVariance(factor * learned.priorVariance(), false));
                assertTrue(
                        other.report().objective() <= best + 1e-9,
                        factor + ": " + other.report().objective() + " against " + best);
            }
        }
    }

    /**
     * What a few eigenvalues leave out of the marginal likelihood is estimated, so that it is right within its error,
     * and so is the prior variance that maximizes it.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20, 500})
    void marginalLikelihoodOfLowRankIsThatOfAllEigenvalues(int rank) {
        for (boolean shared : new boolean[] {false, true}) {
            try (SmallProblem problem = SmallProblem.of(shared)) {
                ClassificationSettings.Covariance few = new ClassificationSettings.Covariance(
                        CovarianceSolver.LOW_RANK, 64, 64, 200, 1e-10, rank, 1e-12, 8000);
                for (double lambda : new double[] {0.01, 1, 30}) {
                    ClassificationSettings settings = problem.settings().withPriorVariance(lambda, false);
                    Inference.Report dense = problem.fit(settings).report();
                    Inference.Report found =
                            problem.fit(settings.withCovariance(few)).report();
                    assertEquals(
                            dense.objective(),
                            found.objective(),
                            4 * found.objectiveError() + 1e-3 * Math.abs(dense.objective()),
                            "rank " + rank + ", prior variance " + lambda);
                    assertTrue(
                            found.objectiveError() < 0.25 * Math.abs(dense.objective()),
                            "error " + found.objectiveError());
                }
                ClassificationSettings learning = problem.settings().withPriorVariance(0.02, true);
                ClassificationPosterior dense = problem.fit(learning);
                ClassificationPosterior found = problem.fit(learning.withCovariance(few));
                ClassificationSettings there = problem.settings().withPriorVariance(found.priorVariance(), false);
                assertEquals(
                        dense.report().objective(),
                        problem.fit(there).report().objective(),
                        2 * found.report().objectiveError() + 0.01,
                        "at " + found.priorVariance());
            }
        }
    }

    /** The fixed point in weight space, iterated with the same points for expectations and no safeguards. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fullCovarianceMatchesTheFixedPointInWeightSpace(boolean shared) {
        try (SmallProblem problem = SmallProblem.of(shared)) {
            WeightSpace reference = problem.reference();
            ClassificationSettings settings = problem.settings()
                    .with(Inference.FULL_COVARIANCE)
                    .withCovariance(new ClassificationSettings.Covariance(
                            CovarianceSolver.DENSE, 64, 64, 200, 1e-13, 1, 0.5, 8000));
            ClassificationPosterior posterior = problem.fit(settings);
            LogitDraws draws = LogitDraws.of(64, CLASSES, settings.seed());
            int size = reference.j[0].length;
            double[] m = new double[size];
            double[][] d = new double[TRAINING * CLASSES][CLASSES];
            double[][] sigma = WeightSpace.inverse(reference.precision(d, LAMBDA));
            double bound = 0;
            for (int step = 0; step < 200; step++) {
                double[] mean = reference.logits(m);
                double[] v = WeightSpace.blocks(reference.j, sigma, CLASSES);
                double[][][] roots = new double[TRAINING][][];
                for (int i = 0; i < TRAINING; i++) {
                    roots[i] = WeightSpace.root(v, i, CLASSES);
                }
                double[] residuals = new double[mean.length];
                double[][] expected = new double[mean.length][CLASSES];
                bound = 0;
                for (int s = 0; s < 64; s++) {
                    double[] f = mean.clone();
                    for (int r = 0; r < f.length; r++) {
                        for (int b = 0; b < CLASSES; b++) {
                            f[r] += roots[r / CLASSES][r % CLASSES][b] * draws.points()[s * CLASSES + b];
                        }
                    }
                    bound += reference.logLikelihood(f) / 64;
                    double[] own = reference.residuals(f);
                    double[][] h = reference.curvature(f);
                    for (int r = 0; r < f.length; r++) {
                        residuals[r] += own[r] / 64;
                        for (int b = 0; b < CLASSES; b++) {
                            expected[r][b] += h[r][b] / 64;
                        }
                    }
                }
                bound -= divergence(m, sigma);
                double[] right = residuals.clone();
                for (int r = 0; r < right.length; r++) {
                    for (int b = 0; b < CLASSES; b++) {
                        int other = r / CLASSES * CLASSES + b;
                        right[r] += expected[r][b] * (mean[other] - reference.prior[other]);
                    }
                }
                sigma = WeightSpace.inverse(reference.precision(expected, LAMBDA));
                m = WeightSpace.times(Arrays.copyOf(sigma, size), reference.transposed(right));
            }
            assertTrue(posterior.report().converged());
            assertNear(m, posterior.weights(), 1e-6);
            assertNear(
                    WeightSpace.blocks(problem.testJacobian(), sigma, CLASSES),
                    posterior.logitCovariance(problem.z()),
                    1e-6);
            assertEquals(bound, posterior.report().objective(), 1e-6 * Math.abs(bound));
            List<Double> history = posterior.report().history();
            assertTrue(history.get(history.size() - 1) > history.get(0));
            for (int i = 1; i < history.size(); i++) {
                assertTrue(
                        history.get(i) >= history.get(i - 1) - 2e-6 * (1 + Math.abs(history.get(i))),
                        history.toString());
            }
        }
    }

    /** With points of the right second moments, expectations of quadratic functions are exact. */
    @Test
    void pointsHaveTheMomentsOfTheDistribution() {
        for (int classes : new int[] {1, 2, 10}) {
            LogitDraws draws = LogitDraws.of(64, classes, 7);
            for (int a = 0; a < classes; a++) {
                for (int b = 0; b < classes; b++) {
                    double moment = 0;
                    double mean = 0;
                    for (int s = 0; s < 64; s++) {
                        moment += draws.points()[s * classes + a] * draws.points()[s * classes + b] / 64;
                        mean += draws.points()[s * classes + a] / 64;
                    }
                    assertEquals(a == b ? 1 : 0, moment, 1e-12);
                    assertEquals(0, mean, 1e-12);
                }
            }
        }
    }

    /**
     * With two classes only the difference of the logits counts, over which the integral is one of one variable. As
     * many random points err by 0.03.
     */
    @Test
    void expectationsOfTwoClassesAreNearTheIntegral() {
        double deviation = 3;
        double integral = 0;
        for (int i = -8000; i < 8000; i++) {
            double z = (i + 0.5) / 1000;
            integral -= Math.log1p(Math.exp(1 + deviation * Math.sqrt(2) * z))
                    * Math.exp(-z * z / 2)
                    / Math.sqrt(2 * Math.PI)
                    / 1000;
        }
        for (long seed = 0; seed < 8; seed++) {
            LogitDraws draws = LogitDraws.of(512, 2, seed);
            double mean = 0;
            for (int s = 0; s < 512; s++) {
                mean -= Math.log1p(Math.exp(1 + deviation * (draws.points()[2 * s] - draws.points()[2 * s + 1]))) / 512;
            }
            assertEquals(integral, mean, 0.01, "seed " + seed);
        }
    }

    /** KL of N(m, Σ) from N(0, λI). */
    private static double divergence(double[] m, double[][] sigma) {
        double sum = Vectors.dot(m, m) / LAMBDA - m.length + m.length * Math.log(LAMBDA) + sigma[m.length][0];
        for (int p = 0; p < m.length; p++) {
            sum += sigma[p][p] / LAMBDA;
        }
        return 0.5 * sum;
    }

    @Test
    void iterativeFullCovarianceIsNearTheDenseOne() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            ClassificationSettings settings = problem.settings().with(Inference.FULL_COVARIANCE);
            ClassificationPosterior dense = problem.fit(settings);
            ClassificationPosterior iterative =
                    problem.fit(settings.withCovariance(new ClassificationSettings.Covariance(
                            CovarianceSolver.ITERATIVE, 2, 400, 30, 1e-6, 10, 1e-8, 8000)));
            assertNear(dense.logitMean(problem.z()), iterative.logitMean(problem.z()), 0.05);
            assertNear(dense.logitCovariance(problem.z()), iterative.logitCovariance(problem.z()), 0.05);
            assertNear(dense.probabilities(problem.z()), iterative.probabilities(problem.z()), 0.1);
        }
    }

    /** A bound at the random numbers that it was maximized with would be too high. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void boundOfTheIterativeSolverIsRightWithinItsError(boolean shared) {
        try (SmallProblem problem = SmallProblem.of(shared)) {
            ClassificationSettings settings = problem.settings().with(Inference.FULL_COVARIANCE);
            double dense = problem.fit(settings.withCovariance(
                            ClassificationSettings.Covariance.DEFAULT.with(CovarianceSolver.DENSE)))
                    .report()
                    .objective();
            Inference.Report report = problem.fit(settings.withCovariance(
                            ClassificationSettings.Covariance.DEFAULT.with(CovarianceSolver.ITERATIVE)))
                    .report();
            assertTrue(
                    report.objectiveError() > 0 && report.objectiveError() < 0.1 * Math.abs(dense),
                    "error " + report.objectiveError());
            assertTrue(
                    report.objective() < dense + 2 * report.objectiveError(),
                    report.objective() + " ± " + report.objectiveError() + ", dense " + dense);
            assertEquals(dense, report.objective(), 5 * report.objectiveError() + 0.01 * Math.abs(dense));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void drawnWeightsVaryAsTheCovarianceSays(boolean shared) {
        try (SmallProblem problem = SmallProblem.of(shared)) {
            List<ClassificationSettings> all = List.of(
                    problem.settings(),
                    problem.settings().with(Inference.FULL_COVARIANCE),
                    problem.settings()
                            .withCovariance(
                                    problem.settings().method().covariance().with(CovarianceSolver.LOW_RANK)),
                    problem.settings()
                            .withCovariance(
                                    problem.settings().method().covariance().with(CovarianceSolver.ITERATIVE)),
                    problem.settings().with(Inference.MEAN_FIELD));
            for (ClassificationSettings settings : all) {
                ClassificationPosterior posterior = problem.fit(settings);
                double[][] j = problem.testJacobian();
                double[] mean = posterior.weights();
                double[][] drawn = posterior.sampleWeights(3000);
                double[] moments = new double[j.length * CLASSES];
                for (double[] w : drawn) {
                    double[] f = new double[j.length];
                    for (int r = 0; r < f.length; r++) {
                        for (int q = 0; q < mean.length; q++) {
                            f[r] += j[r][q] * (w[q] - mean[q]);
                        }
                    }
                    for (int r = 0; r < f.length; r++) {
                        for (int b = 0; b < CLASSES; b++) {
                            moments[r * CLASSES + b] += f[r] * f[r / CLASSES * CLASSES + b] / drawn.length;
                        }
                    }
                }
                assertNear(posterior.logitCovariance(problem.z()), moments, 0.1);
            }
        }
    }

    @Test
    void probabilitiesSurviveExtremeLogits() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            ClassificationPosterior posterior = problem.fit(problem.settings().withPriorVariance(1e10, false));
            for (ClassProbabilities rule : ClassProbabilities.values()) {
                double[] probabilities = posterior.withProbabilities(rule, 5).probabilities(problem.z());
                for (int i = 0; i < problem.z().size(); i++) {
                    double sum = 0;
                    for (int c = 0; c < CLASSES; c++) {
                        sum += probabilities[i * CLASSES + c];
                        assertTrue(probabilities[i * CLASSES + c] >= 0);
                    }
                    assertEquals(1, sum, 1e-12);
                }
            }
        }
    }
}
