package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PivotedCholeskyTest {
    /** exp(-d²/2) of points on a line: a few at one end stand alone. */
    private static double[] kernel(int n, boolean duplicates) {
        double[] at = IntStream.range(0, n)
                .mapToDouble(i -> i < 3 ? 20 + 10 * i : 4.0 * (duplicates ? i / 2 : i) / n)
                .toArray();
        double[] k = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                k[i * n + j] = Math.exp(-0.5 * (at[i] - at[j]) * (at[i] - at[j]));
            }
        }
        return k;
    }

    private static double[] diagonal(double[] k, int n) {
        return IntStream.range(0, n).mapToDouble(i -> k[i * (n + 1)]).toArray();
    }

    private static double[] rows(double[] k, int n, int[] chosen) {
        double[] rows = new double[chosen.length * n];
        for (int i = 0; i < chosen.length; i++) {
            System.arraycopy(k, chosen[i] * n, rows, i * n, n);
        }
        return rows;
    }

    /** W diag(s) Wᵀ. */
    private static double[] product(LowRank lowRank, int n) {
        int r = lowRank.rank();
        double[] vectors = lowRank.vectors(r);
        double[] k = new double[n * n];
        for (int j = 0; j < r; j++) {
            for (int a = 0; a < n; a++) {
                for (int b = 0; b < n; b++) {
                    k[a * n + b] += lowRank.values()[j] * vectors[j * n + a] * vectors[j * n + b];
                }
            }
        }
        return k;
    }

    /** As in a textbook. */
    private static double[] reference(double[] k, int n, int rank) {
        double[] left = k.clone();
        for (int step = 0; step < rank; step++) {
            int pivot = 0;
            for (int i = 1; i < n; i++) {
                pivot = left[i * (n + 1)] > left[pivot * (n + 1)] ? i : pivot;
            }
            double[] row = Arrays.copyOfRange(left, pivot * n, (pivot + 1) * n);
            for (int a = 0; a < n; a++) {
                for (int b = 0; b < n; b++) {
                    left[a * n + b] -= row[a] * row[b] / row[pivot];
                }
            }
        }
        return IntStream.range(0, n * n).mapToDouble(i -> k[i] - left[i]).toArray();
    }

    @ParameterizedTest
    @CsvSource({"30, 1", "30, 5", "60, 12"})
    void onePivotAtATimeIsTheTextbooksFactorization(int n, int rank) {
        double[] k = kernel(n, false);
        // no two diagonal elements are the same, so that there is one order of the pivots
        for (int i = 0; i < n; i++) {
            k[i * (n + 1)] += 1e-3 * (i + 1);
        }
        try (LowRank lowRank = LowRank.pivotedCholesky(diagonal(k, n), 1, rank, 1, chosen -> rows(k, n, chosen))) {
            assertEquals(rank, lowRank.rank());
            assertArrayEquals(reference(k, n, rank), product(lowRank, n), 1e-10);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 4", "2, 3", "5, 2"})
    void blocksAndGroupsApproximateWell(int group, int block) {
        int n = 100;
        double[] k = kernel(n, true);
        List<int[]> asked = new ArrayList<>();
        LowRank.ChosenColumns columns = chosen -> {
            asked.add(chosen);
            return rows(k, n, chosen);
        };
        try (LowRank lowRank = LowRank.pivotedCholesky(diagonal(k, n), group, 15, block, columns)) {
            double[] approximate = product(lowRank, n);
            double worst = IntStream.range(0, n * n)
                    .mapToDouble(i -> Math.abs(k[i] - approximate[i]))
                    .max()
                    .orElse(0);
            assertTrue(worst < 0.05, "error " + worst + " at rank " + lowRank.rank());
            assertTrue(lowRank.rank() <= 15 && lowRank.rank() >= 8, "rank " + lowRank.rank());
            for (int[] chosen : asked) {
                assertTrue(chosen.length % group == 0 && chosen.length <= group * block);
            }
        }
    }

    @Test
    void stopsWhereNothingIsLeft() {
        int n = 40;
        double[] k = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                k[i * n + j] = (i + 1.0) * (j + 1) + (i % 2) * (j % 2);
            }
        }
        try (LowRank lowRank = LowRank.pivotedCholesky(diagonal(k, n), 1, 30, 4, chosen -> rows(k, n, chosen))) {
            assertEquals(2, lowRank.rank());
            assertArrayEquals(k, product(lowRank, n), 1e-8);
        }
        try (LowRank zero = LowRank.pivotedCholesky(new double[n], 1, 30, 4, chosen -> new double[chosen.length * n])) {
            assertEquals(0, zero.rank());
        }
    }

    @Test
    void refusesWhatIsNotFinite() {
        double[] diagonal = {1, Double.NaN};
        assertThrows(
                IllegalArgumentException.class,
                () -> LowRank.pivotedCholesky(diagonal, 1, 1, 1, chosen -> new double[2]));
    }
}
