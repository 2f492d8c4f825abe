package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log says of learned variances is so. */
final class VarianceWarningsTest {
    private static List<String> warnings(double[] spectrum, double[] targets, HyperparameterLearning learning) {
        List<String> messages = new ArrayList<>();
        MarginalLikelihood likelihood = new MarginalLikelihood(spectrum, targets, new double[0], 0);
        new VarianceSearch(
                        likelihood,
                        RegressionSettings.DEFAULT.withFixedVariances(1, 1e-12).withLearning(learning),
                        1e-8,
                        messages::add)
                .best();
        return messages;
    }

    private static double[] roots(double[] spectrum, double scale) {
        return Arrays.stream(spectrum).map(e -> Math.sqrt(scale * e)).toArray();
    }

    @Test
    void targetsWithoutNoiseAreSaidToHaveNextToNone() {
        double[] spectrum = {1e-7, 3e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1};
        List<String> both = warnings(spectrum, roots(spectrum, 1), HyperparameterLearning.BOTH);
        assertEquals(1, both.size(), both.toString());
        assertTrue(both.get(0).contains("next to no noise"), both.toString());
        List<String> noise = warnings(spectrum, roots(spectrum, 1), HyperparameterLearning.NOISE);
        assertTrue(noise.size() == 1 && noise.get(0).contains("prior variance that was given"), noise.toString());
        List<String> prior = warnings(spectrum, roots(spectrum, 1), HyperparameterLearning.PRIOR);
        assertTrue(prior.size() == 1 && prior.get(0).contains("noise variance that was given"), prior.toString());
    }

    /**
     * Targets that only small eigenvalues explain ask for a large prior variance, and the least ratio that is looked at
     * is then no small noise.
     */
    @Test
    void muchNoiseAtTheEndOfTheRangeIsNotSaidToBeNothing() {
        double[] spectrum = new double[61];
        for (int i = 0; i < 60; i++) {
            spectrum[i] = 1e-7 * Math.pow(100, i / 59.0);
        }
        spectrum[60] = 1;
        double[] targets = roots(spectrum, 1e7);
        targets[60] = 0;
        List<String> said = warnings(spectrum, targets, HyperparameterLearning.BOTH);
        assertEquals(1, said.size(), said.toString());
        assertTrue(
                said.get(0).contains("of the targets' own variance")
                        && !said.get(0).contains("next to no"),
                said.toString());
    }

    @Test
    void noiseInTheMiddleOfTheRangeIsNotWarnedOf() {
        double[] spectrum = {0.1, 0.2, 0.5, 1, 2, 50, 100};
        double[] targets = {0.3, -0.5, 0.4, 0.6, -0.4, 5, -9};
        assertEquals(List.of(), warnings(spectrum, targets, HyperparameterLearning.BOTH));
    }
}
