package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Newton's search for the most probable weights. */
final class NewtonMapTest {
    private static final int FEATURES = 10;

    /**
     * Features that all examples have nearly alike, as embeddings do, say nothing at first where labels are balanced,
     * so that the gradient grows as soon as weights are not 0: for some steps it is larger than at the start, while the
     * objective rises all the time.
     */
    @ParameterizedTest
    @CsvSource({"6, 60", "12, 20", "12, 200"})
    void theSearchGoesOnWhereTheGradientGrows(int classes, double shared) {
        int n = 5 * classes;
        SplittableRandom random = new SplittableRandom(1);
        double[] centres = random.doubles((long) classes * FEATURES, -1, 1).toArray();
        float[] x = new float[n * FEATURES];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % classes;
            for (int j = 0; j < FEATURES; j++) {
                x[i * FEATURES + j] =
                        (float) (shared + 0.5 * centres[labels[i] * FEATURES + j] + random.nextGaussian());
            }
        }
        double[] once = new double[n];
        Arrays.fill(once, 1);
        try (LinearizedNetwork network = RunningNetwork.of(
                NetworkBuilder.mlp(FEATURES, List.of(), 1, Activation.TANH, 3),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            LogitMap map = ClassificationFit.map(
                    network,
                    new SoftmaxLikelihood(classes),
                    ClassificationSettings.DEFAULT.withStructure(
                            ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.ZERO));
            Examples examples = Examples.of(network.inputs().get(0).name(), Tensor.ofFloats(x, n, FEATURES));
            try (LinearizedExamples kept = network.keeping(examples)) {
                LogPosterior objective = new LogPosterior(
                        new LogitJacobian(map, kept, ProgressListener.NONE),
                        LabelTargets.of(new SoftmaxLikelihood(classes), labels, once),
                        new double[n * classes],
                        10);
                MapFit found = new NewtonMap(objective, 1e-8, ProgressListener.NONE)
                        .from(new double[Math.toIntExact(map.weightCount())]);
                assertEquals(-n * Math.log(classes), found.history().get(0), 1e-9 * n);
                assertTrue(found.gradient() < 1e-2, "gradient " + found.gradient());
                assertTrue(found.objective() > 0.5 * found.history().get(0), "objective " + found.objective());
            }
        }
    }
}
