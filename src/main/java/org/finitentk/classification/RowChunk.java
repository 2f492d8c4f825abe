package org.finitentk.classification;

import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeMatrix;
import org.finitentk.internal.linalg.RowSums;
import org.finitentk.internal.linalg.Vectors;

/**
 * The rows of the logits' Jacobian at some examples, in the order of {@link WeightColumns}: m × (own weights), and m C
 * × (common weights). Products of many columns are the native library's, of few ones not: its threads take longer to
 * meet than the arithmetic takes. Close it.
 */
final class RowChunk implements AutoCloseable {
    /** Numbers of a product that are in memory at once: 16 MiB. */
    private static final int PRODUCT = 1 << 21;
    /** Common weights from which on products with them are the native library's. */
    private static final int MANY = 256;
    /** Examples whose sums are taken by one thread. */
    private static final int BLOCK = 256;

    private final int from;
    private final int size;
    private final WeightColumns columns;
    private final NativeDoubles own;
    private final NativeDoubles common;

    private RowChunk(int from, int size, WeightColumns columns) {
        this.from = from;
        this.size = size;
        this.columns = columns;
        this.own = new NativeDoubles((long) size * columns.ownWidth());
        this.common = new NativeDoubles((long) size * columns.logits() * columns.commonSize());
    }

    /**
     * From rows of the network's Jacobian. If some own weight moves another logit here, all are common.
     *
     * @param rows of the examples from, …, to − 1, one after the other
     */
    static RowChunk of(NativeDoubles rows, int from, int to, WeightColumns columns) {
        RowChunk chunk = new RowChunk(from, to - from, columns);
        if (chunk.fill(rows)) {
            return chunk;
        }
        chunk.close();
        RowChunk dense = new RowChunk(from, to - from, columns.allCommon());
        dense.fill(rows);
        return dense;
    }

    /** False if an own weight moves another logit. */
    private boolean fill(NativeDoubles rows) {
        int r = columns.rowsPerExample();
        int p = columns.isShared() ? columns.ownWidth() : columns.size();
        double[] row = new double[p];
        double[] ordered = new double[p];
        for (int i = 0; i < size * r; i++) {
            rows.get((long) i * p, row, 0, p);
            for (int k = 0; k < p; k++) {
                ordered[k] = row[columns.order()[k]];
            }
            int start = columns.isShared() ? 0 : columns.ownStart(i % r);
            int width = columns.ownSize(i % r);
            for (int k = 0; k < p - columns.commonSize(); k++) {
                if (ordered[k] != 0 && (k < start || k >= start + width)) {
                    return false;
                }
            }
            own.put((long) (i / r) * columns.ownWidth() + start, ordered, start, width);
            common.put((long) i * columns.commonSize(), ordered, p - columns.commonSize(), columns.commonSize());
        }
        return true;
    }

    int from() {
        return from;
    }

    int size() {
        return size;
    }

    WeightColumns columns() {
        return columns;
    }

    /** An example's rows in own weights, one after the other where they are not shared. */
    double[] ownRow(int i) {
        double[] row = new double[columns.ownWidth()];
        own.get((long) i * row.length, row, 0, row.length);
        return row;
    }

    /** An example's rows in the common weights, C of them. */
    double[][] commonRows(int i) {
        int width = columns.commonSize();
        double[] rows = new double[columns.logits() * width];
        common.get((long) i * rows.length, rows, 0, rows.length);
        return RowSums.of(rows, 0, columns.logits(), width);
    }

    /** Some examples' rows of a logit in its own weights. */
    NativeMatrix<NativeDoubles> own(int logit, int first, int count) {
        int width = columns.ownWidth();
        return own.part((long) first * width + columns.ownAt(logit), count, columns.ownSize(logit), width);
    }

    /** Some examples' rows in the common weights, C an example. */
    NativeMatrix<NativeDoubles> common(int first, int count) {
        int width = columns.commonSize();
        return common.matrix((long) first * columns.logits() * width, count * columns.logits(), width);
    }

    /** Adds Jᵀ u of these examples, u being n C of all. */
    void addTransposed(double[] u, double[] sums) {
        if (columns.isShared()) {
            int c = columns.logits();
            try (NativeDoubles right = new NativeDoubles((long) size * c);
                    NativeDoubles product = new NativeDoubles(sums.length)) {
                right.put(0, u, from * c, size * c);
                Blas.gemm(
                        right.matrix(size, c).transposed(),
                        own.matrix(size, columns.ownWidth()),
                        0,
                        product.matrix(c, columns.ownWidth()));
                double[] values = new double[sums.length];
                product.get(0, values, 0, values.length);
                Vectors.add(sums, 1, values);
            }
            return;
        }
        double[][] parts = new double[(size + BLOCK - 1) / BLOCK][sums.length];
        IntStream.range(0, parts.length).parallel().forEach(b -> {
            for (int i = b * BLOCK; i < Math.min(size, (b + 1) * BLOCK); i++) {
                addTransposed(i, u, parts[b]);
            }
        });
        for (double[] part : parts) {
            Vectors.add(sums, 1, part);
        }
    }

    private void addTransposed(int i, double[] u, double[] sums) {
        double[] row = ownRow(i);
        double[][] others = commonRows(i);
        for (int a = 0; a < columns.logits(); a++) {
            double factor = u[(from + i) * columns.logits() + a];
            for (int k = columns.ownStart(a); k < columns.ownEnds()[a]; k++) {
                sums[k] += factor * row[k];
            }
            for (int k = 0; k < others[a].length; k++) {
                sums[columns.commonStart() + k] += factor * others[a][k];
            }
        }
    }

