package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.test.Helpers;

final class OptimizerTest {
    /** Three steps worked out by hand, gradients 2, −1, 0.5 from θ = 1. */
    static Stream<Arguments> sequences() {
        return Stream.of(
                sequence(new Adam(0.1, 0, LearningRateSchedule.CONSTANT, 0.9, 0.999, 1e-8), adam(0.1, 0)),
                sequence(new Adam(0.1, 0.5, LearningRateSchedule.CONSTANT, 0.9, 0.999, 1e-8), adam(0.1, 0.5)),
                // m = 2, 0.8, 1.22
                sequence(new StochasticGradientDescent(0.1, 0.9), 0.8, 0.72, 0.598),
                // steps g + 0.9 m = 3.8, −0.28, 1.598
                sequence(
                        new StochasticGradientDescent(0.1, 0.9, true, 0, LearningRateSchedule.CONSTANT),
                        0.62,
                        0.648,
                        0.4882),
                // θ ← θ − 0.1 (g + 0.5 θ): 1 − 0.25, 0.75 − 0.1 (−1 + 0.375), 0.8125 − 0.1 (0.5 + 0.40625)
                sequence(
                        new StochasticGradientDescent(0.1, 0, false, 0.5, LearningRateSchedule.CONSTANT),
                        0.75,
                        0.8125,
                        0.721875),
                // rates 0.1 · (1, 3/4, 1/4) from the cosine over three steps
                sequence(
                        new StochasticGradientDescent(0.1, 0, false, 0, LearningRateSchedule.COSINE),
                        0.8,
                        0.875,
                        0.8625));
    }

    /** Adam written out: m and v after each step, no loop and no arrays. */
    private static double[] adam(double rate, double decay) {
        double step1 = 2 / (Math.sqrt(4) + 1e-8);
        double m2 = 0.9 * 0.1 * 2 + 0.1 * -1;
        double v2 = 0.999 * 0.001 * 4 + 0.001 * 1;
        double step2 = m2 / 0.19 / (Math.sqrt(v2 / 0.001999) + 1e-8);
        double m3 = 0.9 * m2 + 0.1 * 0.5;
        double v3 = 0.999 * v2 + 0.001 * 0.25;
        double step3 = m3 / 0.271 / (Math.sqrt(v3 / 0.002997001) + 1e-8);
        double a = 1 - rate * (step1 + decay);
        double b = a - rate * (step2 + decay * a);
        return new double[] {a, b, b - rate * (step3 + decay * b)};
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void stepsFollowTheFormula(Optimizer optimizer, double[] expected) {
        double[] gradients = {2, -1, 0.5};
        // A second parameter that sees no gradient and starts at zero must stay there.
        double[] theta = {1, 0};
        Optimizer.Run run = optimizer.start(2, 3);
        for (int i = 0; i < 3; i++) {
            run.step(theta, new double[] {gradients[i], 0});
            assertArrayEquals(new double[] {expected[i], 0}, theta, 1e-12, optimizer + " step " + (i + 1));
        }
    }

    @Test
    void runsOfOneOptimizerDoNotShareState() {
        Adam adam = new Adam(0.1);
        double[] first = {1};
        adam.start(1, 2).step(first, new double[] {3});
        double[] second = {1};
        adam.start(1, 2).step(second, new double[] {3});
        assertArrayEquals(first, second);
    }

    @Test
    void scheduleGoesFromOneToAlmostZero() {
        assertEquals(1, LearningRateSchedule.COSINE.factor(0, 10));
        assertEquals(0.5, LearningRateSchedule.COSINE.factor(5, 10), 1e-15);
        assertTrue(LearningRateSchedule.COSINE.factor(9, 10) > 0);
        assertEquals(1, LearningRateSchedule.CONSTANT.factor(9, 10));
    }

    static Stream<Executable> mistakes() {
        return Stream.of(
                () -> new Adam(0),
                () -> new Adam(Double.NaN),
                () -> new Adam(0.1, -1, LearningRateSchedule.CONSTANT),
                () -> new Adam(0.1, 0, LearningRateSchedule.CONSTANT, 1, 0.9, 1e-8),
                () -> new Adam(0.1, 0, LearningRateSchedule.CONSTANT, 0.9, 0.9, 0),
                () -> new StochasticGradientDescent(-1, 0),
                () -> new StochasticGradientDescent(1, 1));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void impossibleSettingsAreRefused(Executable call) {
        assertThrows(PropertyException.class, call);
    }

    @Test
    void provenanceRebuildsTheOptimizer() {
        for (Optimizer optimizer : new Optimizer[] {
            new Adam(0.25, 0.125, LearningRateSchedule.COSINE, 0.5, 0.75, 1e-3),
            new StochasticGradientDescent(0.25, 0.5, true, 0.125, LearningRateSchedule.COSINE)
        }) {
            Helpers.testProvenanceMarshalling(optimizer.getProvenance());
            ConfigurationManager manager = new ConfigurationManager();
            manager.addConfiguration(ProvenanceUtil.extractConfiguration(optimizer.getProvenance()));
            Optimizer rebuilt = manager.lookupAll(optimizer.getClass()).get(0);
            assertEquals(optimizer.toString(), rebuilt.toString());
        }
    }

    private static Arguments sequence(Optimizer optimizer, double... expected) {
        return Arguments.of(optimizer, expected);
    }
}
