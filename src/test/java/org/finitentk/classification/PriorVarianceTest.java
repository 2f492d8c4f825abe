package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.finitentk.testing.LogLines;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The prior variance that is learned: MAP's, and one that would be next to 0. */
@NullUnmarked
final class PriorVarianceTest {
    private static final int CLASSES = 3;
    private static final int TRAINING = 40;

    private static LinearizedNetwork open() {
        return RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(5), CLASSES, Activation.TANH, 3)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT);
    }

    private static Examples examples(LinearizedNetwork network) {
        Random random = new Random(1);
        double[] values = new double[TRAINING * 4];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Examples.of(network.inputs().get(0).name(), Tensor.ofDoubles(values, TRAINING, 4));
    }

    /** Labels that other weights of the same kind of network would give. */
    private static int[] learnable(LinearizedNetwork network, Examples x) {
        return WeightSpace.labels(x, network.inputs().get(0).name(), CLASSES, 2);
    }

    /** Labels that the network itself draws: there is nothing to learn from them. */
    private static int[] drawn(LinearizedNetwork network, Examples x) {
        double[] p = SoftmaxLikelihood.softmax(network.forward(x), CLASSES);
        Random random = new Random(8);
        int[] labels = new int[TRAINING];
        for (int i = 0; i < TRAINING; i++) {
            double left = random.nextDouble() - p[i * CLASSES];
            while (left > 0 && labels[i] < CLASSES - 1) {
                left -= p[i * CLASSES + ++labels[i]];
            }
        }
        return labels;
    }

    private static ClassificationPosterior fit(
            LinearizedNetwork network, Examples x, int[] labels, ClassificationSettings settings) {
        return ClassificationPosterior.fit(
                network, x, new ClassificationPosterior.Labels(labels, CLASSES), null, settings, ProgressListener.NONE);
    }

    @ParameterizedTest
    @CsvSource({"NEWTON,DENSE", "AUTO,ITERATIVE", "AUTO,LOW_RANK", "ADAM,DENSE"})
    void mapHasThePriorVarianceOfLaplace(MapOptimizer optimizer, CovarianceSolver solver) {
        try (LinearizedNetwork network = open()) {
            Examples x = examples(network);
            int[] labels = learnable(network, x);
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .withCovariance(ClassificationSettings.Covariance.DEFAULT.with(solver))
                    .withOptimization(
                            optimizer,
                            new ClassificationSettings.Stochastic(
                                    1500,
                                    TRAINING,
                                    0.3,
                                    1,
                                    GradientEstimator.REPARAMETERIZED,
                                    MeanFieldOptimizer.ADAM));
            ClassificationPosterior laplace = fit(network, x, labels, settings);
            ClassificationPosterior map = fit(network, x, labels, settings.with(Inference.MAP));
            assertEquals(laplace.priorVariance(), map.priorVariance());
            assertEquals(laplace.spread().deviation(), map.spread().deviation());
            assertArrayEquals(laplace.logitMean(x), map.logitMean(x), optimizer == MapOptimizer.ADAM ? 0.05 : 1e-3);
            assertTrue(map.report().reason().contains("LAPLACE"), map.report().reason());
            assertTrue(
                    map.report().gradient() < 0.05, "gradient " + map.report().gradient());
            // the same weights as for a prior variance that is given
            ClassificationPosterior given = fit(
                    network, x, labels, settings.with(Inference.MAP).withPriorVariance(laplace.priorVariance(), false));
            assertArrayEquals(given.logitMean(x), map.logitMean(x), optimizer == MapOptimizer.ADAM ? 0.05 : 1e-3);
            assertTrue(Double.isNaN(given.spread().deviation()));
        }
    }

    @Test
    void mapKeepsWhatIsGivenAsEarlierVersionsDid() {
        try (LinearizedNetwork network = open()) {
            Examples x = examples(network);
            int[] labels = learnable(network, x);
            ClassificationSettings map =
                    ClassificationSettings.DEFAULT.with(Inference.MAP).withMapPrior(MapPrior.GIVEN);
            ClassificationPosterior automatic = fit(network, x, labels, map);
            assertEquals(1, automatic.spread().deviation(), 1e-12);
            assertEquals(
                    0.03,
                    fit(network, x, labels, map.withPriorVariance(0.03, true)).priorVariance());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"DENSE", "ITERATIVE", "LOW_RANK", "MAP", "FULL_COVARIANCE", "MEAN_FIELD", "MEAN_FIELD_ADAM"})
    void aPriorVarianceThatCollapsesHasAFloor(String way) {
        try (LinearizedNetwork network = open();
                LogLines log = new LogLines(ClassificationFit.class.getName())) {
            Examples x = examples(network);
            int[] labels = drawn(network, x);
            ClassificationSettings settings = settings(way);
            ClassificationPosterior free = fit(network, x, labels, settings);
            List<String> warnings = log.of(Level.WARNING);
            boolean collapsed = free.spread().hasCollapsed();
            // steps of mini-batches end before they come so far down
            assertEquals(
                    !way.equals("MEAN_FIELD_ADAM"),
                    collapsed,
                    "deviation " + free.spread().deviation());
            assertEquals(
                    collapsed,
                    warnings.stream().anyMatch(line -> line.contains("set minimumPriorVariance to")),
                    warnings.toString());
            double least = 20 * free.priorVariance();
            ClassificationPosterior bounded = fit(network, x, labels, settings.withMinimumPriorVariance(least));
            assertEquals(least, bounded.priorVariance(), 1e-12 * least);
            double far = 1e-3 * free.priorVariance();
            assertEquals(
                    free.priorVariance(),
                    fit(network, x, labels, settings.withMinimumPriorVariance(far))
                            .priorVariance());
        }
    }

    private static ClassificationSettings settings(String way) {
        ClassificationSettings settings = ClassificationSettings.DEFAULT;
        return switch (way) {
            case "MAP" -> settings.with(Inference.MAP);
            case "FULL_COVARIANCE", "MEAN_FIELD" -> settings.with(Inference.valueOf(way));
            case "MEAN_FIELD_ADAM" ->
                settings.with(Inference.MEAN_FIELD)
                        .withOptimization(
                                MapOptimizer.AUTO,
                                new ClassificationSettings.Stochastic(
                                        200, 20, 0.3, 2, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.ADAM));
            default ->
                settings.withCovariance(ClassificationSettings.Covariance.DEFAULT.with(CovarianceSolver.valueOf(way)));
        };
    }

    /** A floor below the best one changes nothing, one above it is taken. */
    @ParameterizedTest
    @EnumSource(
            value = Inference.class,
            names = {"LAPLACE", "FULL_COVARIANCE", "MEAN_FIELD"})
    void aFloorAboveTheBestIsTaken(Inference inference) {
        try (LinearizedNetwork network = open()) {
            Examples x = examples(network);
            int[] labels = learnable(network, x);
            ClassificationSettings settings = ClassificationSettings.DEFAULT.with(inference);
            double best = fit(network, x, labels, settings).priorVariance();
            double found = fit(network, x, labels, settings.withMinimumPriorVariance(3 * best))
                    .priorVariance();
            assertEquals(3 * best, found, 1e-12 * best);
            assertFalse(fit(network, x, labels, settings).spread().hasCollapsed());
        }
    }
}
