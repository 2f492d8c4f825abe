package org.finitentk.classification;

import static org.finitentk.classification.SmallProblem.CLASSES;
import static org.finitentk.classification.SmallProblem.LAMBDA;
import static org.finitentk.classification.SmallProblem.TRAINING;
import static org.finitentk.classification.SmallProblem.assertNear;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Independent weights: the bound, its estimators, and where they lead. */
final class MeanFieldPosteriorTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void boundAndItsGradientsMatchDenseSumsAndDifferences(boolean shared) {
        try (SmallProblem problem = SmallProblem.of(shared)) {
            WeightSpace reference = problem.reference();
            LogitMap map = ClassificationFit.map(problem.network(), new SoftmaxLikelihood(CLASSES), problem.settings());
            int size = reference.j[0].length;
            MeanFieldState q = new MeanFieldState(
                    RandomWeights.gaussian(size, new SplittableRandom(3)),
                    RandomWeights.gaussian(size, new SplittableRandom(4)),
                    new double[] {Math.log(0.1)});
            Batches.Batch batch = new Batches.Batch(
                    problem.x(),
                    LabelTargets.of(new SoftmaxLikelihood(CLASSES), problem.labels(), reference.omega),
                    reference.prior,
                    1.5);
            int draws = 3;
            BoundGradient found = new Reparameterized(map, draws).estimate(q, batch, new SplittableRandom(9));
            double[][] noises = new double[draws][];
            SplittableRandom random = new SplittableRandom(9);
            for (int s = 0; s < draws; s++) {
                noises[s] = RandomWeights.gaussian(size, random);
            }
            assertEquals(likelihood(reference, q, noises), found.likelihood(), 1e-9 * Math.abs(found.likelihood()));
            double step = 1e-5;
            for (int i = 0; i < size; i += 7) {
                assertEquals(
                        difference(reference, q, noises, q.mean(), i, step),
                        found.mean()[i],
                        1e-5 * (1 + Math.abs(found.mean()[i])));
                assertEquals(
                        difference(reference, q, noises, q.logRatio(), i, step),
                        found.logRatio()[i],
                        1e-5 * (1 + Math.abs(found.logRatio()[i])));
            }
            assertEquals(
                    difference(reference, q, noises, q.logLambda(), 0, step),
                    found.logLambda(),
                    1e-5 * (1 + Math.abs(found.logLambda())));
            double divergence = 0;
            for (int i = 0; i < size; i++) {
                double variance = Math.exp(2 * q.logRatio()[i]);
                divergence += 0.5 * (variance + q.mean()[i] * q.mean()[i] - 1 - Math.log(variance));
            }
            assertEquals(divergence, q.divergence(), 1e-9 * divergence);
        }
    }

    private static double likelihood(WeightSpace reference, MeanFieldState q, double[][] noises) {
        double sum = 0;
        for (double[] noise : noises) {
            double[] w = new double[noise.length];
            for (int i = 0; i < w.length; i++) {
                w[i] = Math.sqrt(Math.exp(q.logLambda()[0])) * (q.mean()[i] + Math.exp(q.logRatio()[i]) * noise[i]);
            }
            sum += 1.5 * reference.logLikelihood(reference.logits(w)) / noises.length;
        }
        return sum;
    }

    private static double difference(
            WeightSpace reference, MeanFieldState q, double[][] noises, double[] moved, int i, double step) {
        double center = moved[i];
        moved[i] = center + step;
        double up = likelihood(reference, q, noises);
        moved[i] = center - step;
        double down = likelihood(reference, q, noises);
        moved[i] = center;
        return (up - down) / (2 * step);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bothEstimatorsOfTheBoundAgree(boolean shared) {
        try (SmallProblem problem = SmallProblem.of(shared)) {
            WeightSpace reference = problem.reference();
            LogitMap map = ClassificationFit.map(problem.network(), new SoftmaxLikelihood(CLASSES), problem.settings());
            int size = reference.j[0].length;
            double[] ratios = RandomWeights.gaussian(size, new SplittableRandom(4));
            Arrays.setAll(ratios, i -> 0.3 * ratios[i] - 0.5);
            MeanFieldState q = new MeanFieldState(
                    RandomWeights.gaussian(size, new SplittableRandom(3)), ratios, new double[] {Math.log(0.05)});
            Batches.Batch batch = new Batches.Batch(
                    problem.x(),
                    LabelTargets.of(new SoftmaxLikelihood(CLASSES), problem.labels(), reference.omega),
                    reference.prior,
                    1);
            BoundGradient weights = new Reparameterized(map, 4000).estimate(q, batch, new SplittableRandom(9));
            BoundGradient logits = new LocallyReparameterized(map, 4000).estimate(q, batch, new SplittableRandom(8));
            assertEquals(weights.likelihood(), logits.likelihood(), 0.02 * Math.abs(weights.likelihood()));
            assertEquals(weights.logLambda(), logits.logLambda(), 0.05 * (1 + Math.abs(weights.logLambda())));
            assertNear(logits.mean(), weights.mean(), 0.1);
            assertNear(logits.logRatio(), weights.logRatio(), 0.3);
        }
    }

    /** Drawing each example's logits averages the noise over them, as one draw of the weights for all does not. */
    @Test
    void logitsGiveLessNoiseThanWeights() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            LogitMap map = ClassificationFit.map(problem.network(), new SoftmaxLikelihood(CLASSES), problem.settings());
            int size = problem.reference().j[0].length;
            MeanFieldState q = new MeanFieldState(new double[size], new double[size], new double[] {0});
            Batches.Batch batch = new Batches.Batch(
                    problem.x(),
                    LabelTargets.of(new SoftmaxLikelihood(CLASSES), problem.labels(), problem.reference().omega),
                    problem.reference().prior,
                    1);
            double weights = spread(new Reparameterized(map, 2), q, batch);
            double logits = spread(new LocallyReparameterized(map, 2), q, batch);
            assertTrue(logits < 0.7 * weights, "by logits " + logits + ", by weights " + weights);
        }
    }

    /** The standard deviation of estimates. */
    private static double spread(BoundEstimator estimator, MeanFieldState q, Batches.Batch batch) {
        double[] estimates = IntStream.range(0, 60)
                .mapToDouble(s ->
                        estimator.estimate(q, batch, new SplittableRandom(s)).likelihood())
                .toArray();
        double mean = Arrays.stream(estimates).average().orElseThrow();
        return Math.sqrt(Arrays.stream(estimates)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow());
    }

    /** A few steps say too little about whether the bound still rises. */
    @Test
    void fewStepsAreNotEndedEarly() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            ClassificationSettings settings = problem.settings()
                    .with(Inference.MEAN_FIELD)
                    .withOptimization(
                            MapOptimizer.AUTO,
                            new ClassificationSettings.Stochastic(
                                    60,
                                    (TRAINING + 1) / 2,
                                    0.1,
                                    2,
                                    GradientEstimator.REPARAMETERIZED,
                                    MeanFieldOptimizer.ADAM));
            assertEquals(60, problem.fit(settings).report().steps());
        }
    }

    @Test
    void meanFieldReachesTheBestIndependentWeights() {
        try (SmallProblem problem = SmallProblem.of(false)) {
            ClassificationSettings settings = problem.settings()
                    .with(Inference.MEAN_FIELD)
                    .withOptimization(
                            MapOptimizer.AUTO,
                            new ClassificationSettings.Stochastic(
                                    800, TRAINING, 0.1, 64, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM));
            ClassificationPosterior posterior = problem.fit(settings);
            IndependentWeights weights = (IndependentWeights) posterior.posteriorWeights();
            // Where the bound is stationary, s² = 1/(1/λ + diag(JᵀE[H]J)); E[H] at the mean is near enough for small
            // variances.
            double[][] precision = problem.reference()
                    .precision(problem.reference().curvature(problem.reference().logits(weights.mean())), LAMBDA);
            double[] expected = new double[weights.mean().length];
            Arrays.setAll(expected, i -> 1 / Math.sqrt(precision[i][i]));
            assertNear(expected, weights.deviations(), 0.1);
        }
    }
}
