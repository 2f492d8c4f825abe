package org.finitentk.internal.kernel;

import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;
import org.jspecify.annotations.Nullable;

/**
 * Products with kept gradients in float64: an ill-conditioned kernel matrix multiplies every rounding by its condition.
 */
final class ExactProducts extends PanelProducts {
    /** Numbers in float64 of a block of examples, of each factor. */
    private static final int FACTOR_ELEMENTS = 1 << 21;
    /** The same for gradients that are multiplied out. */
    private static final int ROW_ELEMENTS = 1 << 20;
    /** From more combinations on, reading δ takes longer than what is done with it for one column. */
    private static final int FEW_COMBINATIONS = 2;

    private static final int GROUP = 4;

    private final int positions;
    private final int inputWidth;
    private final int width;
    private final int combinations;
    private final @Nullable NativeFloats input;

    ExactProducts(HeldGradients panel, int columns) {
        super(panel, columns);
        this.positions = panel.positions();
        this.inputWidth = panel.inputWidth();
        this.width = panel.width();
        this.combinations = panel.combinations();
        this.input = panel.input();
    }

    /** Adds Jᵀ X of this panel to the sums; x is [examples · combinations × columns]. */
    void addTransposed(double[] x, NativeDoubles sums) {
        if (input == null) {
            addTransposedRows(x, sums);
        } else {
            addTransposedFactors(input, x, sums);
        }
    }

    /**
     * Adds J V of this panel to y [examples · combinations × columns]; V comes as the sums of {@link #addTransposed}
     * do.
     */
    void addProduct(NativeDoubles v, double[] y, int at) {
        if (input == null) {
            addRowProducts(v, y, at);
        } else {
            addFactorProducts(input, v, y, at);
        }
    }

