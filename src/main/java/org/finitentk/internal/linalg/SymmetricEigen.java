package org.finitentk.internal.linalg;

import org.bytedeco.openblas.global.openblas;

/**
 * The eigendecomposition A = V diag(values) Vᵀ of a symmetric matrix (LAPACK's divide and conquer).
 *
 * <p>Values ascend and are reported as they are: those of a positive semidefinite matrix may be slightly negative.
 */
public final class SymmetricEigen {
    private final double[] values;
    private final double[] vectors;

    private SymmetricEigen(double[] values, double[] vectors) {
        this.values = values;
        this.vectors = vectors;
    }

    /**
     * Decomposes in place: the array becomes the eigenvectors' and must not be used afterwards.
     *
     * @param a A, n × n; only its lower triangle is read
     * @param n rows
     * @return the decomposition
     * @throws ArithmeticException if LAPACK does not converge, which non-finite entries cause
     */
    public static SymmetricEigen decomposeInPlace(double[] a, int n) {
        if ((long) n * n != a.length) {
            throw new IllegalArgumentException("an array of " + a.length + " is no " + n + " x " + n + " matrix");
        }
        Blas.ensureLoaded();
        double[] values = new double[n];
        // column-major of a symmetric matrix is the matrix itself: no copy, and row j of the result is eigenvector j
        int info = n == 0
                ? 0
                : OpenBlas.info(() ->
                        openblas.LAPACKE_dsyevd(openblas.LAPACK_COL_MAJOR, (byte) 'V', (byte) 'U', n, a, n, values));
        if (info != 0) {
            throw new ArithmeticException("the eigendecomposition of a " + n + " x " + n
                    + " matrix failed (LAPACK info " + info + "); its entries must be finite");
        }
        return new SymmetricEigen(values, a);
    }

    /**
     * A decomposition that was stored.
     *
     * @param values eigenvalues
     * @param vectors n × n, row j is eigenvector j; becomes this object's
     * @return the decomposition
     * @throws IllegalArgumentException if the arrays do not fit each other
     */
    public static SymmetricEigen of(double[] values, double[] vectors) {
        if ((long) values.length * values.length != vectors.length) {
            throw new IllegalArgumentException(
                    values.length + " eigenvalues do not fit " + vectors.length + " elements of eigenvectors");
        }
        Blas.ensureLoaded();
        return new SymmetricEigen(values.clone(), vectors);
    }

    /**
     * An element of an eigenvector.
     *
     * @param vector which eigenvector
     * @param element which element
     * @return the element
     */
    public double vector(int vector, int element) {
        return vectors[vector * size() + element];
    }

    /**
     * The number of rows.
     *
     * @return n
     */
    public int size() {
        return values.length;
    }

    /**
     * The eigenvalues.
     *
     * @return ascending, a copy
     */
    public double[] values() {
        return values.clone();
    }

    /**
     * Coordinates in the eigenbasis.
     *
     * @param x a vector of length n
     * @return Vᵀ x, one entry an eigenvalue
     */
    public double[] project(double[] x) {
        return project(x, 1);
    }

    /**
     * Coordinates of several vectors in the eigenbasis.
     *
     * @param x n × columns
     * @param columns number of vectors
     * @return Vᵀ X, n × columns
     */
    public double[] project(double[] x, int columns) {
        int n = size();
        double[] out = new double[Math.multiplyExact(n, columns)];
        Blas.gemm(ArrayMatrix.of(vectors, n, n), ArrayMatrix.of(x, n, columns), 0, ArrayMatrix.of(out, n, columns));
        return out;
    }

    /**
     * The inverse of {@link #project}.
     *
     * @param coordinates one entry an eigenvalue
     * @return V coordinates
     */
    public double[] expand(double[] coordinates) {
        return expand(coordinates, 1);
    }

    /**
     * The inverse of {@link #project} for several vectors.
     *
     * @param coordinates n × columns
     * @param columns number of vectors
     * @return V coordinates, n × columns
     */
    public double[] expand(double[] coordinates, int columns) {
        int n = size();
        double[] out = new double[Math.multiplyExact(n, columns)];
        Blas.gemm(
                ArrayMatrix.of(vectors, n, n).transposed(),
                ArrayMatrix.of(coordinates, n, columns),
                0,
                ArrayMatrix.of(out, n, columns));
        return out;
    }

    /**
     * The blocks on the diagonal of V diag(weights) Vᵀ.
     *
     * @param weights one for each eigenvalue
     * @param side of a block; divides n
     * @return n / side blocks, each side × side
     */
    public double[] blocks(double[] weights, int side) {
        int n = size();
        double[] blocks = new double[Math.multiplyExact(n, side)];
        for (int l = 0; l < n; l++) {
            for (int i = 0; i < n; i++) {
                double weighted = weights[l] * vectors[l * n + i];
                int first = i - i % side;
                for (int j = first; j < first + side; j++) {
                    blocks[i * side + j - first] += weighted * vectors[l * n + j];
                }
            }
        }
        return blocks;
    }
}
