package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LossTest {
    @Test
    void squaredErrorByHand() {
        double[] cotangent = new double[4];
        // ((1² + 2²) + 3 · (0² + 1²)) / 2
        double loss = FineTuning.Loss.SQUARED_ERROR.evaluate(
                new double[] {1, 2, 3, 4}, new double[] {0, 0, 3, 5}, new double[] {1, 3}, 2, cotangent);
        assertEquals(4, loss);
        assertArrayEquals(new double[] {1, 2, 0, -3}, cotangent);
    }

    @Test
    void crossEntropyByHand() {
        double[] cotangent = new double[2];
        double loss = FineTuning.Loss.CROSS_ENTROPY.evaluate(
                new double[] {Math.log(3), 0}, new double[] {0, 1}, null, 2, cotangent);
        assertEquals(Math.log(4), loss, 1e-15);
        assertArrayEquals(new double[] {0.75, -0.75}, cotangent, 1e-15);
    }

    @ParameterizedTest
    @EnumSource(FineTuning.Loss.class)
    void cotangentAgreesWithFiniteDifferences(FineTuning.Loss loss) {
        SplittableRandom random = new SplittableRandom(3);
        int n = 4;
        int k = 3;
        double[] f = random.doubles(12, -2, 2).toArray();
        double[] y = random.doubles(12).toArray();
        for (int i = 0; i < n; i++) {
            double sum = y[i * k] + y[i * k + 1] + y[i * k + 2];
            for (int c = 0; c < k; c++) {
                y[i * k + c] /= sum;
            }
        }
        double[] weights = {1, 0.5, 2, 0};
        double[] cotangent = new double[n * k];
        loss.evaluate(f, y, weights, k, cotangent);
        for (int j = 0; j < n * k; j++) {
            double h = 1e-5;
            double difference = value(loss, f, j, h, y, weights, k) - value(loss, f, j, -h, y, weights, k);
            assertEquals(difference / (2 * h), cotangent[j], 1e-9, loss + " element " + j);
        }
    }

    private static double value(
            FineTuning.Loss loss, double[] f, int j, double h, double[] y, double[] weights, int k) {
        double[] moved = f.clone();
        moved[j] += h;
        return loss.evaluate(moved, y, weights, k, new double[f.length]);
    }

    @Test
    void hugeLogitsDoNotOverflow() {
        double[] cotangent = new double[4];
        double loss = FineTuning.Loss.CROSS_ENTROPY.evaluate(
                new double[] {1e4, -1e4, -1e300, 1e300}, new double[] {0, 1, 0, 1}, null, 2, cotangent);
        assertEquals(1e4, loss, 1e-9);
        assertTrue(Arrays.stream(cotangent).allMatch(Double::isFinite));
    }

    @Test
    void outputsThatAreNotFiniteGiveALossThatIsNotFinite() {
        for (FineTuning.Loss loss : FineTuning.Loss.values()) {
            for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
                assertFalse(
                        Double.isFinite(
                                loss.evaluate(new double[] {bad, 0}, new double[] {0, 1}, null, 2, new double[2])),
                        loss + " " + bad);
            }
        }
    }

    @Test
    void lengthsMustAgree() {
        assertThrows(
                IllegalArgumentException.class,
                () -> FineTuning.Loss.SQUARED_ERROR.evaluate(new double[4], new double[3], null, 2, new double[4]));
        assertThrows(
                IllegalArgumentException.class,
                () -> FineTuning.Loss.SQUARED_ERROR.evaluate(
                        new double[4], new double[4], new double[4], 2, new double[4]));
        assertThrows(
                IllegalArgumentException.class,
                () -> FineTuning.Loss.SQUARED_ERROR.evaluate(new double[5], new double[5], null, 2, new double[5]));
    }
}
