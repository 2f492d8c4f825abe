package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.KernelAccess;
import org.finitentk.internal.kernel.KernelColumns;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * The prior covariance of the training logits for λ = 1, K = J Jᵀ, of n C rows. Under SHARED it is the n × n kernel,
 * the same for each class; a block of n C × columns is, element by element, one of n × (C columns), so that one product
 * serves both structures. Close it.
 */
final class LogitKernel implements AutoCloseable {
    private static final int FEW = 8;
    /** Rows of one vector's product that go together. */
    private static final int GROUP = 16;

    private final LogitMap map;
    private final int examples;
    private final double @Nullable [] dense;
    private final LinearOperator operator;
    private final KernelColumns columns;
    private final ProgressListener progress;
    private @Nullable LogitFactor factor;

    private LogitKernel(
            LogitMap map, Examples x, double @Nullable [] dense, LinearOperator operator, ProgressListener progress) {
        this.map = map;
        this.examples = x.size();
        this.dense = dense;
        this.operator = operator;
        this.columns = new KernelColumns(map.network(), x, map.outputs(), operator);
        this.progress = progress;
    }

    /** With the kernel's matrix in memory, element by element. */
    static LogitKernel dense(LogitMap map, Examples x, ProgressListener progress) {
        double[] k = new KernelTiles(map.network(), progress).gram(x, map.outputs());
        int side = map.isShared() ? x.size() : Math.multiplyExact(x.size(), map.classes());
        return new LogitKernel(
                map,
                x,
                k,
                new LinearOperator() {
                    @Override
                    public int size() {
                        return side;
                    }

                    @Override
                    public void multiply(double[] v, int columns, double[] y) {
                        if (columns <= FEW) {
                            multiplyRows(k, v, columns, y);
                        } else {
                            Blas.gemm(false, false, side, columns, side, 1, k, side, v, columns, 0, y, columns);
                        }
                    }
                },
                progress);
    }

    /** The native library copies the whole matrix, which takes longer than to multiply it with few vectors. */
    private static void multiplyRows(double[] k, double[] v, int columns, double[] y) {
        int side = y.length / columns;
        if (columns == 1) {
            int groups = (side + GROUP - 1) / GROUP;
            IntStream.range(0, groups)
                    .parallel()
                    .forEach(g -> multiplyRows(k, v, y, g * GROUP, Math.min(side, (g + 1) * GROUP)));
            return;
        }
        IntStream.range(0, side).parallel().forEach(i -> {
            double[] sums = new double[columns];
            for (int j = 0; j < side; j++) {
                double element = k[i * side + j];
                for (int c = 0; c < columns; c++) {
                    sums[c] += element * v[j * columns + c];
                }
            }
            System.arraycopy(sums, 0, y, i * columns, columns);
        });
    }

    /** Four sums at a time, each in the order of its terms: one alone would wait for itself. */
    private static void multiplyRows(double[] k, double[] v, double[] y, int from, int to) {
        int side = v.length;
        int i = from;
        for (; i + 3 < to; i += 4) {
            double s0 = 0;
            double s1 = 0;
            double s2 = 0;
            double s3 = 0;
            for (int j = 0; j < side; j++) {
                s0 += k[i * side + j] * v[j];
                s1 += k[(i + 1) * side + j] * v[j];
                s2 += k[(i + 2) * side + j] * v[j];
                s3 += k[(i + 3) * side + j] * v[j];
            }
            y[i] = s0;
            y[i + 1] = s1;
            y[i + 2] = s2;
            y[i + 3] = s3;
        }
        for (; i < to; i++) {
            double sum = 0;
            for (int j = 0; j < side; j++) {
                sum += k[i * side + j] * v[j];
            }
            y[i] = sum;
        }
    }

    /** For products only, in some form. */
    static LogitKernel products(LogitMap map, Examples x, KernelAccess.Form form, ProgressListener progress) {
        KernelAccess.Opened opened = KernelAccess.open(form, map.network(), x, map.outputs(), progress);
        return new LogitKernel(map, x, null, opened.operator(), progress);
    }

    /** Rows: n C. */
    int size() {
        return Math.multiplyExact(examples, map.classes());
    }

    /** K X for n C × columns. */
    double[] multiply(double[] x, int columns) {
        double[] y = new double[x.length];
        operator.multiply(x, x.length / operator.size(), y);
        return y;
    }

    /** What preconditions solves, made when first asked for. */
    synchronized LogitFactor factor() {
        LogitFactor known = factor;
        if (known == null) {
            known = LogitFactor.of(columns, map.isShared() ? map.classes() : 1, progress);
            factor = known;
        }
        return known;
    }

