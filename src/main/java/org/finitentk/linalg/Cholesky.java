package org.finitentk.linalg;

import org.bytedeco.openblas.global.openblas;

/** The Cholesky factorization A = L Lᵀ of a symmetric positive definite matrix. */
public final class Cholesky {
    private final double[] factor;
    private final int n;

    private Cholesky(double[] factor, int n) {
        this.factor = factor;
        this.n = n;
    }

    /**
     * Factorizes in place: the array becomes the factor's and must not be used afterwards.
     *
     * @param a A, n × n; only its lower triangle is read
     * @param n rows
     * @return the factorization
     * @throws NotPositiveDefiniteException if a pivot is not positive; nothing is added to the diagonal behind the caller's back
     */
    public static Cholesky factorInPlace(double[] a, int n) {
        if ((long) n * n != a.length) {
            throw new IllegalArgumentException("an array of " + a.length + " is no " + n + " x " + n + " matrix");
        }
        Blas.ensureLoaded();
        // column-major upper is row-major lower: no copy
        int info = n == 0 ? 0 : openblas.LAPACKE_dpotrf(openblas.LAPACK_COL_MAJOR, (byte) 'U', n, a, n);
        if (info > 0 || hasNaN(a, n)) {
            throw new NotPositiveDefiniteException(n, Math.max(0, info - 1));
        }
        return new Cholesky(a, n);
    }

    /**
     * A factorization that was stored.
     *
     * @param factor L in the lower triangle of n × n; becomes this object's
     * @param n rows
     * @return the factorization
     * @throws IllegalArgumentException if the array is no such matrix or a diagonal element is not positive
     */
    public static Cholesky of(double[] factor, int n) {
        if ((long) n * n != factor.length || hasNaN(factor, n)) {
            throw new IllegalArgumentException("an array of " + factor.length + " is no Cholesky factor of " + n + " rows with a positive diagonal");
        }
        Blas.ensureLoaded();
        return new Cholesky(factor, n);
    }

    /**
     * An element of the factor.
     *
     * @param row row, from 0
     * @param column column, from 0 to row
     * @return L at that place
     */
    public double factor(int row, int column) {
        return factor[row * n + column];
    }

    private static boolean hasNaN(double[] a, int n) {
        for (int i = 0; i < n; i++) {
            if (!(a[i * n + i] > 0)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The number of rows.
     *
     * @return n
     */
    public int size() {
        return n;
    }

    /**
     * Solves A X = B in place.
     *
     * @param b B, n × columns, overwritten with X
     * @param columns right-hand sides
     */
    public void solveInPlace(double[] b, int columns) {
        forwardInPlace(b, columns);
        trsm(true, b, columns);
    }

    /**
     * Solves L X = B in place.
     *
     * @param b B, n × columns, overwritten with X = L⁻¹ B
     * @param columns right-hand sides
     */
    public void forwardInPlace(double[] b, int columns) {
        trsm(false, b, columns);
    }

    private void trsm(boolean transpose, double[] b, int columns) {
        if ((long) n * columns != b.length) {
            throw new IllegalArgumentException("a right-hand side of " + b.length + " elements is not " + n + " x " + columns);
        }
        if (n > 0 && columns > 0) {
            openblas.cblas_dtrsm(openblas.CblasRowMajor, openblas.CblasLeft, openblas.CblasLower, transpose ? openblas.CblasTrans : openblas.CblasNoTrans,
                openblas.CblasNonUnit, n, columns, 1, factor, n, b, columns);
        }
    }

    /**
     * The logarithm of A's determinant.
     *
     * @return 2 Σ log L_ii
     */
    public double logDeterminant() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.log(factor[i * n + i]);
        }
        return 2 * sum;
    }
}
