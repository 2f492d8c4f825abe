package org.finitentk.internal.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The partial pivoted Cholesky factorization K ≈ L Lᵀ (Harbrecht, Peters, Schneider, "On the low-rank approximation by
 * the pivoted Cholesky decomposition", 2012), some pivots at a time: groups of rows with the largest remaining
 * diagonal; among them, those that the others explain are left out.
 */
final class PivotedCholesky implements AutoCloseable {
    /** What is left of a pivot's diagonal, as a share of the largest, below which it is a rounding error. */
    private static final double NEGLIGIBLE = 1e-13;
    /**
     * What others of the same block may leave of a pivot's diagonal before it is dropped: the next block will find a
     * better one.
     */
    private static final double EXPLAINED = 0.1;

    private final int n;
    private final double[] remaining;
    /** Transposed columns of L: of each block [pivots × n]. */
    private final List<Part> parts = new ArrayList<>();

    private int rank;

    private record Part(NativeDoubles rows, int count) {}

    private PivotedCholesky(double[] diagonal) {
        this.n = diagonal.length;
        this.remaining = diagonal.clone();
    }

    static PivotedCholesky of(double[] diagonal, int group, int rank, int block, LowRank.ChosenColumns columns) {
        PivotedCholesky factor = new PivotedCholesky(diagonal);
        try {
            double negligible =
                    NEGLIGIBLE * diagonal.length * Arrays.stream(diagonal).max().orElse(0);
            while (factor.rank < rank) {
                int[] candidates =
                        factor.largest(group, Math.min(block, Math.max(1, (rank - factor.rank) / group)), negligible);
                if (candidates.length == 0 || !factor.add(candidates, columns, negligible)) {
                    break;
                }
            }
            return factor;
        } catch (RuntimeException | Error e) {
            factor.close();
            throw e;
        }
    }

    /** All rows of the groups whose remaining diagonal is largest in sum. */
    private int[] largest(int group, int count, double negligible) {
        double[] sums = new double[n / group];
        for (int i = 0; i < n; i++) {
            sums[i / group] += remaining[i];
        }
        return IntStream.range(0, sums.length)
                .filter(g -> sums[g] > negligible)
                .boxed()
                .sorted(Comparator.comparingDouble(g -> -sums[g]))
                .limit(count)
                .flatMapToInt(g -> IntStream.range(g * group, (g + 1) * group))
                .sorted()
                .toArray();
    }

    /** False if the candidates add nothing. */
    private boolean add(int[] candidates, LowRank.ChosenColumns columns, double negligible) {
        int b = candidates.length;
        try (NativeDoubles residual = new NativeDoubles((long) b * n)) {
            double[] rows = columns.transposed(candidates);
            residual.put(0, rows, 0, rows.length);
            subtractExplained(candidates, residual);
            double[] core = new double[b * b];
            for (int i = 0; i < b; i++) {
                for (int j = 0; j < b; j++) {
                    residual.get((long) i * n + candidates[j], core, i * b + j, 1);
                }
            }
            int[] pivots = pivots(core, b, negligible);
            if (pivots.length > 0) {
                append(core, b, pivots, residual);
            }
            return pivots.length > 0;
        }
    }

    /** Minus L Lᵀ of the candidates' rows. */
    private void subtractExplained(int[] candidates, NativeDoubles residual) {
        int b = candidates.length;
        for (Part part : parts) {
            double[] own = new double[b * part.count];
            for (int i = 0; i < b; i++) {
                for (int j = 0; j < part.count; j++) {
                    part.rows.get((long) j * n + candidates[i], own, i * part.count + j, 1);
                    own[i * part.count + j] = -own[i * part.count + j];
                }
            }
            try (NativeDoubles left = NativeDoubles.of(own)) {
                Blas.gemm(left.matrix(b, part.count), part.rows.matrix(part.count, n), 1, residual.matrix(b, n));
            }
        }
    }

    /** Greedy, by a small pivoted Cholesky of a copy. */
    private static int[] pivots(double[] core, int b, double negligible) {
        double[] a = core.clone();
        double[] before = new double[b];
        for (int i = 0; i < b; i++) {
            before[i] = a[i * (b + 1)];
        }
        boolean[] taken = new boolean[b];
        int[] order = new int[b];
        int count = 0;
        while (count < b) {
            int best = -1;
            for (int i = 0; i < b; i++) {
                double left = a[i * (b + 1)];
                if (!taken[i]
                        && left > negligible
                        && left > EXPLAINED * before[i]
                        && (best < 0 || left > a[best * (b + 1)])) {
                    best = i;
                }
            }
            if (best < 0) {
                break;
            }
            eliminate(a, b, best);
            taken[best] = true;
            order[count++] = best;
        }
        return Arrays.copyOf(order, count);
    }

    private static void eliminate(double[] a, int b, int pivot) {
        double[] row = Arrays.copyOfRange(a, pivot * b, (pivot + 1) * b);
        for (int i = 0; i < b; i++) {
            for (int j = 0; j < b; j++) {
                a[i * b + j] -= row[i] * row[j] / row[pivot];
            }
        }
    }

    /** The pivots' columns of L: L_SS⁻¹ times the residual rows. */
    private void append(double[] core, int b, int[] pivots, NativeDoubles residual) {
        int m = pivots.length;
        double[] square = new double[m * m];
        double[] inverse = new double[m * m];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                square[i * m + j] = core[pivots[i] * b + pivots[j]];
            }
            inverse[i * (m + 1)] = 1;
        }
        Cholesky.factor(square, m).forwardInPlace(inverse, m);
        double[] spread = new double[m * b];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < m; j++) {
                spread[i * b + pivots[j]] = inverse[i * m + j];
            }
        }
        NativeDoubles rows = new NativeDoubles((long) m * n);
        parts.add(new Part(rows, m));
        rank += m;
        try (NativeDoubles left = NativeDoubles.of(spread)) {
            Blas.gemm(left.matrix(m, b), residual.matrix(b, n), 0, rows.matrix(m, n));
        }
        explain(rows, m);
    }

    private void explain(NativeDoubles rows, int count) {
        double[] row = new double[n];
        for (int j = 0; j < count; j++) {
            rows.get((long) j * n, row, 0, n);
            for (int i = 0; i < n; i++) {
                remaining[i] = Math.max(0, remaining[i] - row[i] * row[i]);
            }
        }
    }

    int rank() {
        return rank;
    }

    /** L [n × rank]. */
    NativeDoubles factor() {
        NativeDoubles factor = new NativeDoubles((long) n * rank);
        int panel = Math.max(1, Math.min(n, (1 << 20) / Math.max(1, rank)));
        double[] rows = new double[panel * rank];
        double[] piece = new double[panel];
        for (int from = 0; from < n; from += panel) {
            int count = Math.min(panel, n - from);
            int column = 0;
            for (Part part : parts) {
                for (int j = 0; j < part.count; j++, column++) {
                    part.rows.get((long) j * n + from, piece, 0, count);
                    for (int i = 0; i < count; i++) {
                        rows[i * rank + column] = piece[i];
                    }
                }
            }
            factor.put((long) from * rank, rows, 0, count * rank);
        }
        return factor;
    }

    @Override
    public void close() {
        parts.forEach(part -> part.rows.close());
    }
}
