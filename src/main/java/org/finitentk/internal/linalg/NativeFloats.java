package org.finitentk.internal.linalg;

import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Single-precision numbers outside the Java heap, of which products take parts without copying: of a Java array the
 * native library gets a copy of the whole. Close it to free the memory. Parts that do not overlap may be written and
 * read by several threads.
 */
public final class NativeFloats implements AutoCloseable {
    private final FloatPointer memory;
    private final long size;

    /**
     * Allocates memory with undefined contents.
     *
     * @param size number of elements, at least 0
     * @throws IllegalArgumentException if it is negative
     */
    public NativeFloats(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("the number of elements is " + size + "; expected 0 or more");
        }
        Blas.ensureLoaded();
        this.size = size;
        this.memory = new FloatPointer(Math.max(1, size));
    }

    /**
     * A matrix at the start of the memory.
     *
     * @param rows number of rows
     * @param columns number of columns
     * @return whose elements are read and written here
     */
    public NativeMatrix<NativeFloats> matrix(int rows, int columns) {
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
    public NativeMatrix<NativeFloats> matrix(long at, int rows, int columns) {
        return new NativeMatrix<>(this, at, rows, columns);
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
    public void put(long at, float[] values, int from, int count) {
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
    public void get(long at, float[] target, int from, int count) {
        Objects.checkFromIndexSize(from, count, target.length);
        at(at, count).get(target, from, count);
    }

    /** The elements from an index on, of which {@code count} will be used. */
    FloatPointer at(long index, long count) {
        Objects.checkFromIndexSize(index, count, size);
        if (memory.isNull()) {
            throw new IllegalStateException("this native memory is closed");
        }
        return new FloatPointer(memory).position(index);
    }

    @Override
    public void close() {
        memory.deallocate();
    }
}
