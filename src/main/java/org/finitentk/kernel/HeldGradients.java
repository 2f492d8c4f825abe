package org.finitentk.kernel;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.finitentk.autodiff.PerExample;
import org.finitentk.linalg.Blas;
import org.finitentk.linalg.NativeDoubles;
import org.finitentk.linalg.NativeFloats;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One parameter's per-example gradients of a panel of examples, kept in the precision that the network has them in, and their products with blocks of vectors in float64:
 * an ill-conditioned kernel matrix multiplies every rounding by its condition. Gradients are multiplied out, g [examples × size], or factors: a [examples × T × d_in], shared by an example's combinations, and δ [examples × T × d_out].
 *
 * <p>With factors, Jᵀu is one product Aᵀ(u ∘ Δ) whatever the number of combinations, and J v is the row sums of (A V) ∘ Δ: a network is not run at all.
 */
final class HeldGradients implements GradientStructure.Sink, AutoCloseable {
    /** Numbers of a block of examples in float64. */
    private static final int BLOCK_ELEMENTS = 1 << 20;
    private static final int COPIED = 1 << 14;

    private final PerExample.Part part;
    private final int examples;
    private final int combinations;
    private int positions;
    private int inputWidth;
    private int width;
    private @Nullable NativeFloats input;
    private NativeFloats @Nullable [] delta;

    HeldGradients(PerExample.Part part, int examples, int combinations) {
        this.part = part;
        this.examples = examples;
        this.combinations = combinations;
    }

    @Override
    public void take(Map<String, Tensor> results, int from, int combination) {
        boolean factors = part.kind() == PerExample.Kind.FACTORS;
        Tensor last = tensor(results, part.outputs().get(part.outputs().size() - 1));
        Tensor first = factors ? tensor(results, part.outputs().get(0)) : null;
        allocate(first, last);
        if (first != null && combination == 0) {
            copy(first, memory(input), (long) from * positions * inputWidth);
        }
        copy(last, memory(delta)[combination], (long) from * Math.max(1, positions) * width);
    }

