package org.finitentk.internal.linalg;

/**
 * A matrix in an array, row after row from its start on.
 *
 * @param elements holds at least as many
 * @param rows as they lie in the array
 * @param columns as they lie in the array
 * @param isTransposed whether the transpose is meant
 */
public record ArrayMatrix(double[] elements, int rows, int columns, boolean isTransposed) {
    /**
     * A matrix as it lies in an array.
     *
     * @param elements row after row
     * @param rows how many
     * @param columns how many
     * @return the matrix, not copied
     */
    public static ArrayMatrix of(double[] elements, int rows, int columns) {
        return new ArrayMatrix(elements, rows, columns, false);
    }

    /**
     * The transpose, without moving anything.
     *
     * @return of the same array
     */
    public ArrayMatrix transposed() {
        return new ArrayMatrix(elements, rows, columns, !isTransposed);
    }

    int height() {
        return isTransposed ? columns : rows;
    }

    int width() {
        return isTransposed ? rows : columns;
    }

    /** Native code reads where it is told to: lengths are checked before. */
    void require(String name) {
        if (elements.length < (long) rows * columns) {
            throw new IllegalArgumentException("matrix " + name + " of " + rows + " x " + columns
                    + " does not fit an array of " + elements.length);
        }
    }
}
