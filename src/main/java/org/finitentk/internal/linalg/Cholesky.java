package org.finitentk.internal.linalg;

import java.lang.ref.Reference;
import org.bytedeco.openblas.global.openblas;

/**
 * The Cholesky factorization A = L Lᵀ of a symmetric positive definite matrix. The factor is native memory, because of
 * a Java array every call would copy the whole; the garbage collector frees it. Thread safe.
 */
public final class Cholesky {
    private final NativeDoubles factor;
    private final int n;

    private Cholesky(NativeDoubles factor, int n) {
        this.factor = factor;
        this.n = n;
    }

    /**
     * Factorizes.
     *
     * @param a A, n × n; only its lower triangle is read
     * @param n rows
     * @return the factorization
     * @throws NotPositiveDefiniteException if a pivot is not positive; nothing is added to the diagonal behind the
     *     caller's back
     */
    public static Cholesky factor(double[] a, int n) {
        return factorInPlace(copy(a, n), n);
    }

    /**
     * Factorizes without a copy.
     *
     * @param a A, n × n; only its lower triangle is read. It becomes this object's
     * @param n rows
     * @return the factorization
     * @throws NotPositiveDefiniteException if a pivot is not positive
     */
    public static Cholesky factorInPlace(NativeDoubles a, int n) {
        Cholesky cholesky = new Cholesky(a, n);
        // column-major upper is row-major lower: no copy
        int info = n == 0
                ? 0
                : OpenBlas.info(() -> openblas.LAPACKE_dpotrf(
                        openblas.LAPACK_COL_MAJOR, (byte) 'U', n, cholesky.factor.at(0, (long) n * n), n));
        if (info > 0 || !cholesky.hasPositiveDiagonal()) {
            cholesky.factor.close();
            throw new NotPositiveDefiniteException(n, Math.max(0, info - 1));
        }
        return cholesky;
    }

    /**
     * A factorization that was stored.
     *
     * @param factor L in the lower triangle of n × n
     * @param n rows
     * @return the factorization
     * @throws IllegalArgumentException if the array is no such matrix or a diagonal element is not positive
     */
    public static Cholesky of(double[] factor, int n) {
        Cholesky cholesky = new Cholesky(copy(factor, n), n);
        if (!cholesky.hasPositiveDiagonal()) {
            throw new IllegalArgumentException(
                    "a diagonal element of a Cholesky factor of " + n + " rows is not positive");
        }
        return cholesky;
    }

    private static NativeDoubles copy(double[] matrix, int n) {
        if ((long) n * n != matrix.length) {
            throw new IllegalArgumentException("an array of " + matrix.length + " is no " + n + " x " + n + " matrix");
        }
        NativeDoubles copy = NativeDoubles.of(matrix);
        return copy;
    }

