package org.finitentk.internal.linalg;

import java.util.Objects;
import org.bytedeco.javacpp.DoublePointer;

/**
 * Numbers outside the Java heap, of which products take parts without copying: of a Java array the native library gets
 * a copy of the whole. Close it to free the memory. Parts that do not overlap may be written and read by several
 * threads.
 */
public final class NativeDoubles implements AutoCloseable {
    /** Elements that are set to 0 at a time. */
    private static final int CLEARED = 1 << 16;

    private final DoublePointer memory;
    private final long size;

    /**
     * Allocates memory with undefined contents.
     *
     * @param size number of elements, at least 0
     * @throws IllegalArgumentException if it is negative
     */
    public NativeDoubles(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("the number of elements is " + size + "; expected 0 or more");
        }
        Blas.ensureLoaded();
        this.size = size;
        this.memory = new DoublePointer(Math.max(1, size));
    }

    /**
     * The number of elements.
     *
     * @return at least 0
     */
    public long size() {
        return size;
    }

    /**
     * A copy of an array.
     *
     * @param values the elements
     * @return to be closed by the caller
     */
    public static NativeDoubles of(double[] values) {
        NativeDoubles copy = new NativeDoubles(values.length);
        copy.put(0, values, 0, values.length);
        return copy;
    }

    /**
     * A matrix at the start of the memory.
     *
     * @param rows number of rows
     * @param columns number of columns
     * @return whose elements are read and written here
     */
    public NativeMatrix<NativeDoubles> matrix(int rows, int columns) {
        return matrix(0, rows, columns);
    }

    /**
     * A matrix in the memory.
     *
     * @param at index of the first element
     * @param rows number of rows
     * @param columns number of columns
     * @return whose elements are read and written here
     */
    public NativeMatrix<NativeDoubles> matrix(long at, int rows, int columns) {
        return new NativeMatrix<>(this, at, rows, columns);
    }

    /**
     * A matrix that is a part of a larger one.
     *
     * @param at index of the first element
     * @param rows number of rows
     * @param columns number of columns
     * @param leading columns of the larger matrix, at least as many
     * @return whose elements are read and written here
     * @throws IllegalArgumentException if the part is wider than the whole
     */
    public NativeMatrix<NativeDoubles> part(long at, int rows, int columns, int leading) {
        if (columns > leading) {
            throw new IllegalArgumentException(
                    "a part of " + columns + " columns does not fit a matrix of " + leading + " columns");
        }
        return new NativeMatrix<>(this, at, rows, columns, leading);
    }

    /** Sets all elements to 0. */
    public void clear() {
        double[] zeros = new double[(int) Math.min(size, CLEARED)];
        for (long from = 0; from < size; from += zeros.length) {
            put(from, zeros, 0, (int) Math.min(zeros.length, size - from));
        }
    }

    /**
     * Copies numbers in.
     *
     * @param at first element written
     * @param values where they come from
     * @param from first element read
     * @param count how many
     * @throws IndexOutOfBoundsException if either range is outside
     */
    public void put(long at, double[] values, int from, int count) {
        Objects.checkFromIndexSize(from, count, values.length);
        at(at, count).put(values, from, count);
    }

    /**
     * Copies numbers out.
     *
     * @param at first element read
     * @param target where they go
     * @param from first element written
     * @param count how many
     * @throws IndexOutOfBoundsException if either range is outside
     */
    public void get(long at, double[] target, int from, int count) {
        Objects.checkFromIndexSize(from, count, target.length);
        at(at, count).get(target, from, count);
    }

    /** One element. */
    double get(long index) {
        Objects.checkIndex(index, size);
        return memory.get(index);
    }

    /** The elements from an index on, of which {@code count} will be used. */
    DoublePointer at(long index, long count) {
        Objects.checkFromIndexSize(index, count, size);
        if (memory.isNull()) {
            throw new IllegalStateException("this native memory is closed");
        }
        return new DoublePointer(memory).position(index);
    }

    @Override
    public void close() {
        memory.deallocate();
    }
}
