package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class LimitedMemoryBfgsTest {
    private static double[] all(int n, double value) {
        double[] all = new double[n];
        Arrays.fill(all, value);
        return all;
    }

    private static LimitedMemoryBfgs in(int n, double lower, double upper) {
        return new LimitedMemoryBfgs(all(n, lower), all(n, upper), 1e-9, 500);
    }

    /** Rosenbrock's valley of n variables, whose lowest point is at ones. */
    private static LimitedMemoryBfgs.Point valley(double[] x) {
        double value = 0;
        double[] gradient = new double[x.length];
        for (int i = 0; i + 1 < x.length; i++) {
            double rise = x[i + 1] - x[i] * x[i];
            value += 100 * rise * rise + (1 - x[i]) * (1 - x[i]);
            gradient[i] += -400 * x[i] * rise - 2 * (1 - x[i]);
            gradient[i + 1] += 200 * rise;
        }
        return new LimitedMemoryBfgs.Point(x, value, gradient);
    }

    @Test
    void findsTheEndOfAValley() {
        LimitedMemoryBfgs.Minimum found = in(8, -10, 10).minimize(LimitedMemoryBfgsTest::valley, all(8, -1.2));
        assertTrue(found.converged());
        assertArrayEquals(all(8, 1), found.point().x(), 1e-8);
    }

    /** Of (x - 3)² + (x - 3)(y + 2) + (y + 2)² in [0, 1]² the lowest point is (1, 0), by the conditions of Karush. */
    @Test
    void staysInTheBox() {
        LimitedMemoryBfgs.Minimum found = in(2, 0, 1)
                .minimize(
                        x -> {
                            double a = x[0] - 3;
                            double b = x[1] + 2;
                            assertTrue(x[0] >= 0 && x[0] <= 1 && x[1] >= 0 && x[1] <= 1);
                            return new LimitedMemoryBfgs.Point(
                                    x, a * a + a * b + b * b, new double[] {2 * a + b, a + 2 * b});
                        },
                        new double[] {0.5, 7});
        assertTrue(found.converged());
        assertArrayEquals(new double[] {1, 0}, found.point().x(), 1e-9);
    }

    @Test
    void stepsBackFromWhereTheFunctionIsNotDefined() {
        LimitedMemoryBfgs.Minimum found = in(1, -10, 10)
                .minimize(
                        x -> new LimitedMemoryBfgs.Point(x, x[0] - Math.log(x[0]), new double[] {1 - 1 / x[0]}),
                        new double[] {0.01});
        assertTrue(found.converged());
        assertEquals(1, found.point().x()[0], 1e-7);
    }

    @Test
    void saysWhereItGaveUp() {
        LimitedMemoryBfgs few = new LimitedMemoryBfgs(all(8, -10), all(8, 10), 1e-9, 3);
        LimitedMemoryBfgs.Minimum found = few.minimize(LimitedMemoryBfgsTest::valley, all(8, -1.2));
        assertEquals(3, found.iterations());
        assertFalse(found.converged());
        assertTrue(found.point().value() < valley(all(8, -1.2)).value());
        LimitedMemoryBfgs.Minimum lost =
                few.minimize(x -> new LimitedMemoryBfgs.Point(x, Double.NaN, all(8, Double.NaN)), all(8, 0));
        assertFalse(lost.converged());
    }
}
