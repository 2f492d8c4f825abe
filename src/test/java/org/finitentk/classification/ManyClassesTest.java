package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As many classes as examples, and prior variances beyond what numbers hold. */
final class ManyClassesTest {
    private static final int CLASSES = 30;
    private static final LinearizedNetwork NETWORK = RunningNetwork.of(
            NetworkBuilder.mlp(4, List.of(12), CLASSES, Activation.TANH, 3),
            ParameterSelection.DEFAULT,
            ExecutionSettings.DEFAULT);

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static ClassificationPosterior fit(ClassificationSettings settings) {
        SplittableRandom random = new SplittableRandom(1);
        float[] x = new float[4 * CLASSES];
        int[] labels = new int[CLASSES];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
            labels[i / 4] = i / 4;
        }
        return ClassificationPosterior.fit(
                NETWORK,
                Examples.of("input", Tensor.ofFloats(x, CLASSES, 4)),
                new ClassificationPosterior.Labels(labels, CLASSES),
                null,
                settings,
                ProgressListener.NONE);
    }

    /** The blocks' roots are computed by another routine from 26 classes on. */
    @Test
    void rootsOfManyClassesAreRoots() {
        SplittableRandom random = new SplittableRandom(2);
        BlockDiagonal blocks = BlockDiagonal.zeros(3, CLASSES);
        LabelTargets.of(new SoftmaxLikelihood(CLASSES), new int[3], new double[] {1, 2, 0.5})
                .addHessians(random.doubles(3 * CLASSES, -3, 3).toArray(), 1, blocks);
        BlockDiagonal root = blocks.root();
        double[] v = random.doubles(3 * CLASSES, -1, 1).toArray();
        assertArrayEquals(blocks.multiply(v, 1), root.multiply(root.multiply(v, 1), 1), 1e-13);
    }

    /**
     * Where nothing is learned, the search for λ ends where the objective is flat, and that is the likelihood of the
     * network's own logits.
     */
    @Test
    void aSearchThatLearnsNothingEnds() {
        ClassificationPosterior posterior = fit(ClassificationSettings.DEFAULT);
        assertTrue(posterior.report().converged());
        assertTrue(posterior.priorVariance() > 1e-12, "λ " + posterior.priorVariance());
        ClassificationPosterior nothing = fit(ClassificationSettings.DEFAULT.withPriorVariance(1e-14, false));
        assertEquals(nothing.report().objective(), posterior.report().objective(), 1e-4);
    }

    /**
     * A point has no covariance that rounding could hide: with a prior that says next to nothing it tells the examples
     * apart, as with one that says nothing at all.
     */
    @Test
    void theMostProbablePointNeedsNoPrior() {
        for (double variance : new double[] {1e12, 1e30}) {
            ClassificationPosterior posterior =
                    fit(ClassificationSettings.DEFAULT.with(Inference.MAP).withPriorVariance(variance, false));
            assertTrue(posterior.report().converged());
            assertEquals(0, posterior.report().objective(), 1e-3);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Inference.class, mode = EnumSource.Mode.EXCLUDE, names = "MAP")
    void aPriorVarianceBeyondNumbersIsRefusedByName(Inference inference) {
        String refused = assertThrows(
                        IllegalArgumentException.class,
                        () -> fit(ClassificationSettings.DEFAULT.with(inference).withPriorVariance(1e30, false)))
                .getMessage();
        assertTrue(String.valueOf(refused).contains("priorVariance is 1.0E30"), refused);
    }
}