    private double[] matrix() {
        if (dense == null) {
            throw new IllegalStateException("the kernel's matrix was not made");
        }
        return dense;
    }

    /** The C × C blocks on the diagonal. */
    BlockDiagonal diagonalBlocks() {
        double[] k = matrix();
        int c = map.classes();
        BlockDiagonal blocks = BlockDiagonal.zeros(examples, c);
        for (int i = 0; i < examples; i++) {
            for (int a = 0; a < c; a++) {
                for (int b = 0; b < c; b++) {
                    int at = (i * c + a) * c + b;
                    if (!map.isShared()) {
                        blocks.values()[at] = k[(i * c + a) * size() + i * c + b];
                    } else if (a == b) {
                        blocks.values()[at] = k[i * examples + i];
                    }
                }
            }
        }
        return blocks;
    }

    /** I + λ R K R for symmetric blocks R, n C × n C; only its lower triangle is filled. */
    double[] sandwiched(BlockDiagonal r, double lambda) {
        int c = map.classes();
        int size = size();
        if (size > CostModel.MAX_SIDE) {
            throw new IllegalArgumentException(
                    "a dense system of " + examples + " examples and " + c + " classes has " + size + " rows; at most "
                            + CostModel.MAX_SIDE + " are possible, so use the solver ITERATIVE or LOW_RANK");
        }
        double[] b = new double[size * size];
        IntStream.range(0, examples).parallel().forEach(i -> {
            double[] left = new double[c * c];
            for (int j = 0; j <= i; j++) {
                block(r, i, j, left);
                multiplyRight(left, r, j, lambda, b, i);
            }
            for (int a = 0; a < c; a++) {
                b[(i * c + a) * size + i * c + a] += 1;
            }
        });
        return b;
    }

    /** R_i K_ij. */
    private void block(BlockDiagonal r, int i, int j, double[] left) {
        double[] k = matrix();
        int c = map.classes();
        if (map.isShared()) {
            for (int e = 0; e < c * c; e++) {
                left[e] = r.values()[i * c * c + e] * k[i * examples + j];
            }
            return;
        }
        Arrays.fill(left, 0);
        for (int a = 0; a < c; a++) {
            for (int e = 0; e < c; e++) {
                addScaled(r.values()[(i * c + a) * c + e], k, (i * c + e) * size() + j * c, left, a * c, c);
            }
        }
    }

    /** Rows are added side by side: each sum is taken in the order of its terms, but none waits for another. */
    private static void addScaled(double factor, double[] source, int from, double[] target, int at, int count) {
        for (int b = 0; b < count; b++) {
            target[at + b] += factor * source[from + b];
        }
    }

    private void multiplyRight(double[] left, BlockDiagonal r, int j, double lambda, double[] target, int i) {
        int c = map.classes();
        int size = size();
        double[] row = new double[c];
        for (int a = 0; a < c; a++) {
            Arrays.fill(row, 0);
            for (int e = 0; e < c; e++) {
                addScaled(left[a * c + e], r.values(), (j * c + e) * c, row, 0, c);
            }
            for (int b = 0; b < c; b++) {
                target[(i * c + a) * size + j * c + b] = lambda * row[b];
            }
        }
    }

    /** The columns of K that belong to the examples from, …, to − 1: n C × (to − from) C. */
    double[] columns(int from, int to) {
        double[] k = matrix();
        int c = map.classes();
        int width = (to - from) * c;
        double[] columns = new double[size() * width];
        for (int i = 0; i < size(); i++) {
            if (!map.isShared()) {
                System.arraycopy(k, i * size() + from * c, columns, i * width, width);
            } else {
                for (int j = from; j < to; j++) {
                    columns[i * width + (j - from) * c + i % c] = k[i / c * examples + j];
                }
            }
        }
        return columns;
    }

    /** K(X, Z) as n C × m C, for examples Z. */
    static double[] cross(LogitMap map, Examples x, Examples z) {
        double[] k = new KernelTiles(map.network()).gram(x, z, map.outputs());
        if (!map.isShared()) {
            return k;
        }
        int c = map.classes();
        int m = z.size();
        double[] full = new double[Math.multiplyExact(Math.multiplyExact(x.size(), c), Math.multiplyExact(m, c))];
        for (int i = 0; i < x.size(); i++) {
            for (int j = 0; j < m; j++) {
                for (int a = 0; a < c; a++) {
                    full[(i * c + a) * m * c + j * c + a] = k[i * m + j];
                }
            }
        }
        return full;
    }

    @Override
    public synchronized void close() {
        operator.close();
        if (factor != null) {
            factor.close();
        }
    }
}
