package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What repeats itself at weights nearby is no rounding. */
final class RoundingNoiseTest {
    private static List<double[]> moved(double fault, double noise, long seed) {
        Random random = new Random(seed);
        List<double[]> moved = new ArrayList<>();
        for (int move = 0; move <= RoundingNoise.MOVES; move++) {
            moved.add(random.doubles(3)
                    .map(any -> fault + noise * random.nextGaussian())
                    .toArray());
        }
        return moved;
    }

    @Test
    void noiseIsTakenForNoiseAndFaultsForFaults() {
        int noises = 0;
        for (int seed = 0; seed < 500; seed++) {
            double[] noise = moved(0, 1, -1 - seed).get(0);
            noises += RoundingNoise.explains(noise, 0.01, moved(0, 1, seed)) ? 1 : 0;
            double[] fault = moved(1, 0.05, -1 - seed).get(0);
            assertFalse(RoundingNoise.explains(fault, 0.01, moved(1, 0.05, seed)), "seed " + seed);
            assertFalse(RoundingNoise.explains(fault, 0.01, moved(0, 0, seed)), "a fault of stale weights");
        }
        assertTrue(noises >= 495, noises + " of 500");
    }

    @Test
    void whatIsNotFiniteIsNoNoise() {
        assertFalse(RoundingNoise.explains(new double[] {Double.NaN, 1, 1}, 0.01, moved(0, 1, 1)));
        assertFalse(RoundingNoise.explains(new double[] {1, 1, 1}, 0.01, moved(Double.NaN, 1, 1)));
    }

    @Test
    void weightsMoveByAFewRoundingErrors() {
        double[] theta = {1, -200, 0};
        assertArrayEquals(theta, RoundingNoise.moved(theta, 0x1p-24, 0));
        double[] moved = RoundingNoise.moved(theta, 0x1p-24, 1);
        assertArrayEquals(theta, moved, 0.02);
        assertEquals(
                2,
                Arrays.stream(new int[] {0, 1, 2})
                        .filter(i -> (float) moved[i] != (float) theta[i])
                        .count());
    }
}
