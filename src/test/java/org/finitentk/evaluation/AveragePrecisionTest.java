package org.finitentk.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** By hand, and as scikit-learn's average_precision_score has it. */
final class AveragePrecisionTest {
    private static PredictedClasses two(int[] truths, double[] weights, double... second) {
        double[] both = new double[2 * second.length];
        for (int i = 0; i < second.length; i++) {
            both[2 * i] = 1 - second[i];
            both[2 * i + 1] = second[i];
        }
        return new PredictedClasses(both, truths, weights, 2);
    }

    @Test
    void ofTwoLabelsItIsTheRarerOnesAndTiesAreOneStep() {
        double[] ones = {1, 1, 1, 1, 1};
        // of label 1 by falling probability: right, wrong, right
        assertEquals(
                0.5 * 1 + 0.5 * 2 / 3,
                two(new int[] {1, 0, 1, 0, 0}, ones, 0.9, 0.8, 0.7, 0.2, 0.1).averagePrecision(),
                1e-15);
        // label 0 is the rarer one here: ranks 2 and 4 by its own probability
        assertEquals(
                0.5 * 1 / 2 + 0.5 * 2 / 4,
                two(new int[] {1, 0, 1, 0, 1}, ones, 0.1, 0.2, 0.3, 0.4, 0.5).averagePrecision(),
                1e-15);
        assertEquals(
                0.4,
                two(new int[] {1, 0, 1, 0, 0}, ones, 0.5, 0.5, 0.5, 0.5, 0.5).averagePrecision(),
                1e-15);
        // a weight of 2 is an example twice
        assertEquals(
                two(new int[] {1, 0, 0, 1, 0, 0}, new double[] {1, 1, 1, 1, 1, 1}, 0.9, 0.8, 0.8, 0.7, 0.2, 0.1)
                        .averagePrecision(),
                two(new int[] {1, 0, 1, 0, 0}, new double[] {1, 2, 1, 1, 1}, 0.9, 0.8, 0.7, 0.2, 0.1)
                        .averagePrecision(),
                1e-15);
    }

    @Test
    void ofMoreLabelsItIsTheMeanOfThoseThatOccur() {
        double[] probabilities = {
            0.7, 0.2, 0.1, //
            0.5, 0.4, 0.1, //
            0.6, 0.3, 0.1
        };
        PredictedClasses predicted =
                new PredictedClasses(probabilities, new int[] {0, 1, 1}, new double[] {1, 1, 2}, 3);
        // label 0 ranks first by its probability; label 1 ranks first and second
        assertEquals(1, predicted.averagePrecision(), 1e-15);
        // label 0's example now ranks third, behind a weight of 3
        PredictedClasses other = new PredictedClasses(probabilities, new int[] {1, 0, -1}, new double[] {1, 1, 2}, 3);
        assertEquals((1.0 / 4 + 1.0 / 4) / 2, other.averagePrecision(), 1e-15);
        assertEquals(
                Double.NaN,
                new PredictedClasses(new double[] {1, 0, 0}, new int[] {-1}, new double[] {1}, 3).averagePrecision());
    }
}
