package org.finitentk.internal.linalg;

import org.jspecify.annotations.Nullable;

/**
 * A symmetric matrix that is only met through its products. Blocks of vectors are row-major: element i of vector j of c
 * is at {@code i * c + j}.
 */
public interface LinearOperator extends AutoCloseable {
    /**
     * Rows and columns.
     *
     * @return at least 1
     */
    int size();

    /**
     * Y = A X.
     *
     * @param x X, size × columns; left as it is
     * @param columns how many vectors
     * @param y Y, size × columns, overwritten; not the same array as X
     */
    void multiply(double[] x, int columns, double[] y);

    /**
     * The diagonal, where it costs much less than a product.
     *
     * @return size numbers, or null
     */
    default double @Nullable [] diagonal() {
        return null;
    }

    /**
     * The same operator with products that may be rounded to single precision where that makes them quicker: good
     * enough for directions, not for residuals.
     *
     * @return by default this; closed with this
     */
    default LinearOperator rounded() {
        return this;
    }

    /** Frees what the operator holds; by default nothing. */
    @Override
    default void close() {}
}
