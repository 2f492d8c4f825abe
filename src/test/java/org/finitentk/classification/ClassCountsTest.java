package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of classes, of examples in a class, and prior variances, from one end to the other. */
class ClassCountsTest {
    private static final Graph GRAPH = NetworkBuilder.mlp(2, List.of(12, 12), 3, Activation.TANH, 1);
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final ClassificationSettings SHARED = ClassificationSettings.DEFAULT.withStructure(
            ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO);

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    /** Points in the angle of their class. */
    private static Examples points(int[] labels, int classes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] x = new double[2 * labels.length];
        for (int i = 0; i < labels.length; i++) {
            double angle = 2 * Math.PI * (labels[i] + random.nextDouble(-0.3, 0.3)) / classes;
            x[2 * i] = 2 * Math.cos(angle);
            x[2 * i + 1] = 2 * Math.sin(angle);
        }
        return Examples.of(GRAPH.inputs().get(0).name(), Tensor.ofReals(NETWORK.elementType(), x, labels.length, 2));
    }

    private static double[] probabilities(int[] labels, int classes, ClassificationSettings settings) {
        Examples x = points(labels, classes, 1);
        double[] p = ClassificationPosterior.fit(
                        NETWORK,
                        x,
                        new ClassificationPosterior.Labels(labels, classes),
                        null,
                        settings,
                        ProgressListener.NONE)
                .probabilities(x);
        for (int i = 0; i < labels.length; i++) {
            double[] own = Arrays.copyOfRange(p, i * classes, (i + 1) * classes);
            assertTrue(Arrays.stream(own).allMatch(value -> value >= 0 && value <= 1), Arrays.toString(own));
            assertEquals(1, Arrays.stream(own).sum(), 1e-12);
        }
        return p;
    }

    private static double accuracy(double[] p, int[] labels, int classes) {
        return IntStream.range(0, labels.length)
                        .filter(i -> IntStream.range(0, classes)
                                .allMatch(c -> p[i * classes + c] <= p[i * classes + labels[i]]))
                        .count()
                / (double) labels.length;
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void aClassOfOneExample(Inference inference) {
        int[] labels = IntStream.range(0, 21).map(i -> i == 20 ? 2 : i % 2).toArray();
        double[] p = probabilities(labels, 3, SHARED.with(inference));
        assertTrue(p[20 * 3 + 2] > 2 * p[2], "its probability is " + p[20 * 3 + 2] + ", that of another's " + p[2]);
    }

    /** As in a fold of cross-validation whose training data knows more labels than it has. */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void classesWithoutExamples(Inference inference) {
        int[] labels = IntStream.range(0, 20).map(i -> i % 2).toArray();
        // averages over draws would differ by chance
        double[] p = probabilities(labels, 4, SHARED.with(inference).withProbabilities(ClassProbabilities.PROBIT, 1));
        assertTrue(accuracy(p, labels, 4) > 0.8);
        assertEquals(p[2], p[3], 0.02, "nothing tells the two apart");
        assertTrue(p[2] < 0.25, "less than before the data: " + p[2]);
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void oneExampleOfOneClass(Inference inference) {
        double[] p = probabilities(new int[] {1}, 2, SHARED.with(inference));
        assertTrue(p[1] > 0.5, "probability " + p[1]);
    }

    @ParameterizedTest
    @CsvSource({"MAP, 15", "LAPLACE, 15", "FULL_COVARIANCE, 15", "MEAN_FIELD, 15", "MAP, 200", "MEAN_FIELD, 200"})
    void manyClasses(Inference inference, int classes) {
        int[] labels = IntStream.range(0, 2 * classes).map(i -> i % classes).toArray();
        // of 200 classes the evidence of 80,000 rows takes minutes
        ClassificationSettings settings = SHARED.with(inference)
                .withMapPrior(classes > 100 ? MapPrior.GIVEN : MapPrior.EVIDENCE)
                .withOptimization(
                        MapOptimizer.NEWTON,
                        new ClassificationSettings.Stochastic(
                                10, 128, 0.1, 2, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.ADAM));
        double[] p = probabilities(labels, classes, settings);
        double mean = IntStream.range(0, labels.length)
                .mapToDouble(i -> p[i * classes + labels[i]])
                .average()
                .orElse(0);
        assertTrue(mean > 1.1 / classes, "mean probability of the label " + mean);
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheEstimate() {
        int classes = 1000;
        int[] labels = IntStream.range(0, 3 * classes).map(i -> i % classes).toArray();
        for (CovarianceSolver solver : List.of(CovarianceSolver.DENSE, CovarianceSolver.ITERATIVE)) {
            ClassificationSettings asked = SHARED.with(Inference.LAPLACE)
                    .withCovariance(ClassificationSettings.Covariance.DEFAULT.with(solver));
            String message = String.valueOf(
                    assertThrows(IllegalArgumentException.class, () -> probabilities(labels, classes, asked))
                            .getMessage());
            assertTrue(message.contains(solver + " needs") && message.contains("1000 classes"), message);
        }
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> probabilities(labels, classes, SHARED.with(Inference.FULL_COVARIANCE)))
                .getMessage());
        assertTrue(message.contains("ITERATIVE needs"), message);
    }

    @Test
    void laplaceOfAThousandClassesIsOfLowRank() {
        CovarianceChoice plan = CovarianceChoice.of(
                Inference.LAPLACE,
                new SoftmaxLikelihood(1000),
                ClassificationSettings.Covariance.DEFAULT,
                ClassificationFit.map(NETWORK, new SoftmaxLikelihood(1000), SHARED),
                3000);
        assertEquals(CovarianceSolver.LOW_RANK, plan.solver());
        assertTrue(plan.reason().contains("curvatures"), plan.reason());
    }

    /** From the prior itself no step leads up at such variances: nearly all draws are certain of a wrong class. */
    @ParameterizedTest
    @ValueSource(doubles = {1e2, 1e4})
    void largePriorVariancesAreReachedFromSmallOnes(double lambda) {
        int[] labels = IntStream.range(0, 30).map(i -> i % 5).toArray();
        ClassificationSettings settings = SHARED.with(Inference.FULL_COVARIANCE)
                .withPriorVariance(lambda, false)
                .withCovariance(
                        new ClassificationSettings.Covariance(CovarianceSolver.DENSE, 64, 2, 10, 1e-6, 1, 0.5, 8000));
        ClassificationPosterior posterior = ClassificationPosterior.fit(
                NETWORK,
                points(labels, 5, 1),
                new ClassificationPosterior.Labels(labels, 5),
                null,
                settings,
                ProgressListener.NONE);
        List<Double> history = posterior.report().history();
        assertTrue(
                posterior.report().objective() > -300,
                "the bound is " + posterior.report().objective());
        for (int i = 1; i < history.size(); i++) {
            assertTrue(
                    history.get(i) >= history.get(i - 1) - 2e-6 * (1 + Math.abs(history.get(i - 1))),
                    history.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void extremePriorVariances(Inference inference) {
        int[] labels = IntStream.range(0, 30).map(i -> i % 3).toArray();
        for (double lambda : new double[] {1e-12, 1e8}) {
            double[] p = probabilities(labels, 3, SHARED.with(inference).withPriorVariance(lambda, false));
            if (lambda < 1) {
                assertTrue(Arrays.stream(p).allMatch(value -> Math.abs(value - 1.0 / 3) < 1e-3), "nothing was learned");
            } else if (inference == Inference.MAP) {
                // what is averaged over such a prior's posterior need not favour anything
                assertTrue(accuracy(p, labels, 3) > 0.8, inference + " at " + lambda);
            }
        }
    }
}
