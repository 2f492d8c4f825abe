package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The best independent weights: against a bound by plain loops, and from several starts. */
@NullUnmarked
final class NaturalMeanFieldTest {
    private static final int TRAINING = 30;
    private static final double LAMBDA = 0.7;

    /** Tight enough to compare numbers. */
    private static ClassificationSettings settings(boolean shared) {
        return ClassificationSettings.DEFAULT
                .with(Inference.MEAN_FIELD)
                .withPriorVariance(LAMBDA, false)
                .withStructure(
                        shared ? ClassStructure.SHARED : ClassStructure.MATCHED,
                        ClassificationSettings.SUM,
                        shared ? PriorLogits.ZERO : PriorLogits.NETWORK)
                .withCovariance(new ClassificationSettings.Covariance(
                        CovarianceSolver.DENSE, 256, 64, 300, 1e-11, 50, 1e-10, 8000));
    }

    private static LinearizedNetwork open(int outputs) {
        return RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(5), outputs, Activation.TANH, 3)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT);
    }

    private static Examples examples(LinearizedNetwork network) {
        Random random = new Random(1);
        double[] values = new double[TRAINING * 4];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Examples.of(network.inputs().get(0).name(), Tensor.ofDoubles(values, TRAINING, 4));
    }

    private static double[] weights() {
        double[] weights = new double[TRAINING];
        Arrays.setAll(weights, i -> i % 3 == 0 ? 2 : 1);
        return weights;
    }

    private static ClassificationPosterior fit(
            LinearizedNetwork network, int classes, ClassificationSettings settings) {
        Examples x = examples(network);
        int[] labels = WeightSpace.labels(x, network.inputs().get(0).name(), classes, 2);
        return ClassificationPosterior.fit(
                network,
                x,
                new ClassificationPosterior.Labels(labels, classes),
                weights(),
                settings,
                ProgressListener.NONE);
    }

    /** Σ ω (y m − E log(1 + exp f)) − KL, by loops and many points. */
    private static double bound(double[][] j, double[] prior, int[] labels, double[] mean, double[] deviations) {
        double bound = 0;
        for (int i = 0; i < labels.length; i++) {
            double m = prior[i];
            double v = 0;
            for (int q = 0; q < mean.length; q++) {
                m += j[i][q] * mean[q];
                v += Math.pow(j[i][q] * deviations[q], 2);
            }
            double expected = 0;
            double total = 0;
            for (double z = -10; z <= 10; z += 0.05) {
                double weight = Math.exp(-0.5 * z * z);
                double f = m + Math.sqrt(v) * z;
                expected += weight * (Math.max(f, 0) + Math.log1p(Math.exp(-Math.abs(f))));
                total += weight;
            }
            bound += weights()[i] * (labels[i] * m - expected / total);
        }
        for (int q = 0; q < mean.length; q++) {
            double ratio = deviations[q] * deviations[q] / LAMBDA;
            bound -= 0.5 * (ratio + mean[q] * mean[q] / LAMBDA - 1 - Math.log(ratio));
        }
        return bound;
    }

    @Test
    void itIsTheTopOfTheBound() {
        try (LinearizedNetwork network = open(1)) {
            Examples x = examples(network);
            int[] labels = WeightSpace.labels(x, network.inputs().get(0).name(), 2, 2);
            ClassificationPosterior found = fit(network, 2, settings(false));
            double[][] j = WeightSpace.jacobian(network, x, 1, false);
            double[] prior = network.forward(x);
            double[] mean = found.weights();
            double[] deviations = ((IndependentWeights) found.posteriorWeights()).deviations();
            double top = bound(j, prior, labels, mean, deviations);
            assertEquals(top, found.report().objective(), 1e-8);
            assertTrue(found.report().converged());
            SplittableRandom random = new SplittableRandom(3);
            for (int trial = 0; trial < 40; trial++) {
                double size = trial % 2 == 0 ? 1e-2 : 0.3;
                double[] moved = mean.clone();
                double[] wider = deviations.clone();
                for (int q = 0; q < moved.length; q++) {
                    moved[q] += size * random.nextGaussian() * deviations[q];
                    wider[q] *= Math.exp(size * random.nextGaussian());
                }
                assertTrue(bound(j, prior, labels, moved, wider) < top, "a higher bound at distance " + size);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,false", "3,false", "3,true"})
    void everyStartLeadsToTheSameBound(int outputs, boolean shared) {
        try (LinearizedNetwork network = open(outputs)) {
            int classes = Math.max(2, outputs);
            ClassificationSettings settings = settings(shared);
            ClassificationPosterior found = fit(network, classes, settings);
            Examples x = examples(network);
            int[] labels = WeightSpace.labels(x, network.inputs().get(0).name(), classes, 2);
            Likelihood likelihood = outputs == 1 ? new BernoulliLikelihood() : new SoftmaxLikelihood(classes);
            LabelTargets targets = LabelTargets.of(likelihood, labels, weights());
            LogitMap map = ClassificationFit.map(network, likelihood, settings);
            double[] prior = shared ? new double[TRAINING * classes] : network.forward(x);
            try (LogitKernel kernel = LogitKernel.dense(map, x, ProgressListener.NONE)) {
                LogitProblem problem = new LogitProblem(
                        map,
                        new LogitJacobian(map, network.keeping(x), ProgressListener.NONE),
                        targets,
                        prior,
                        settings,
                        ProgressListener.NONE);
                LogitDraws draws = LogitDraws.of(256, map.classes(), settings.seed());
                NaturalMeanField steps = new NaturalMeanField(
                        kernel, problem, (variance, root) -> new DenseSites(kernel, variance, root, draws));
                for (double size : new double[] {0, 0.1, 1, 10}) {
                    double[] alpha = RandomWeights.gaussian(prior.length, new SplittableRandom(7));
                    Vectors.scale(alpha, size);
                    double[] curvatures = new double[found.weights().length];
                    Arrays.setAll(curvatures, i -> size * (i % 5));
                    NaturalMeanField.Fit other = steps.fit(steps.state(LAMBDA, alpha, curvatures));
                    assertTrue(other.converged());
                    assertEquals(
                            found.report().objective(),
                            other.state().bound(),
                            1e-6 * Math.abs(other.state().bound()));
                    assertArrayEquals(
                            ((IndependentWeights) found.posteriorWeights()).deviations(),
                            other.state().deviations(),
                            1e-3 * Math.sqrt(LAMBDA));
                }
            }
        }
    }

    /** Mini-batches come near the same bound, and not above it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void miniBatchesDoNotComeHigher(boolean shared) {
        try (LinearizedNetwork network = open(3)) {
            ClassificationSettings settings = settings(shared);
            double natural = fit(network, 3, settings).report().objective();
            Inference.Report batches = fit(
                            network,
                            3,
                            settings.withOptimization(
                                    MapOptimizer.AUTO,
                                    new ClassificationSettings.Stochastic(
                                            600, TRAINING, 0.1, 32, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM)))
                    .report();
            double noise = 4 * batches.objectiveError() + 1e-3 * Math.abs(natural);
            assertTrue(
                    batches.objective() <= natural + noise && batches.objective() > natural - 0.02 * Math.abs(natural),
                    "by mini-batches " + batches.objective() + ", by natural gradients " + natural);
        }
    }

    /** Where the mean is solved for by conjugate gradients, the same comes out. */
    @Test
    void bothSolversAgree() {
        try (LinearizedNetwork network = open(3)) {
            ClassificationSettings settings = settings(false).withPriorVariance(LAMBDA, true);
            ClassificationPosterior dense = fit(network, 3, settings);
            ClassificationPosterior iterative = fit(
                    network,
                    3,
                    settings.withCovariance(settings.method().covariance().with(CovarianceSolver.ITERATIVE)));
            assertEquals(dense.report().objective(), iterative.report().objective(), 1e-4);
            assertEquals(dense.priorVariance(), iterative.priorVariance(), 0.05 * dense.priorVariance());
        }
    }
}
