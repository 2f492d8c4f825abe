package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quadratic forms from a subspace against a Cholesky factorization. */
final class RitzTest {
    private static final int COLUMNS = 5;

    private static double[] gaussian(int size, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, size).mapToDouble(i -> random.nextGaussian()).toArray();
    }

    /** With eigenvalues largest, largest · rate, ... in random directions. */
    private static double[] kernel(int n, double largest, double rate) {
        SymmetricEigen directions = SymmetricEigen.decomposeInPlace(symmetric(gaussian(n * n, 1), n), n);
        double[] k = new double[n * n];
        for (int v = 0; v < n; v++) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    k[i * n + j] += largest * Math.pow(rate, v) * directions.vector(v, i) * directions.vector(v, j);
                }
            }
        }
        return k;
    }

    private static double[] symmetric(double[] a, int n) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                a[i * n + j] = a[j * n + i];
            }
        }
        return a;
    }

    private static LowRank start(double[] k, int n, int rank) {
        int[] landmarks = IntStream.range(0, rank).map(i -> i * n / rank).toArray();
        return LowRank.nystroem(
                n,
                landmarks,
                (from, to) -> IntStream.range(from, to)
                        .boxed()
                        .flatMapToDouble(i -> IntStream.of(landmarks).mapToDouble(j -> k[i * n + j]))
                        .toArray(),
                50);
    }

    /** Vectors in K's range, as covariances are. */
    private static double[] covariances(double[] k, int n) {
        double[] c = new double[n * COLUMNS];
        new DenseOperator(k, n).multiply(gaussian(n * COLUMNS, 2), COLUMNS, c);
        return c;
    }

    private static double[] exact(double[] k, int n, double scale, double noise, double[] c) {
        double[] solved = c.clone();
        Cholesky.factor(DenseOperator.shifted(k, n, scale, noise).a, n).solveInPlace(solved, COLUMNS);
        double[] forms = new double[COLUMNS];
        for (int i = 0; i < c.length; i++) {
            forms[i % COLUMNS] += c[i] * solved[i];
        }
        return forms;
    }

    /** The forms of the eigenvectors of the largest eigenvalues. */
    private static double[] best(double[] k, int n, int rank, double scale, double noise, double[] c) {
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(k.clone(), n);
        double[] coordinates = eigen.project(c, COLUMNS);
        double[] forms = new double[COLUMNS];
        for (int i = (n - rank) * COLUMNS; i < coordinates.length; i++) {
            forms[i % COLUMNS] += coordinates[i] * coordinates[i] / (scale * eigen.values()[i / COLUMNS] + noise);
        }
        return forms;
    }

    @ParameterizedTest
    @CsvSource({
        // n, largest eigenvalue, their ratio, scale, noise, start, rank, block, errors beside those of the best
        // subspace
        "120, 1e4, 0.9, 1, 0.5, 30, 120, 16, 1", // the whole space
        "120, 1e4, 0.9, 1, 0.5, 30, 90, 16, 4",
        "120, 1e4, 0.9, 2, 0.5, 10, 60, 7, 3",
        "120, 1e4, 0.9, 1, 5, 60, 40, 16, 5", // fewer than the start has
        "200, 1, 0.95, 3, 1e-3, 40, 150, 32, 3",
        "80, 1e10, 0.5, 1, 1, 20, 60, 8, 3",
        "60, 1e-9, 0.9, 1, 1e-9, 10, 30, 8, 8",
        "1, 2, 1, 1, 0.1, 1, 1, 1, 1"
    })
    void formsAreNeverTooLargeAndTheirErrorIsBounded(
            int n,
            double largest,
            double rate,
            double scale,
            double noise,
            int start,
            int rank,
            int block,
            double factor) {
        double[] k = kernel(n, largest, rate);
        double[] c = covariances(k, n);
        double[] exact = exact(k, n, scale, noise, c);
        try (LowRank lowRank = start(k, n, start);
                Ritz ritz = Ritz.of(new DenseOperator(k, n), lowRank, rank, block, (r, trace) -> false)) {
            assertTrue(ritz.rank() <= rank);
            Ritz.Forms forms = ritz.forms(scale, noise, c, COLUMNS);
            double[] best = best(k, n, rank, scale, noise, c);
            for (int j = 0; j < COLUMNS; j++) {
                double rounding = 1e-11 * exact[j];
                double error = exact[j] - forms.values()[j];
                assertTrue(error >= -rounding, "form " + j + " is too large by " + -error / exact[j]);
                assertTrue(error <= forms.bounds()[j] + rounding, "error " + error + ", bound " + forms.bounds()[j]);
                assertTrue(
                        error <= factor * (exact[j] - best[j]) + rounding,
                        "error " + error + ", of the best subspace " + (exact[j] - best[j]));
            }
            Ritz stored = Ritz.of(n, ritz.vectors(), ritz.images());
            assertArrayEquals(
                    forms.values(), stored.forms(scale, noise, c, COLUMNS).values());
            assertArrayEquals(
                    forms.bounds(), stored.forms(scale, noise, c, COLUMNS).bounds());
            stored.close();
        }
    }

    /** The error is not only bounded: the bound is not much more than the error where the noise is what is left. */
    @Test
    void boundsAreClose() {
        int n = 150;
        double[] k = kernel(n, 100, 0.93);
        double[] c = covariances(k, n);
        double[] exact = exact(k, n, 1, 0.5, c);
        try (LowRank lowRank = start(k, n, 30);
                Ritz ritz = Ritz.of(new DenseOperator(k, n), lowRank, 90, 16, (r, trace) -> false)) {
            Ritz.Forms forms = ritz.forms(1, 0.5, c, COLUMNS);
            for (int j = 0; j < COLUMNS; j++) {
                double error = exact[j] - forms.values()[j];
                assertTrue(
                        error > 0 && forms.bounds()[j] < 3 * error, "error " + error + ", bound " + forms.bounds()[j]);
            }
        }
    }

    @Test
    void stopsWhenItIsToldOrNothingIsLeft() {
        int n = 100;
        double[] k = kernel(n, 10, 0.8);
        double total = IntStream.range(0, n).mapToDouble(i -> k[i * (n + 1)]).sum();
        try (LowRank lowRank = start(k, n, 8);
                Ritz ritz =
                        Ritz.of(new DenseOperator(k, n), lowRank, n, 8, (r, trace) -> total - trace < 1e-3 * total)) {
            assertTrue(ritz.rank() >= 30 && ritz.rank() <= 48, "rank " + ritz.rank());
        }
        double[] ofRankFour = new double[n * n];
        double[] factors = gaussian(4 * n, 3);
        Blas.gemm(
                ArrayMatrix.of(factors, 4, n).transposed(),
                ArrayMatrix.of(factors, 4, n),
                0,
                ArrayMatrix.of(ofRankFour, n, n));
        try (LowRank lowRank = start(ofRankFour, n, 3);
                Ritz ritz = Ritz.of(new DenseOperator(ofRankFour, n), lowRank, n, 8, (r, trace) -> false)) {
            assertEquals(4, ritz.rank());
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThrows(IllegalArgumentException.class, () -> Ritz.of(3, new double[4], new double[4]));
        assertThrows(IllegalArgumentException.class, () -> Ritz.of(3, new double[3], new double[6]));
        try (Ritz ritz = Ritz.of(2, new double[] {1, 0}, new double[] {3, 0})) {
            assertThrows(IllegalArgumentException.class, () -> ritz.forms(1, 0, new double[2], 1));
            assertThrows(IllegalArgumentException.class, () -> ritz.forms(1, 1, new double[3], 1));
            assertEquals(0.25, ritz.forms(1, 1, new double[] {1, 0}, 1).values()[0], 1e-15);
        }
    }
}
