package org.finitentk.internal.scores;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GaussianScoresTest {
    @ParameterizedTest
    @CsvSource({
        // Φ(z) from the C library's erfc.
        "0, 0.5",
        "0.5, 0.6914624612740131",
        "1, 0.8413447460685429",
        "2.999, 0.9986456634662729",
        "3, 0.9986501019683699",
        "-1.959963984540054, 0.025",
        "-5, 2.866515718791946e-7",
        "-10, 7.619853024160593e-24",
        "-37, 5.725571222525139e-300",
        "9, 1",
    })
    void cumulativeHasKnownValues(double z, double expected) {
        assertEquals(expected, GaussianScores.cumulative(z), 4e-13 * expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 0.6744897501960817",
        "0.6826894921370859, 1",
        "0.9, 1.6448536269514722",
        "0.95, 1.959963984540054",
        "0.99, 2.5758293035489004",
        "0.999999, 4.891638475698998",
        "1e-6, 1.2533141373158298e-6",
    })
    void intervalHasKnownHalfWidth(double level, double expected) {
        assertEquals(expected, GaussianScores.intervalHalfWidth(level), 1e-10 * expected);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.5, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesLevelsThatAreNoProbability(double level) {
        Throwable refusal = assertThrows(IllegalArgumentException.class, () -> GaussianScores.intervalHalfWidth(level));
        assertTrue(String.valueOf(refusal.getMessage()).contains("between 0 and 1"), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1",
        "1.3, 0.2, 0.49",
        "-2, 4, 2.25",
        "0.001, 0, 1e-4",
        "7, 6.5, 100",
        "3, -3, 4",
        "10, 0, 1",
        "-40, 0, 1"
    })
    void crpsIsItsDefiningIntegral(double observed, double mean, double variance) {
        // ∫ (F(t) − [t ≥ y])² dt, split at the jump.
        double deviation = Math.sqrt(variance);
        DoubleUnaryOperator below = t -> Math.pow(GaussianScores.cumulative((t - mean) / deviation), 2);
        DoubleUnaryOperator above = t -> Math.pow(GaussianScores.cumulative((mean - t) / deviation), 2);
        double low = Math.min(observed, mean) - 12 * deviation;
        double high = Math.max(observed, mean) + 12 * deviation;
        double integral = simpson(below, low, observed) + simpson(above, observed, high);
        assertEquals(integral, GaussianScores.crps(observed, mean, variance), 1e-9 * integral);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1.5, 0.01", "-3, 25"})
    void negativeLogDensityIsThatOfADensity(double mean, double variance) {
        // exp(−score) integrates to one and has the given mean and variance.
        double deviation = Math.sqrt(variance);
        double low = mean - 12 * deviation;
        double high = mean + 12 * deviation;
        DoubleUnaryOperator density = y -> Math.exp(-GaussianScores.negativeLogDensity(y, mean, variance));
        assertEquals(1, simpson(density, low, high), 1e-12);
        assertEquals(mean, simpson(y -> y * density.applyAsDouble(y), low, high), 1e-10);
        assertEquals(
                variance, simpson(y -> (y - mean) * (y - mean) * density.applyAsDouble(y), low, high), 1e-9 * variance);
    }

    @Test
    void negativeLogDensityHasKnownValues() {
        assertEquals(0.9189385332046727, GaussianScores.negativeLogDensity(0, 0, 1), 1e-15);
        assertEquals(0.5 * Math.log(2 * Math.PI * 4) + 0.125, GaussianScores.negativeLogDensity(2, 1, 4), 1e-15);
        // A subnormal variance with an error of its own size must not become NaN.
        assertEquals(
                0.9189385332046727 - 345.3877639491069 + 0.5,
                GaussianScores.negativeLogDensity(1e-150, 0, 1e-300),
                1e-9);
    }

    @Test
    void zeroVarianceIsAPointMass() {
        assertEquals(Double.NEGATIVE_INFINITY, GaussianScores.negativeLogDensity(2, 2, 0));
        assertEquals(Double.POSITIVE_INFINITY, GaussianScores.negativeLogDensity(2, 2.5, 0));
        assertEquals(0.5, GaussianScores.crps(2, 2.5, 0));
        assertEquals(0.5, GaussianScores.crps(2, 2.5, 1e-20), 1e-9);
    }

    @Test
    void unknownVarianceOrMeanIsNaNNotAFigure() {
        for (double variance : new double[] {Double.NaN, 0, 1}) {
            double mean = Double.isNaN(variance) ? 0 : Double.NaN;
            assertTrue(Double.isNaN(GaussianScores.negativeLogDensity(0, mean, variance)));
            assertTrue(Double.isNaN(GaussianScores.crps(0, mean, variance)));
        }
    }

    @Test
    void negativeVarianceIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> GaussianScores.negativeLogDensity(0, 0, -1e-9));
        assertThrows(IllegalArgumentException.class, () -> GaussianScores.crps(0, 0, -1e-9));
    }

    private static double simpson(DoubleUnaryOperator f, double from, double to) {
        int steps = 20_000;
        double h = (to - from) / steps;
        double sum = f.applyAsDouble(from) + f.applyAsDouble(to);
        for (int i = 1; i < steps; i++) {
            sum += (i % 2 == 1 ? 4 : 2) * f.applyAsDouble(from + i * h);
        }
        return sum * h / 3;
    }
}