    /**
     * An element of the factor.
     *
     * @param row row, from 0
     * @param column column, from 0 to row
     * @return L at that place
     */
    public double element(int row, int column) {
        try {
            return factor.get((long) row * n + column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private boolean hasPositiveDiagonal() {
        for (int i = 0; i < n; i++) {
            if (!(element(i, i) > 0)) {
                return false;
            }
        }
        return true;
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
        substitute(b, columns, true, true);
    }

    /**
     * Solves L X = B in place.
     *
     * @param b B, n × columns, overwritten with X = L⁻¹ B
     * @param columns right-hand sides
     */
    public void forwardInPlace(double[] b, int columns) {
        substitute(b, columns, true, false);
    }

    /**
     * Solves Lᵀ X = B in place.
     *
     * @param b B, n × columns, overwritten with X = L⁻ᵀ B
     * @param columns right-hand sides
     */
    public void backwardInPlace(double[] b, int columns) {
        substitute(b, columns, false, true);
    }

    /**
     * Solves L X = B in place, in native memory.
     *
     * @param b B, n × columns, overwritten with X = L⁻¹ B
     * @param columns right-hand sides
     */
    public void forwardInPlace(NativeDoubles b, int columns) {
        try {
            if (n > 0 && columns > 0) {
                trsm(openblas.CblasNoTrans, b, columns);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void substitute(double[] b, int columns, boolean forward, boolean back) {
        if ((long) n * columns != b.length) {
            throw new IllegalArgumentException(
                    "a right-hand side of " + b.length + " elements is not " + n + " x " + columns);
        }
        if (b.length == 0) {
            return;
        }
        try (NativeDoubles right = NativeDoubles.of(b)) {
            if (forward) {
                trsm(openblas.CblasNoTrans, right, columns);
            }
            if (back) {
                trsm(openblas.CblasTrans, right, columns);
            }
            right.get(0, b, 0, b.length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void trsm(int transpose, NativeDoubles right, int columns) {
        OpenBlas.run(() -> openblas.cblas_dtrsm(
                openblas.CblasRowMajor,
                openblas.CblasLeft,
                openblas.CblasLower,
                transpose,
                openblas.CblasNonUnit,
                n,
                columns,
                1,
                factor.at(0, factor.size()),
                n,
                right.at(0, right.size()),
                columns));
    }

    /**
     * The inverse of the factor.
     *
     * @return L⁻¹, n × n, zeros above its diagonal; to be closed by the caller
     */
    public NativeDoubles inverseFactor() {
        NativeDoubles inverse = new NativeDoubles(factor.size());
        try {
            inverse.clear();
            double[] row = new double[n];
            for (int i = 0; i < n; i++) {
                factor.get((long) i * n, row, 0, i + 1);
                inverse.put((long) i * n, row, 0, i + 1);
            }
            // column-major upper is row-major lower
            int info = n == 0
                    ? 0
                    : OpenBlas.info(() -> openblas.LAPACKE_dtrtri(
                            openblas.LAPACK_COL_MAJOR, (byte) 'U', (byte) 'N', n, inverse.at(0, inverse.size()), n));
            if (info != 0) {
                throw new ArithmeticException("the inverse of a Cholesky factor of " + n + " rows failed (LAPACK info "
                        + info + "); its diagonal must be positive");
            }
            return inverse;
        } catch (RuntimeException | Error e) {
            inverse.close();
            throw e;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * The blocks on the diagonal of A⁻¹.
     *
     * @param side of a block; divides n
     * @return n / side blocks, each side × side
     */
    public double[] inverseBlocks(int side) {
        double[] blocks = new double[Math.multiplyExact(n, side)];
        double[] row = new double[n];
        try (NativeDoubles inverse = inverse()) {
            for (int i = 0; i < n; i++) {
                int first = i - i % side;
                inverse.get((long) i * n + first, row, first, i - first + 1);
                for (int j = first; j <= i; j++) {
                    double value = row[j];
                    blocks[i * side + j - first] = value;
                    blocks[j * side + i - first] = value;
                }
            }
        }
        return blocks;
    }

    /**
     * The inverse A⁻¹.
     *
     * @return n × n, of which the lower triangle is right; to be closed by the caller
     */
    public NativeDoubles inverse() {
        NativeDoubles inverse = new NativeDoubles(factor.size());
        try {
            double[] row = new double[n];
            for (int i = 0; i < n; i++) {
                factor.get((long) i * n, row, 0, n);
                inverse.put((long) i * n, row, 0, n);
            }
            int info = n == 0
                    ? 0
                    : OpenBlas.info(() -> openblas.LAPACKE_dpotri(
                            openblas.LAPACK_COL_MAJOR, (byte) 'U', n, inverse.at(0, inverse.size()), n));
            if (info != 0) {
                throw new ArithmeticException("the inverse of a " + n + " x " + n + " matrix failed (LAPACK info "
                        + info + "); its Cholesky factor must be finite");
            }
            return inverse;
        } catch (RuntimeException | Error e) {
            inverse.close();
            throw e;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Frees the memory now, rather than when the garbage collector comes; nothing else is called afterwards. */
    public void release() {
        factor.close();
    }

    /**
     * The logarithm of A's determinant.
     *
     * @return 2 Σ log L_ii
     */
    public double logDeterminant() {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.log(element(i, i));
        }
        return 2 * sum;
    }
}
