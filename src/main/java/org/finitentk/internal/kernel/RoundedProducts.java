package org.finitentk.internal.kernel;

import java.util.List;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeFloats;
import org.finitentk.internal.linalg.NativeMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Products J (Jᵀ X) with kept gradients in single precision: twice the arithmetic a second of {@link ExactProducts},
 * and nothing is widened on the way. Sums over panels of examples and over parameters are in float64. One column takes
 * a quarter of what running a wide network forwards and back takes.
 */
final class RoundedProducts extends PanelProducts {
    /** Numbers of a block of examples, which then stays in the caches for all columns. */
    private static final int BLOCK_ELEMENTS = 1 << 19;

    private final int combinations;
    private final int rows;
    private final int step;
    /** Whether an example's factor a is scaled and contracted instead of δ, which is wider. */
    private final boolean byInput;

    private RoundedProducts(HeldGradients panel, int columns) {
        super(panel, columns);
        this.combinations = panel.combinations();
        this.rows = Math.max(1, panel.positions());
        this.step = step((long) rows * Math.max(panel.inputWidth(), panel.width()), BLOCK_ELEMENTS);
        this.byInput = combinations == 1 && panel.inputWidth() < panel.width();
    }

    /** Adds J (Jᵀ X) of one parameter to y; both are [all examples · combinations × columns]. */
    static void add(List<HeldGradients> panels, double[] x, int columns, double[] y) {
        HeldGradients first = panels.get(0);
        int elements = Math.max(1, first.inputWidth()) * first.width();
        double[] sums = new double[Math.multiplyExact(elements, columns)];
        try (NativeFloats weights = new NativeFloats(sums.length)) {
            int at = 0;
            for (HeldGradients panel : panels) {
                RoundedProducts products = new RoundedProducts(panel, columns);
                products.transposed(new Part(x, at), weights);
                copy(weights, sums);
                at += products.elements();
            }
            write(sums, weights);
            at = 0;
            for (HeldGradients panel : panels) {
                RoundedProducts products = new RoundedProducts(panel, columns);
                products.product(weights, new Part(y, at));
                at += products.elements();
            }
        }
    }

    private static void copy(NativeFloats source, double[] sums) {
        share(sums.length, COPIED, (from, to) -> {
            float[] floats = new float[(int) (to - from)];
            source.get(from, floats, 0, floats.length);
            for (int i = 0; i < floats.length; i++) {
                sums[(int) from + i] += floats[i];
            }
        });
    }

