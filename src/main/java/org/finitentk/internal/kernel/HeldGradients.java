package org.finitentk.internal.kernel;

import java.nio.FloatBuffer;
import java.util.Map;
import java.util.stream.LongStream;
import org.finitentk.autodiff.PerExample;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One parameter's per-example gradients of a panel of examples, kept in the precision that the network has them in, and their products with blocks of vectors in float64:
 * an ill-conditioned kernel matrix multiplies every rounding by its condition. Gradients are multiplied out, g [examples × size], or factors: a [examples × T × d_in], shared by an example's combinations, and δ [examples × T × d_out].
 *
 * <p>With factors, Jᵀu is one product Aᵀ(u ∘ Δ) whatever the number of combinations, and J v is the row sums of (A V) ∘ Δ: a network is not run at all.
 */
final class HeldGradients implements GradientStructure.Sink, AutoCloseable {
    /** Numbers in float64 of a block of examples, of each factor. */
    private static final int FACTOR_ELEMENTS = 1 << 21;
    /** The same for gradients that are multiplied out. */
    private static final int ROW_ELEMENTS = 1 << 20;
    private static final int COPIED = 1 << 14;
    /** Numbers that stay in the inner caches while all combinations are added to them. */
    private static final int SLICE = 1 << 11;
    private static final long PIECES_A_CORE = 4;
    /** From more combinations on, reading δ takes longer than what is done with it for one column. */
    private static final int FEW_COMBINATIONS = 2;
    private static final int GROUP = 4;

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

    /** Examples. */
    int examples() {
        return examples;
    }

    /** Positions T of the factors of an example; 0 where gradients are multiplied out. */
    int positions() {
        return positions;
    }

    /** d_in of factors; 0 where gradients are multiplied out. */
    int inputWidth() {
        return inputWidth;
    }

    /** d_out of factors, or the length of a gradient. */
    int width() {
        return width;
    }

    /** The factor a, or null where gradients are multiplied out. */
    @Nullable NativeFloats input() {
        return input;
    }

    /** The factor δ of one combination, or the gradients. */
    NativeFloats delta(int combination) {
        return memory(delta)[combination];
    }

    /** Elements of the sums of {@code columns} vectors: for each of them d_in × d_out, or the gradient's size. */
    long sumElements(int columns) {
        return (long) columns * Math.max(1, inputWidth) * width;
    }

    /** Adds Jᵀ X of this panel to the sums; x is [examples · combinations × columns]. */
    void addTransposed(double[] x, int columns, NativeDoubles sums) {
        if (input == null) {
            addTransposedRows(x, columns, sums);
        } else {
            addTransposedFactors(input, x, columns, sums);
        }
    }

    /** Adds J V of this panel to y [examples · combinations × columns]; V comes as the sums of {@link #addTransposed} do. */
    void addProduct(NativeDoubles v, int columns, double[] y, int at) {
        if (input == null) {
            addRowProducts(v, columns, y, at);
        } else {
            addFactorProducts(input, v, columns, y, at);
        }
    }

