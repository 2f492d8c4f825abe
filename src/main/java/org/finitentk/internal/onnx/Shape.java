package org.finitentk.internal.onnx;

import java.util.Arrays;
import org.finitentk.onnx.Tensor;

/**
 * A shape with unknown sizes. Every symbolic dimension of the graph's inputs is given two sample sizes (distinct
 * primes), and shapes are computed for both: a dimension that comes out equal is static, one that differs is dynamic,
 * and two dynamic dimensions are the same when both samples agree. This replaces symbolic arithmetic by plain
 * arithmetic.
 */
public final class Shape {
    /** How many sample sizes each symbolic dimension is given. */
    static final int SAMPLES = 2;

    private final long[][] samples;

    Shape(long[][] samples) {
        this.samples = samples;
    }

    /**
     * A fully static shape.
     *
     * @param dims dimensions
     * @return the shape
     */
    public static Shape of(long... dims) {
        return new Shape(new long[][] {dims.clone(), dims.clone()});
    }

    /**
     * The shape of one number.
     *
     * @param rank number of axes
     * @return as many ones
     */
    public static Shape ones(int rank) {
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        return of(dims);
    }

    /**
     * The number of axes.
     *
     * @return 0 for a scalar
     */
    public int rank() {
        return samples[0].length;
    }

    /**
     * A static dimension's size.
     *
     * @param axis axis from 0
     * @return the size, or -1 if it is dynamic
     */
    public long dim(int axis) {
        return samples[0][axis] == samples[1][axis] ? samples[0][axis] : -1;
    }

    /**
     * The dimensions under one sample of the symbolic sizes.
     *
     * @param sample 0 or 1
     * @return a copy
     */
    public long[] at(int sample) {
        return samples[sample].clone();
    }

    /**
     * Whether every dimension is static.
     *
     * @return true if none is dynamic
     */
    public boolean isStatic() {
        return Arrays.equals(samples[0], samples[1]);
    }

    /**
     * Whether an axis of this shape always has the size of an axis of another.
     *
     * @param axis axis of this shape
     * @param other another shape of the same graph
     * @param otherAxis its axis
     * @return true if equal under both samples
     */
    public boolean sameDim(int axis, Shape other, int otherAxis) {
        return samples[0][axis] == other.samples[0][otherAxis] && samples[1][axis] == other.samples[1][otherAxis];
    }

    /**
     * How many times as large one axis always is as an axis of another shape.
     *
     * @param axis axis of this shape
     * @param other another shape of the same graph
     * @param otherAxis its axis
     * @return the integer factor, at least 1, or -1 if it is not a fixed multiple
     */
    public long multipleOf(int axis, Shape other, int otherAxis) {
        long a = samples[0][axis];
        long b = other.samples[0][otherAxis];
        if (b == 0 || a % b != 0 || a == 0) {
            return -1;
        }
        long factor = a / b;
        return samples[1][axis] == factor * other.samples[1][otherAxis] ? factor : -1;
    }

    /**
     * The axes [from, to) of this shape.
     *
     * @param from first axis
     * @param to end, exclusive
     * @return the part
     */
    public Shape slice(int from, int to) {
        return new Shape(
                new long[][] {Arrays.copyOfRange(samples[0], from, to), Arrays.copyOfRange(samples[1], from, to)});
    }

    /**
     * This shape followed by static dimensions.
     *
     * @param dims sizes to append
     * @return the longer shape
     */
    public Shape append(long... dims) {
        return concat(of(dims));
    }

    /**
     * This shape followed by another.
     *
     * @param tail the axes to append
     * @return the longer shape
     */
    public Shape concat(Shape tail) {
        long[][] out = new long[SAMPLES][];
        for (int s = 0; s < SAMPLES; s++) {
            out[s] = Arrays.copyOf(samples[s], rank() + tail.rank());
            System.arraycopy(tail.samples[s], 0, out[s], rank(), tail.rank());
        }
        return new Shape(out);
    }

    /**
     * The product of the axes [from, to).
     *
     * @param from first axis
     * @param to end, exclusive
     * @return a shape of one axis
     */
    public Shape product(int from, int to) {
        long[][] out = new long[SAMPLES][1];
        for (int s = 0; s < SAMPLES; s++) {
            out[s][0] = Tensor.count(Arrays.copyOfRange(samples[s], from, to));
        }
        return new Shape(out);
    }

    /**
     * One axis divided by an axis of another shape: how many positions each example has.
     *
     * @param axis axis of this shape, which must be a multiple of the other under both samples
     * @param other another shape
     * @param otherAxis its axis
     * @return a shape of one axis
     */
    public Shape quotient(int axis, Shape other, int otherAxis) {
        return new Shape(new long[][] {
            {samples[0][axis] / other.samples[0][otherAxis]}, {samples[1][axis] / other.samples[1][otherAxis]}
        });
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape other && Arrays.deepEquals(samples, other.samples);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(samples);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < rank(); i++) {
            text.append(i == 0 ? "" : ", ").append(dim(i) < 0 ? "?" : Long.toString(dim(i)));
        }
        return text.append(']').toString();
    }
}