    /**
     * One vector after the other: as many examples as fit the caches go into one product, whose result, d_in × d_out,
     * is then read and written rarely. With all vectors side by side it would be that many times larger, and moving it
     * would take longer than the arithmetic.
     */
    private void addTransposedFactors(NativeFloats a, double[] x, NativeDoubles sums) {
        int step = step((long) positions * Math.max(inputWidth, width), FACTOR_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * positions * inputWidth);
                NativeDoubles right = new NativeDoubles((long) group() * step * size())) {
            for (int from = 0; from < panel.examples(); from += step) {
                int count = Math.min(step, panel.examples() - from);
                widen(a, (long) from * positions * inputWidth, (long) count * positions * inputWidth, left);
                for (int first = 0; first < columns; first += group()) {
                    int last = Math.min(columns, first + group());
                    scale(x, first, last, from, count, right);
                    for (int j = first; j < last; j++) {
                        Blas.gemm(
                                left.matrix(count * positions, inputWidth).transposed(),
                                right.matrix((j - first) * (long) count * size(), count * positions, width),
                                1,
                                sums.matrix((long) j * inputWidth * width, inputWidth, width));
                    }
                }
            }
        }
    }

    private void addFactorProducts(NativeFloats a, NativeDoubles v, double[] y, int at) {
        int step = step((long) positions * Math.max(inputWidth, width), FACTOR_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * positions * inputWidth);
                NativeDoubles products = new NativeDoubles((long) group() * step * size())) {
            for (int from = 0; from < panel.examples(); from += step) {
                int count = Math.min(step, panel.examples() - from);
                widen(a, (long) from * positions * inputWidth, (long) count * positions * inputWidth, left);
                for (int first = 0; first < columns; first += group()) {
                    int last = Math.min(columns, first + group());
                    for (int j = first; j < last; j++) {
                        Blas.gemm(
                                left.matrix(count * positions, inputWidth),
                                v.matrix((long) j * inputWidth * width, inputWidth, width),
                                0,
                                products.matrix((j - first) * (long) count * size(), count * positions, width));
                    }
                    contract(products, first, last, new Part(y, at), from, count);
                }
            }
        }
    }

    private void addTransposedRows(double[] x, NativeDoubles sums) {
        int step = step(width + (long) columns, ROW_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * width);
                NativeDoubles right = new NativeDoubles((long) step * columns)) {
            for (int from = 0; from < panel.examples(); from += step) {
                int count = Math.min(step, panel.examples() - from);
                for (int r = 0; r < combinations; r++) {
                    widen(panel.delta(r), (long) from * width, (long) count * width, left);
                    right.put(0, rows(x, from, count, r), 0, count * columns);
                    Blas.gemm(
                            right.matrix(count, columns).transposed(),
                            left.matrix(count, width),
                            1,
                            sums.matrix(columns, width));
                }
            }
        }
    }

    private void addRowProducts(NativeDoubles v, double[] y, int at) {
        int step = step(width + (long) columns, ROW_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * width);
                NativeDoubles products = new NativeDoubles((long) step * columns)) {
            for (int from = 0; from < panel.examples(); from += step) {
                int count = Math.min(step, panel.examples() - from);
                for (int r = 0; r < combinations; r++) {
                    widen(panel.delta(r), (long) from * width, (long) count * width, left);
                    Blas.gemm(
                            left.matrix(count, width),
                            v.matrix(columns, width).transposed(),
                            0,
                            products.matrix(count, columns));
                    addRows(products, from, count, r, y, at);
                }
            }
        }
    }

    static void widen(NativeFloats source, long at, long count, NativeDoubles target) {
        share(count, COPIED, (from, to) -> {
            float[] floats = new float[(int) Math.min(to - from, COPIED)];
            double[] doubles = new double[floats.length];
            for (long done = from; done < to; done += floats.length) {
                int some = (int) Math.min(floats.length, to - done);
                source.get(at + done, floats, 0, some);
                for (int i = 0; i < some; i++) {
                    doubles[i] = floats[i];
                }
                target.put(done, doubles, 0, some);
            }
        });
    }

    /** Elements of one combination. */
    private double[] rows(double[] x, int from, int count, int combination) {
        double[] rows = new double[count * columns];
        for (int i = 0; i < count; i++) {
            System.arraycopy(x, row(from + i, combination), rows, i * columns, columns);
        }
        return rows;
    }

    /**
     * Columns for which δ is read once, where there is much of it; their products with the other factor then no longer
     * stay in the caches.
     */
    private int group() {
        return combinations > FEW_COMBINATIONS ? Math.min(columns, GROUP) : 1;
    }

    /** For some columns and each example [T × d_out]: the sum over combinations of the column's x times δ. */
    private void scale(double[] x, int column, int lastColumn, int from, int count, NativeDoubles scaled) {
        slices(count, size(), (example, examples, at, length) -> {
            float[] own = new float[examples * length];
            double[][] targets = new double[lastColumn - column][own.length];
            for (int r = 0; r < combinations; r++) {
                panel.delta(r).get((long) (from + example) * size() + at, own, 0, own.length);
                for (int e = 0; e < examples; e++) {
                    int row = row(from + example + e, r) + column;
                    for (int j = 0; j < targets.length; j++) {
                        addScaled(x[row + j], own, targets[j], e * length, length);
                    }
                }
            }
            for (int j = 0; j < targets.length; j++) {
                scaled.put((j * (long) count + example) * size() + at, targets[j], 0, own.length);
            }
        });
    }

    private int size() {
        return Math.toIntExact((long) positions * width);
    }

    private static void addScaled(double factor, float[] source, double[] target, int from, int count) {
        for (int o = from; o < from + count; o++) {
            target[o] += factor * source[o];
        }
    }

    private void addRows(NativeDoubles products, int from, int count, int combination, double[] y, int at) {
        double[] rows = new double[count * columns];
        products.get(0, rows, 0, rows.length);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < columns; j++) {
                y[at + row(from + i, combination) + j] += rows[i * columns + j];
            }
        }
    }

    /** Inner products of some columns' [T × d_out] with δ, example by example. */
    private void contract(NativeDoubles products, int column, int lastColumn, Part y, int from, int count) {
        slices(count, size(), (example, examples, start, length) -> {
            float[] own = new float[examples * length];
            double[][] pieces = new double[lastColumn - column][own.length];
            for (int j = 0; j < pieces.length; j++) {
                products.get((j * (long) count + example) * size() + start, pieces[j], 0, own.length);
            }
            for (int r = 0; r < combinations; r++) {
                panel.delta(r).get((long) (from + example) * size() + start, own, 0, own.length);
                for (int e = 0; e < examples; e++) {
                    int row = y.at() + row(from + example + e, r) + column;
                    for (int j = 0; j < pieces.length; j++) {
                        y.values()[row + j] += dot(own, pieces[j], e * length, (e + 1) * length);
                    }
                }
            }
        });
    }

    /** Four sums, because one would wait for itself. */
    private static double dot(float[] a, double[] b, int from, int to) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int o = from;
        for (; o + 3 < to; o += 4) {
            s0 += a[o] * b[o];
            s1 += a[o + 1] * b[o + 1];
            s2 += a[o + 2] * b[o + 2];
            s3 += a[o + 3] * b[o + 3];
        }
        for (; o < to; o++) {
            s0 += a[o] * b[o];
        }
        return s0 + s1 + s2 + s3;
    }
}