    /**
     * One vector after the other: as many examples as fit the caches go into one product, whose result, d_in × d_out, is then read and written rarely. With all vectors side
     * by side it would be that many times larger, and moving it would take longer than the arithmetic.
     */
    private void addTransposedFactors(NativeFloats a, double[] x, int columns, NativeDoubles sums) {
        int step = step((long) positions * Math.max(inputWidth, width), FACTOR_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * positions * inputWidth); NativeDoubles right = new NativeDoubles((long) group(columns) * step * size())) {
            for (int from = 0; from < examples; from += step) {
                int count = Math.min(step, examples - from);
                widen(a, (long) from * positions * inputWidth, (long) count * positions * inputWidth, left);
                for (int first = 0; first < columns; first += group(columns)) {
                    int last = Math.min(columns, first + group(columns));
                    scale(x, columns, first, last, from, count, right);
                    for (int j = first; j < last; j++) {
                        Blas.gemm(true, false, inputWidth, width, count * positions, left, 0, right, (j - first) * (long) count * size(), 1, sums, (long) j * inputWidth * width);
                    }
                }
            }
        }
    }

    private void addFactorProducts(NativeFloats a, NativeDoubles v, int columns, double[] y, int at) {
        int step = step((long) positions * Math.max(inputWidth, width), FACTOR_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * positions * inputWidth); NativeDoubles products = new NativeDoubles((long) group(columns) * step * size())) {
            for (int from = 0; from < examples; from += step) {
                int count = Math.min(step, examples - from);
                widen(a, (long) from * positions * inputWidth, (long) count * positions * inputWidth, left);
                for (int first = 0; first < columns; first += group(columns)) {
                    int last = Math.min(columns, first + group(columns));
                    for (int j = first; j < last; j++) {
                        Blas.gemm(false, false, count * positions, width, inputWidth, left, 0, v, (long) j * inputWidth * width, 0, products, (j - first) * (long) count * size());
                    }
                    contract(products, columns, first, last, from, count, y, at);
                }
            }
        }
    }

    private void addTransposedRows(double[] x, int columns, NativeDoubles sums) {
        int step = step(width + (long) columns, ROW_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * width); NativeDoubles right = new NativeDoubles((long) step * columns)) {
            for (int from = 0; from < examples; from += step) {
                int count = Math.min(step, examples - from);
                for (int r = 0; r < combinations; r++) {
                    widen(memory(delta)[r], (long) from * width, (long) count * width, left);
                    right.put(0, rows(x, columns, from, count, r), 0, count * columns);
                    Blas.gemm(true, false, columns, width, count, right, 0, left, 0, 1, sums, 0);
                }
            }
        }
    }

    private void addRowProducts(NativeDoubles v, int columns, double[] y, int at) {
        int step = step(width + (long) columns, ROW_ELEMENTS);
        try (NativeDoubles left = new NativeDoubles((long) step * width); NativeDoubles products = new NativeDoubles((long) step * columns)) {
            for (int from = 0; from < examples; from += step) {
                int count = Math.min(step, examples - from);
                for (int r = 0; r < combinations; r++) {
                    widen(memory(delta)[r], (long) from * width, (long) count * width, left);
                    Blas.gemm(false, true, count, columns, width, left, 0, v, 0, 0, products, 0);
                    addRows(products, columns, from, count, r, y, at);
                }
            }
        }
    }

    /** Examples of so many numbers that stay in the caches. */
    private int step(long numbers, int cached) {
        return (int) Math.max(1, Math.min(examples, cached / Math.max(1, numbers)));
    }

    interface Piece {
        /** Does items [from, to). */
        void accept(long from, long to);
    }

    /** All cores, each a few pieces: these loops move memory, and one core alone would take as long for them as all take for the products. */
    static void share(long items, long atLeast, Piece piece) {
        long pieces = Math.max(1, Math.min(PIECES_A_CORE * Runtime.getRuntime().availableProcessors(), items / Math.max(1, atLeast)));
        LongStream.range(0, pieces).parallel().forEach(i -> piece.accept(items * i / pieces, items * (i + 1) / pieces));
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
    private double[] rows(double[] x, int columns, int from, int count, int combination) {
        double[] rows = new double[count * columns];
        for (int i = 0; i < count; i++) {
            System.arraycopy(x, ((from + i) * combinations + combination) * columns, rows, i * columns, columns);
        }
        return rows;
    }

    /** Columns for which δ is read once, where there is much of it; their products with the other factor then no longer stay in the caches. */
    private int group(int columns) {
        return combinations > FEW_COMBINATIONS ? Math.min(columns, GROUP) : 1;
    }

    /** For some columns and each example [T × d_out]: the sum over combinations of the column's x times δ. */
    private void scale(double[] x, int columns, int column, int lastColumn, int from, int count, NativeDoubles scaled) {
        NativeFloats[] all = memory(delta);
        share(count, COPIED / size(), (first, end) -> slices(first, end, (example, examples, at, length) -> {
            float[] own = new float[examples * length];
            double[][] targets = new double[lastColumn - column][own.length];
            for (int r = 0; r < combinations; r++) {
                all[r].get((from + example) * size() + at, own, 0, own.length);
                for (int e = 0; e < examples; e++) {
                    int row = ((int) (from + example + e) * combinations + r) * columns + column;
                    for (int j = 0; j < targets.length; j++) {
                        addScaled(x[row + j], own, targets[j], e * length, length);
                    }
                }
            }
            for (int j = 0; j < targets.length; j++) {
                scaled.put((j * (long) count + example) * size() + at, targets[j], 0, own.length);
            }
        }));
    }

    private long size() {
        return (long) positions * width;
    }

    private interface Slice {
        /** Does numbers [at, at + length) of some examples, whose numbers follow one another. */
        void accept(long example, int examples, long at, int length);
    }

    /** Some thousand numbers at a time: parts of a large example, or several small ones, as every access to native memory costs as much as moving a hundred. */
    private void slices(long first, long end, Slice slice) {
        int many = (int) Math.max(1, SLICE / size());
        int most = (int) Math.min(size(), SLICE);
        for (long example = first; example < end; example += many) {
            int examples = (int) Math.min(many, end - example);
            for (long at = 0; at < size(); at += most) {
                slice.accept(example, examples, at, (int) Math.min(most, size() - at));
            }
        }
    }

    private static void addScaled(double factor, float[] source, double[] target, int from, int count) {
        for (int o = from; o < from + count; o++) {
            target[o] += factor * source[o];
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

    /** Inner products of some columns' [T × d_out] with δ, example by example. */
    private void contract(NativeDoubles products, int columns, int column, int lastColumn, int from, int count, double[] y, int at) {
        NativeFloats[] all = memory(delta);
        share(count, COPIED / size(), (first, end) -> slices(first, end, (example, examples, start, length) -> {
            float[] own = new float[examples * length];
            double[][] pieces = new double[lastColumn - column][own.length];
            for (int j = 0; j < pieces.length; j++) {
                products.get((j * (long) count + example) * size() + start, pieces[j], 0, own.length);
            }
            for (int r = 0; r < combinations; r++) {
                all[r].get((from + example) * size() + start, own, 0, own.length);
                for (int e = 0; e < examples; e++) {
                    int row = at + ((int) (from + example + e) * combinations + r) * columns + column;
                    for (int j = 0; j < pieces.length; j++) {
                        y[row + j] += dot(own, pieces[j], e * length, (e + 1) * length);
                    }
                }
            }
        }));
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
