package org.finitentk.internal.runtime;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/**
 * Moves numbers between double arrays and float or double tensors, in blocks: bulk copies and plain array loops, which
 * the JIT vectorizes.
 */
public final class Reals {
    private static final int BLOCK = 4096;

    private Reals() {}

    /** Writes values[from, to) to the start of the memory. */
    public static void write(double[] values, int from, int to, ElementType type, ByteBuffer memory) {
        if (type == ElementType.DOUBLE) {
            memory.asDoubleBuffer().put(values, from, to - from);
            return;
        }
        FloatBuffer target = memory.asFloatBuffer();
        float[] block = new float[Math.min(BLOCK, to - from)];
        for (int start = from; start < to; start += BLOCK) {
            int count = Math.min(BLOCK, to - start);
            for (int i = 0; i < count; i++) {
                block[i] = (float) values[start + i];
            }
            target.put(block, 0, count);
        }
    }

    /** Copies the tensor's first {@code count} elements to target[at...]. */
    public static void read(Tensor source, double[] target, int at, int count) {
        read(source, 0, target, at, count);
    }

    /**
     * Copies a tensor's elements.
     *
     * @param source a float or double tensor
     * @param from first element read
     * @param target where they go
     * @param at first element written
     * @param count how many
     */
    public static void read(Tensor source, int from, double[] target, int at, int count) {
        if (source.type() == ElementType.DOUBLE) {
            source.data().asDoubleBuffer().get(from, target, at, count);
            return;
        }
        FloatBuffer values = source.data().asFloatBuffer();
        float[] block = new float[Math.min(BLOCK, count)];
        for (int start = 0; start < count; start += BLOCK) {
            int size = Math.min(BLOCK, count - start);
            values.get(from + start, block, 0, size);
            for (int i = 0; i < size; i++) {
                target[at + start + i] = block[i];
            }
        }
    }

    /** As above, to floats. */
    public static void read(Tensor source, int from, float[] target, int at, int count) {
        if (source.type() != ElementType.DOUBLE) {
            source.data().asFloatBuffer().get(from, target, at, count);
            return;
        }
        DoubleBuffer values = source.data().asDoubleBuffer();
        for (int i = 0; i < count; i++) {
            target[at + i] = (float) values.get(from + i);
        }
    }

    /** Adds elements [from, to) of each tensor to the target's. */
    public static void accumulate(List<Tensor> sources, double[] target, int from, int to) {
        double[] doubles = new double[Math.min(BLOCK, to - from)];
        float[] floats = new float[doubles.length];
        for (int start = from; start < to; start += BLOCK) {
            int count = Math.min(BLOCK, to - start);
            for (Tensor source : sources) {
                if (source.type() == ElementType.DOUBLE) {
                    source.data().asDoubleBuffer().get(start, doubles, 0, count);
                    add(doubles, target, start, count);
                } else {
                    source.data().asFloatBuffer().get(start, floats, 0, count);
                    add(floats, target, start, count);
                }
            }
        }
    }

    private static void add(double[] source, double[] target, int at, int count) {
        for (int i = 0; i < count; i++) {
            target[at + i] += source[i];
        }
    }

    private static void add(float[] source, double[] target, int at, int count) {
        for (int i = 0; i < count; i++) {
            target[at + i] += source[i];
        }
    }
}
