package org.finitentk.internal.kernel;

import java.util.Map;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.linalg.NativeFloats;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One parameter's per-example gradients of a panel of examples, kept in float32: multiplied out, g [examples × size],
 * or factors, a [examples × T × d_in], shared by an example's combinations, and δ [examples × T × d_out].
 *
 * <p>With factors, Jᵀu is one product Aᵀ(u ∘ Δ) whatever the number of combinations, and J v is the row sums of (A V) ∘
 * Δ: a network is not run at all ({@link ExactProducts}, {@link RoundedProducts}).
 */
final class HeldGradients implements GradientStructure.Sink, AutoCloseable {
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
        int all = Math.toIntExact(source.size());
        float[] block = new float[Math.min(all, 1 << 16)];
        for (int from = 0; from < all; from += block.length) {
            int count = Math.min(block.length, all - from);
            Reals.read(source, from, block, 0, count);
            target.put(at + from, block, 0, count);
        }
    }

    /** Examples. */
    int examples() {
        return examples;
    }

    /** Combinations of outputs. */
    int combinations() {
        return combinations;
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
    @Nullable
    NativeFloats input() {
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
