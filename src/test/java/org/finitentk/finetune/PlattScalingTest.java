package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PlattScalingTest {
    /** Platt's targets of labels and weights. */
    private static double loss(double[] logits, double[] labels, double[] weights, double slope, double offset) {
        double ones = 0;
        double zeros = 0;
        for (int i = 0; i < labels.length; i++) {
            ones += weights[i] * labels[i];
            zeros += weights[i] * (1 - labels[i]);
        }
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            double target = labels[i] == 1 ? (ones + 1) / (ones + 2) : 1 / (zeros + 2);
            double p = 1 / (1 + Math.exp(-slope * logits[i] - offset));
            sum -= weights[i] * (target * Math.log(p) + (1 - target) * Math.log1p(-p));
        }
        return sum;
    }

    @Test
    void slopeAndOffsetAreTheBestAndFollowWeights() {
        Random random = new Random(3);
        double[] logits =
                random.doubles(200).map(u -> 4 * random.nextGaussian()).toArray();
        double[] labels = Arrays.stream(logits)
                .map(f -> random.nextDouble() < 1 / (1 + Math.exp(2 - 0.5 * f)) ? 1 : 0)
                .toArray();
        double[] weights = random.doubles(200).map(u -> 0.2 + u).toArray();
        PlattScaling fitted = PlattScaling.fit(logits, labels, weights);
        double least = loss(logits, labels, weights, fitted.slope(), fitted.offset());
        for (double slope = -0.1; slope <= 0.1; slope += 0.01) {
            for (double offset = -0.1; offset <= 0.1; offset += 0.01) {
                assertTrue(loss(logits, labels, weights, fitted.slope() + slope, fitted.offset() + offset)
                        >= least - 1e-10);
            }
        }
        double[] twice = Arrays.stream(logits).map(f -> 1e6 * f).toArray();
        PlattScaling scaled = PlattScaling.fit(twice, labels, weights);
        assertEquals(fitted.slope(), 1e6 * scaled.slope(), 1e-9);
        assertEquals(fitted.offset(), scaled.offset(), 1e-9);
    }

    @Test
    void labelsThatAThresholdPartsAndLogitsThatAreAllTheSameAreFinite() {
        double[] ones = {1, 1, 1, 1};
        PlattScaling parted = PlattScaling.fit(new double[] {-20, -1, 1, 20}, new double[] {0, 0, 1, 1}, ones);
        assertTrue(parted.slope() > 0 && Double.isFinite(parted.slope()), parted.toString());
        assertEquals(0, parted.offset(), 1e-9);
        PlattScaling same = PlattScaling.fit(new double[] {3, 3, 3, 3}, new double[] {0, 0, 0, 1}, ones);
        // (2/3 + 3 · 1/5) / 4 is what the softened labels leave.
        double rate = (2.0 / 3 + 3.0 / 5) / 4;
        assertEquals(Math.log(rate / (1 - rate)), 3 * same.slope() + same.offset(), 1e-6);
        PlattScaling zero = PlattScaling.fit(new double[4], new double[] {1, 1, 1, 1}, ones);
        assertEquals(Math.log(5), zero.offset(), 1e-9);
        assertThrows(
                IllegalArgumentException.class, () -> PlattScaling.fit(new double[3], new double[] {0, 1, 0, 1}, ones));
    }
}