    private static void write(double[] values, NativeFloats target) {
        share(values.length, COPIED, (from, to) -> {
            float[] floats = new float[(int) (to - from)];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[(int) from + i];
            }
            target.put(from, floats, 0, floats.length);
        });
    }

    /** Jᵀ X of this panel: for each column d_in × d_out, or a gradient. */
    private void transposed(Part x, NativeFloats weights) {
        NativeFloats input = panel.input();
        try (NativeFloats scaled = new NativeFloats(blockElements())) {
            for (int from = 0; from < panel.examples(); from += step) {
                int count = Math.min(step, panel.examples() - from);
                float beta = from == 0 ? 0 : 1;
                if (input == null) {
                    NativeMatrix<NativeFloats> sums = weights.matrix(columns, panel.width());
                    for (int r = 0; r < combinations; r++) {
                        gather(x, from, count, r, scaled);
                        NativeMatrix<NativeFloats> factors = scaled.matrix(count, columns);
                        Blas.gemm(factors.transposed(), delta(r, from, count), r == 0 ? beta : 1, sums);
                    }
                } else {
                    for (int j = 0; j < columns; j++) {
                        scale(x, j, from, count, byInput ? input : null, scaled);
                        NativeMatrix<NativeFloats> left =
                                byInput ? scaled.matrix(count * rows, panel.inputWidth()) : input(input, from, count);
                        NativeMatrix<NativeFloats> right =
                                byInput ? delta(0, from, count) : scaled.matrix(count * rows, panel.width());
                        Blas.gemm(left.transposed(), right, beta, column(weights, j));
                    }
                }
            }
        }
    }

    /** Adds J V of this panel, V being as {@link #transposed} leaves it. */
    private void product(NativeFloats weights, Part y) {
        NativeFloats input = panel.input();
        try (NativeFloats products = new NativeFloats(blockElements())) {
            for (int from = 0; from < panel.examples(); from += step) {
                int count = Math.min(step, panel.examples() - from);
                if (input == null) {
                    NativeMatrix<NativeFloats> v = weights.matrix(columns, panel.width());
                    for (int r = 0; r < combinations; r++) {
                        Blas.gemm(delta(r, from, count), v.transposed(), 0, products.matrix(count, columns));
                        scatter(products, from, count, r, y);
                    }
                } else {
                    for (int j = 0; j < columns; j++) {
                        NativeMatrix<NativeFloats> v = column(weights, j);
                        NativeMatrix<NativeFloats> left = byInput ? delta(0, from, count) : input(input, from, count);
                        NativeMatrix<NativeFloats> right = byInput ? v.transposed() : v;
                        Blas.gemm(left, right, 0, products.matrix(count * rows, right.width()));
                        contract(products, byInput ? input : null, j, from, count, y);
                    }
                }
            }
        }
    }

    private long blockElements() {
        return (long) step * rows * Math.max(columns, byInput ? panel.inputWidth() : panel.width());
    }

    /** Some examples' δ, or gradients. */
    private NativeMatrix<NativeFloats> delta(int combination, int from, int count) {
        return panel.delta(combination).matrix((long) from * rows * panel.width(), count * rows, panel.width());
    }

    /** Some examples' a. */
    private NativeMatrix<NativeFloats> input(NativeFloats input, int from, int count) {
        return input.matrix((long) from * rows * panel.inputWidth(), count * rows, panel.inputWidth());
    }

    /** One column's d_in × d_out. */
    private NativeMatrix<NativeFloats> column(NativeFloats weights, int column) {
        long size = (long) panel.inputWidth() * panel.width();
        return weights.matrix(column * size, panel.inputWidth(), panel.width());
    }

    private void gather(Part x, int from, int count, int combination, NativeFloats target) {
        float[] floats = new float[count * columns];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < columns; j++) {
                floats[i * columns + j] = (float) x.values()[x.at() + row(from + i, combination) + j];
            }
        }
        target.put(0, floats, 0, floats.length);
    }

    private void scatter(NativeFloats products, int from, int count, int combination, Part y) {
        float[] floats = new float[count * columns];
        products.get(0, floats, 0, floats.length);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < columns; j++) {
                y.values()[y.at() + row(from + i, combination) + j] += floats[i * columns + j];
            }
        }
    }

    /** One column's x times a, or the sum over combinations of x times δ. */
    private void scale(Part x, int column, int from, int count, @Nullable NativeFloats a, NativeFloats scaled) {
        int size = rows * (a != null ? panel.inputWidth() : panel.width());
        slices(count, size, (example, many, start, length) -> {
            float[] own = new float[many * length];
            float[] sum = combinations == 1 ? own : new float[own.length];
            for (int r = 0; r < combinations; r++) {
                (a != null ? a : panel.delta(r)).get((long) (from + example) * size + start, own, 0, own.length);
                for (int e = 0; e < many; e++) {
                    float factor = (float) x.values()[x.at() + row(from + example + e, r) + column];
                    if (combinations == 1) {
                        multiply(factor, own, e * length, length);
                    } else {
                        add(factor, own, sum, e * length, length);
                    }
                }
            }
            scaled.put((long) example * size + start, sum, 0, sum.length);
        });
    }

    private static void multiply(float factor, float[] values, int from, int count) {
        for (int i = from; i < from + count; i++) {
            values[i] *= factor;
        }
    }

    private static void add(float factor, float[] values, float[] sum, int from, int count) {
        for (int i = from; i < from + count; i++) {
            sum[i] += factor * values[i];
        }
    }

    /** Inner products of one column's numbers with a, or with each combination's δ, example by example. */
    private void contract(NativeFloats products, @Nullable NativeFloats a, int column, int from, int count, Part y) {
        int size = rows * (a != null ? panel.inputWidth() : panel.width());
        slices(count, size, (example, many, start, length) -> {
            float[] piece = new float[many * length];
            float[] own = new float[piece.length];
            products.get((long) example * size + start, piece, 0, piece.length);
            for (int r = 0; r < combinations; r++) {
                (a != null ? a : panel.delta(r)).get((long) (from + example) * size + start, own, 0, own.length);
                for (int e = 0; e < many; e++) {
                    y.values()[y.at() + row(from + example + e, r) + column] +=
                            dot(own, piece, e * length, (e + 1) * length);
                }
            }
        });
    }

    /** Four sums, because one would wait for itself. */
    private static double dot(float[] a, float[] b, int from, int to) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
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
        return (double) s0 + s1 + s2 + s3;
    }
}