    private static Tensor tensor(Map<String, Tensor> results, String name) {
        Tensor tensor = results.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the per-example graph gave no output '" + name + "'");
        }
        return tensor;
    }

    private static <T> T memory(@Nullable T memory) {
        if (memory == null) {
            throw new IllegalStateException("no gradients were taken in");
        }
        return memory;
    }

    private synchronized void allocate(@Nullable Tensor first, Tensor last) {
        if (delta != null) {
            return;
        }
        if (first == null) {
            width = Math.toIntExact(last.size() / Math.max(1, last.shape()[0]));
        } else {
            positions = (int) last.shape()[1];
            inputWidth = (int) first.shape()[2];
            width = (int) last.shape()[2];
            input = new NativeFloats((long) examples * positions * inputWidth);
        }
        NativeFloats[] all = new NativeFloats[combinations];
        for (int c = 0; c < combinations; c++) {
            all[c] = new NativeFloats((long) examples * Math.max(1, positions) * width);
        }
        delta = all;
    }

    private static void copy(Tensor source, NativeFloats target, long at) {
        FloatBuffer values = source.data().asFloatBuffer();
        float[] block = new float[Math.min(values.remaining(), 1 << 16)];
        while (values.hasRemaining()) {
            int count = Math.min(block.length, values.remaining());
            values.get(block, 0, count);
            target.put(at, block, 0, count);
            at += count;
        }
    }

    /** Elements of the sums of {@code columns} vectors: [d_in × columns × d_out], or [columns × size]. */
    long sumElements(int columns) {
        return (long) columns * Math.max(1, inputWidth) * width;
    }

    /** Adds Jᵀ X of this panel to the sums; x is [examples · combinations × columns]. */
    void addTransposed(double[] x, int columns, NativeDoubles sums) {
        int step = step(columns);
        int scaledWidth = Math.max(1, positions) * width * columns;
        try (NativeDoubles left = new NativeDoubles((long) step * leftWidth()); NativeDoubles right = new NativeDoubles((long) step * Math.max(scaledWidth, columns))) {
            for (int from = 0; from < examples; from += step) {
                int count = Math.min(step, examples - from);
                if (input != null) {
                    widen(input, (long) from * positions * inputWidth, (long) count * positions * inputWidth, left);
                    scale(x, columns, from, count, right);
                    Blas.gemm(true, false, inputWidth, columns * width, count * positions, left, 0, right, 0, 1, sums, 0);
                } else {
                    for (int r = 0; r < combinations; r++) {
                        widen(memory(delta)[r], (long) from * width, (long) count * width, left);
                        right.put(0, rows(x, columns, from, count, r), 0, count * columns);
                        Blas.gemm(true, false, columns, width, count, right, 0, left, 0, 1, sums, 0);
                    }
                }
            }
        }
    }

    /** Numbers of an example's inputs, or gradient. */
    private int leftWidth() {
        return input == null ? width : positions * inputWidth;
    }

    /** Examples whose numbers stay in the caches. */
    private int step(int columns) {
        long numbers = leftWidth() + (long) columns * Math.max(1, positions) * (input == null ? 1 : width);
        return (int) Math.max(1, Math.min(examples, BLOCK_ELEMENTS / Math.max(1, numbers)));
    }

    private static void widen(NativeFloats source, long at, long count, NativeDoubles target) {
        float[] floats = new float[(int) Math.min(count, COPIED)];
        double[] doubles = new double[floats.length];
        for (long done = 0; done < count; done += floats.length) {
            int some = (int) Math.min(floats.length, count - done);
            source.get(at + done, floats, 0, some);
            for (int i = 0; i < some; i++) {
                doubles[i] = floats[i];
            }
            target.put(done, doubles, 0, some);
        }
    }

    /** Elements of one combination. */
    private double[] rows(double[] x, int columns, int from, int count, int combination) {
        double[] rows = new double[count * columns];
        for (int i = 0; i < count; i++) {
            System.arraycopy(x, ((from + i) * combinations + combination) * columns, rows, i * columns, columns);
        }
        return rows;
    }

    /** For each example and position [columns × d_out]: the sum over combinations of x δ. */
    private void scale(double[] x, int columns, int from, int count, NativeDoubles scaled) {
        float[] own = new float[positions * width];
        double[] target = new double[positions * columns * width];
        for (int i = 0; i < count; i++) {
            Arrays.fill(target, 0);
            for (int r = 0; r < combinations; r++) {
                memory(delta)[r].get((long) (from + i) * own.length, own, 0, own.length);
                for (int j = 0; j < columns; j++) {
                    double factor = x[((from + i) * combinations + r) * columns + j];
                    for (int t = 0; t < positions; t++) {
                        addScaled(factor, own, t * width, target, (t * columns + j) * width, width);
                    }
                }
            }
            scaled.put((long) i * target.length, target, 0, target.length);
        }
    }

    private static void addScaled(double factor, float[] source, int from, double[] target, int at, int count) {
        for (int o = 0; o < count; o++) {
            target[at + o] += factor * source[from + o];
        }
    }

    /** Adds J V of this panel to y [examples · combinations × columns]; V comes as the sums of {@link #addTransposed} do. */
    void addProduct(NativeDoubles v, int columns, double[] y, int at) {
        int step = step(columns);
        int productWidth = Math.max(1, positions) * width * columns;
        try (NativeDoubles left = new NativeDoubles((long) step * leftWidth()); NativeDoubles products = new NativeDoubles((long) step * Math.max(productWidth, columns))) {
            for (int from = 0; from < examples; from += step) {
                int count = Math.min(step, examples - from);
                if (input != null) {
                    widen(input, (long) from * positions * inputWidth, (long) count * positions * inputWidth, left);
                    Blas.gemm(false, false, count * positions, columns * width, inputWidth, left, 0, v, 0, 0, products, 0);
                    contract(products, columns, from, count, y, at);
                } else {
                    for (int r = 0; r < combinations; r++) {
                        widen(memory(delta)[r], (long) from * width, (long) count * width, left);
                        Blas.gemm(false, true, count, columns, width, left, 0, v, 0, 0, products, 0);
                        addRows(products, columns, from, count, r, y, at);
                    }
                }
            }
        }
    }

    private void addRows(NativeDoubles products, int columns, int from, int count, int combination, double[] y, int at) {
        double[] rows = new double[count * columns];
        products.get(0, rows, 0, rows.length);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < columns; j++) {
                y[at + ((from + i) * combinations + combination) * columns + j] += rows[i * columns + j];
            }
        }
    }

    /** Inner products of [columns × d_out] with δ, summed over positions. */
    private void contract(NativeDoubles products, int columns, int from, int count, double[] y, int at) {
        float[] own = new float[positions * width];
        double[] row = new double[positions * columns * width];
        for (int i = 0; i < count; i++) {
            products.get((long) i * row.length, row, 0, row.length);
            for (int r = 0; r < combinations; r++) {
                memory(delta)[r].get((long) (from + i) * own.length, own, 0, own.length);
                for (int j = 0; j < columns; j++) {
                    double sum = 0;
                    for (int t = 0; t < positions; t++) {
                        sum += dot(own, t * width, row, (t * columns + j) * width, width);
                    }
                    y[at + ((from + i) * combinations + r) * columns + j] += sum;
                }
            }
        }
    }

    /** Four sums, because one would wait for itself. */
    private static double dot(float[] a, int aAt, double[] b, int bAt, int count) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int o = 0;
        for (; o + 3 < count; o += 4) {
            s0 += a[aAt + o] * b[bAt + o];
            s1 += a[aAt + o + 1] * b[bAt + o + 1];
            s2 += a[aAt + o + 2] * b[bAt + o + 2];
            s3 += a[aAt + o + 3] * b[bAt + o + 3];
        }
        for (; o < count; o++) {
            s0 += a[aAt + o] * b[bAt + o];
        }
        return s0 + s1 + s2 + s3;
    }

    @Override
    public void close() {
        if (input != null) {
            input.close();
        }
        if (delta != null) {
            for (NativeFloats each : delta) {
                each.close();
            }
        }
    }
}
