package org.finitentk.internal.linalg;

/**
 * A matrix in native memory, its rows one after the other, possibly as a part of longer rows.
 *
 * @param <M> {@link NativeDoubles} or {@link NativeFloats}
 * @param memory holds the elements
 * @param at where they start
 * @param rows as they lie in memory
 * @param columns as they lie in memory
 * @param leading elements from the start of a row to that of the next
 * @param isTransposed whether the transpose is meant
 */
public record NativeMatrix<M>(M memory, long at, int rows, int columns, int leading, boolean isTransposed) {
    NativeMatrix(M memory, long at, int rows, int columns) {
        this(memory, at, rows, columns, columns, false);
    }

    NativeMatrix(M memory, long at, int rows, int columns, int leading) {
        this(memory, at, rows, columns, leading, false);
    }

    /**
     * The transpose, without moving anything.
     *
     * @return of the same memory
     */
    public NativeMatrix<M> transposed() {
        return new NativeMatrix<>(memory, at, rows, columns, leading, !isTransposed);
    }

    int height() {
        return isTransposed ? columns : rows;
    }

    /**
     * The number of columns of what is meant.
     *
     * @return rows in memory, if it is the transpose
     */
    public int width() {
        return isTransposed ? rows : columns;
    }

    /** Elements from the first to the last, those between rows included. */
    long size() {
        return rows == 0 || columns == 0 ? 0 : (rows - 1L) * leading + columns;
    }
}
