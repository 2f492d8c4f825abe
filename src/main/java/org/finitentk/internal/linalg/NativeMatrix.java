package org.finitentk.internal.linalg;

/**
 * A matrix in native memory, its rows one after the other.
 *
 * @param <M> {@link NativeDoubles} or {@link NativeFloats}
 * @param memory holds the elements
 * @param at where they start
 * @param rows as they lie in memory
 * @param columns as they lie in memory
 * @param isTransposed whether the transpose is meant
 */
public record NativeMatrix<M>(M memory, long at, int rows, int columns, boolean isTransposed) {
    NativeMatrix(M memory, long at, int rows, int columns) {
        this(memory, at, rows, columns, false);
    }

    /**
     * The transpose, without moving anything.
     *
     * @return of the same memory
     */
    public NativeMatrix<M> transposed() {
        return new NativeMatrix<>(memory, at, rows, columns, !isTransposed);
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

    long size() {
        return (long) rows * columns;
    }
}
