package org.finitentk.internal.kernel;

import java.util.Arrays;
import java.util.Map;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NativeFloats;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Gathers one parameter's per-example gradients from runs of the per-example graph on parts of the examples; runs may
 * be taken in from several threads.
 */
final class GradientRows implements GradientStructure.Sink {
    private static final int BUFFER = 1 << 14;

    private final PerExample.Part part;
    private final int examples;
    private final int combinations;
    private final GradientPrecision precision;
    private @Nullable Block block;

    GradientRows(PerExample.Part part, int examples, int combinations, GradientPrecision precision) {
        this.part = part;
        this.examples = examples;
        this.combinations = combinations;
        this.precision = precision;
    }

    @Override
    public void take(Map<String, Tensor> results, int from, int combination) {
        Tensor last = tensor(results, part.outputs().get(part.outputs().size() - 1));
        Block target;
        if (part.kind() == PerExample.Kind.GRADIENTS) {
            target = gradients(last);
        } else {
            Tensor input = tensor(results, part.outputs().get(0));
            target = factors(input, last);
            if (combination == 0 && target.input() != null) {
                copy(input, target.input(), from, 1, target.positions() * Math.max(1, target.inputWidth()));
            }
        }
        long firstRow = (long) from * combinations + combination;
        if (target.single() != null) {
            copy(last, target.single(), firstRow, combinations, Math.max(1, target.positions()) * target.width());
        } else {
            copy(last, target.doubles(), firstRow, combinations, Math.max(1, target.positions()) * target.width());
        }
    }

    private static Tensor tensor(Map<String, Tensor> results, String name) {
        Tensor tensor = results.get(name);
        if (tensor == null) {
            throw new IllegalStateException("the per-example graph gave no output '" + name + "'");
        }
        return tensor;
    }

    private synchronized Block gradients(Tensor gradients) {
        if (block == null) {
            int width = Math.toIntExact(gradients.size() / Math.max(1, gradients.shape()[0]));
            long elements = (long) examples * combinations * width;
            block = memory(0, 0, width, null, elements);
        }
        return block;
    }

    private synchronized Block factors(Tensor input, Tensor delta) {
        if (block == null) {
            int positions = (int) delta.shape()[1];
            int inputWidth = part.kind() == PerExample.Kind.ROWS ? 0 : (int) input.shape()[2];
            int width = (int) delta.shape()[2];
            NativeDoubles inputs = new NativeDoubles((long) examples * positions * Math.max(1, inputWidth));
            block = memory(positions, inputWidth, width, inputs, (long) examples * combinations * positions * width);
        }
        return block;
    }

    private Block memory(int positions, int inputWidth, int width, @Nullable NativeDoubles inputs, long elements) {
        boolean single = precision.isSingle(part.kind(), positions);
        return new Block(
                examples,
                combinations,
                positions,
                inputWidth,
                width,
                inputs,
                single ? null : new NativeDoubles(elements),
                single ? new NativeFloats(elements) : null);
    }

    /** Copies a tensor's rows, one an example, to every {@code stride}-th row from {@code firstRow} on. */
    private static void copy(Tensor source, NativeDoubles target, long firstRow, int stride, int width) {
        if (source.type() == ElementType.INT64) {
            double[] whole = Arrays.stream(source.toLongs()).asDoubleStream().toArray();
            target.put(firstRow * width, whole, 0, whole.length);
            return;
        }
        int rows = (int) source.shape()[0];
        int together = stride == 1 ? Math.max(1, Math.min(rows, BUFFER / Math.max(1, width))) : 1;
        double[] buffer = new double[together * width];
        for (int row = 0; row < rows; row += together) {
            int count = Math.min(together, rows - row) * width;
            Reals.read(source, row * width, buffer, 0, count);
            target.put((firstRow + (long) row * stride) * width, buffer, 0, count);
        }
    }

    private static void copy(Tensor source, NativeFloats target, long firstRow, int stride, int width) {
        float[] buffer = new float[Math.min(BUFFER, width)];
        int rows = Math.toIntExact(source.size() / Math.max(1, width));
        for (int row = 0; row < rows; row++) {
            for (int from = 0; from < width; from += BUFFER) {
                int count = Math.min(BUFFER, width - from);
                Reals.read(source, row * width + from, buffer, 0, count);
                target.put((firstRow + (long) row * stride) * width + from, buffer, 0, count);
            }
        }
    }

    /** All that was taken in; the caller closes it. */
    synchronized Block block() {
        if (block == null) {
            throw new IllegalStateException(
                    "no gradients of parameter '" + part.parameter().name() + "' were taken in");
        }
        return block;
    }

    /** Frees what was gathered when the rest failed. */
    synchronized void discard() {
        if (block != null) {
            block.close();
        }
    }
}
