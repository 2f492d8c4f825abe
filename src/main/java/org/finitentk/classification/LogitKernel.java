package org.finitentk.classification;

import java.util.stream.IntStream;
import org.finitentk.internal.kernel.KernelAccess;
import org.finitentk.internal.kernel.KernelColumns;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.ArrayMatrix;
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
final class LogitKernel implements PriorCovariance {
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
                            Blas.gemm(
                                    ArrayMatrix.of(k, side, side),
                                    ArrayMatrix.of(v, side, columns),
                                    0,
                                    ArrayMatrix.of(y, side, columns));
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

    int examples() {
        return examples;
    }

    /** C. */
    int classes() {
        return map.classes();
    }

    /** K X for n C × columns. */
    double[] multiply(double[] x, int columns) {
        double[] y = new double[x.length];
        operator.multiply(x, x.length / operator.size(), y);
        return y;
    }

    @Override
    public double[] multiply(double[] alpha) {
        return multiply(alpha, 1);
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

    /** The kernel's matrix, n × n under SHARED; not to be changed. */
    double[] matrix() {
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

    /** R K at the columns of the examples from, …, to − 1: n C rows of (to − from) C. */
    double[][] rooted(BlockDiagonal r, int from, int to) {
        double[] k = matrix();
        int c = map.classes();
        int size = size();
        double[][] rows = new double[size][];
        IntStream.range(0, examples).parallel().forEach(i -> {
            double[][] own = new double[c][(to - from) * c];
            for (int a = 0; a < c; a++) {
                if (map.isShared()) {
                    addScaled(r, i * c + a, k, i * examples, from, own[a]);
                } else {
                    System.arraycopy(k, (i * c + a) * size + from * c, own[a], 0, own[a].length);
                }
            }
            System.arraycopy(map.isShared() ? own : r.multiply(i, own), 0, rows, i * c, c);
        });
        return rows;
    }

    /** A row of a block, times elements of the n × n kernel: what is no example's own class is 0 times the kernel. */
    private void addScaled(BlockDiagonal r, int row, double[] k, int at, int from, double[] target) {
        int c = map.classes();
        for (int j = 0; j < target.length / c; j++) {
            for (int e = 0; e < c; e++) {
                target[j * c + e] = r.values()[row * c + e] * k[at + from + j];
            }
        }
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