    /** Writes J w of these examples in their places of n C, from weights in the columns' order. */
    void product(double[] w, double[] f) {
        int c = columns.logits();
        if (columns.isShared()) {
            try (NativeDoubles right = NativeDoubles.of(w);
                    NativeDoubles left = new NativeDoubles((long) size * c)) {
                Blas.gemm(
                        own.matrix(size, columns.ownWidth()),
                        right.matrix(c, columns.ownWidth()).transposed(),
                        0,
                        left.matrix(size, c));
                left.get(0, f, from * c, size * c);
            }
            return;
        }
        IntStream.range(0, size).parallel().forEach(i -> {
            double[] row = ownRow(i);
            double[][] others = commonRows(i);
            for (int a = 0; a < c; a++) {
                double sum = 0;
                for (int k = columns.ownStart(a); k < columns.ownEnds()[a]; k++) {
                    sum += row[k] * w[k];
                }
                for (int k = 0; k < others[a].length; k++) {
                    sum += others[a][k] * w[columns.commonStart() + k];
                }
                f[(from + i) * c + a] = sum;
            }
        });
    }

    /**
     * Writes factor · J_i A⁻¹ J_iᵀ of these examples in their blocks, as squares of L⁻¹ J_iᵀ.
     *
     * @param inverse L⁻¹ of A = L Lᵀ in the columns' order
     */
    void covariance(NativeDoubles inverse, double factor, BlockDiagonal blocks) {
        int c = columns.logits();
        int w = columns.size();
        int step = Math.max(1, Math.min(size, PRODUCT / Math.max(1, c * w)));
        boolean few = columns.hasFewOwn() && columns.commonSize() < MANY;
        double[][] rows = few ? columnsOf(inverse) : new double[0][];
        try (NativeDoubles y = new NativeDoubles(few ? 0 : (long) step * c * w)) {
            y.clear();
            for (int first = 0; first < size; first += step) {
                int start = first;
                int count = Math.min(step, size - first);
                if (!few) {
                    whiten(inverse, first, count, y);
                }
                IntStream.range(0, count).parallel().forEach(i -> {
                    double[][] white = few ? whitened(rows, start + i) : rows(y, (long) i * c * w);
                    int at = (from + start + i) * c * c;
                    for (int a = 0; a < c; a++) {
                        double[] products = RowSums.products(white, a, a + 1, columns.firstOf(a));
                        for (int b = 0; b <= a; b++) {
                            blocks.values()[at + a * c + b] = factor * products[b];
                            blocks.values()[at + b * c + a] = factor * products[b];
                        }
                    }
                });
            }
        }
    }

    private double[][] rows(NativeDoubles y, long at) {
        double[][] rows = new double[columns.logits()][columns.size()];
        for (int a = 0; a < rows.length; a++) {
            y.get(at + (long) a * rows[a].length, rows[a], 0, rows[a].length);
        }
        return rows;
    }

    /** The columns of L⁻¹. */
    private double[][] columnsOf(NativeDoubles inverse) {
        int w = columns.size();
        double[][] result = new double[w][w];
        double[] row = new double[w];
        for (int i = 0; i < w; i++) {
            inverse.get((long) i * w, row, 0, i + 1);
            for (int k = 0; k <= i; k++) {
                result[k][i] = row[k];
            }
        }
        return result;
    }

    /** (L⁻¹ J_iᵀ)ᵀ of one example, C × W. */
    private double[][] whitened(double[][] inverseColumns, int i) {
        int c = columns.logits();
        double[][] white = new double[c][columns.size()];
        double[] row = ownRow(i);
        double[][] others = commonRows(i);
        for (int a = 0; a < c; a++) {
            add(row, columns.ownAt(a), inverseColumns, columns.ownStart(a), columns.ownSize(a), white[a]);
            add(others[a], 0, inverseColumns, columns.commonStart(), others[a].length, white[a]);
        }
        return white;
    }

    /** Of a triangle's columns: what is above the first one's diagonal is zero. */
    private static void add(double[] factors, int at, double[][] columns, int first, int count, double[] target) {
        double[][] some = new double[count][];
        System.arraycopy(columns, first, some, 0, count);
        RowSums.add(factors, at, some, target, first);
    }

    /** The same of several. What is left of a logit's own weights is zero, and stays it. */
    private void whiten(NativeDoubles inverse, int first, int count, NativeDoubles y) {
        int c = columns.logits();
        int w = columns.size();
        int start0 = columns.commonStart();
        int width = columns.commonSize();
        for (int a = 0; a < c; a++) {
            int start = columns.ownStart(a);
            if (columns.ownSize(a) > 0) {
                Blas.gemm(
                        own(a, first, count),
                        inverse.part((long) start * w + start, w - start, columns.ownSize(a), w)
                                .transposed(),
                        0,
                        y.part((long) a * w + start, count, w - start, c * w));
            }
            if (width > 0) {
                Blas.gemm(
                        common.part(((long) first * c + a) * width, count, width, c * width),
                        inverse.part((long) start0 * w + start0, width, width, w)
                                .transposed(),
                        columns.ownSize(a) > 0 ? 1 : 0,
                        y.part((long) a * w + start0, count, width, c * w));
            }
        }
    }

    @Override
    public void close() {
        own.close();
        common.close();
    }
}
