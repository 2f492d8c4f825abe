package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class FactorizationTest {
    private static double[] random(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.doubles((long) rows * columns, -1, 1).toArray();
    }

    private static double[] multiply(double[] a, double[] b, int m, int k, int n) {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                for (int j = 0; j < n; j++) {
                    c[i * n + j] += a[i * k + p] * b[p * n + j];
                }
            }
        }
        return c;
    }

    private static double[] positiveDefinite(int n, long seed) {
        double[] a = random(n, n, seed);
        double[] at = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                at[j * n + i] = a[i * n + j];
            }
        }
        double[] k = multiply(a, at, n, n, n);
        for (int i = 0; i < n; i++) {
            k[i * n + i] += 0.1;
        }
        return k;
    }

    @Test
    void productsAgreeWithLoops() {
        double[] a = random(3, 4, 1);
        double[] b = random(4, 5, 2);
        double[] c = new double[15];
        Blas.gemm(ArrayMatrix.of(a, 3, 4), ArrayMatrix.of(b, 4, 5), 0, ArrayMatrix.of(c, 3, 5));
        assertArrayEquals(multiply(a, b, 3, 4, 5), c, 1e-14);
    }

    @Test
    void arraysThatAreTooShortAreRefusedBeforeNativeCodeReadsThem() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Blas.gemm(
                        ArrayMatrix.of(new double[11], 3, 4),
                        ArrayMatrix.of(new double[20], 4, 5),
                        0,
                        ArrayMatrix.of(new double[15], 3, 5)));
    }

    @Test
    void choleskySolvesAndKnowsTheDeterminant() {
        int n = 7;
        double[] a = positiveDefinite(n, 3);
        Cholesky cholesky = Cholesky.factor(a.clone(), n);
        double[] x = random(n, 2, 4);
        double[] b = multiply(a, x, n, n, 2);
        cholesky.solveInPlace(b, 2);
        assertArrayEquals(x, b, 1e-9);
        double logDeterminant = 0;
        for (double value : SymmetricEigen.decomposeInPlace(a.clone(), n).values()) {
            logDeterminant += Math.log(value);
        }
        assertEquals(logDeterminant, cholesky.logDeterminant(), 1e-9);
    }

    @Test
    void eigenvectorsDiagonalize() {
        int n = 6;
        double[] a = positiveDefinite(n, 5);
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(a.clone(), n);
        double[] x = random(n, 1, 6);
        double[] coordinates = eigen.project(x);
        assertArrayEquals(x, eigen.expand(coordinates), 1e-12);
        for (int i = 0; i < n; i++) {
            coordinates[i] *= eigen.values()[i];
        }
        assertArrayEquals(multiply(a, x, n, n, 1), eigen.expand(coordinates), 1e-12);
    }

    @Test
    void indefiniteMatricesAreRefused() {
        assertThrows(NotPositiveDefiniteException.class, () -> Cholesky.factor(new double[] {1, 2, 2, 1}, 2));
        assertThrows(NotPositiveDefiniteException.class, () -> Cholesky.factor(new double[] {Double.NaN, 0, 0, 1}, 2));
    }
}
