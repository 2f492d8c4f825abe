package org.finitentk.internal.linalg;

/**
 * A positive definite matrix M near A whose inverse is cheap to apply. Blocks of vectors are row-major, as in
 * {@link LinearOperator}.
 */
public interface Preconditioner {
    /**
     * Z = M⁻¹ R.
     *
     * @param r R, size × columns; left as it is
     * @param columns how many vectors
     * @param z Z, size × columns, overwritten; not the same array as R
     */
    void solve(double[] r, int columns, double[] z);

    /**
     * The logarithm of M's determinant.
     *
     * @return log|M|
     */
    double logDeterminant();

    /**
     * The trace of M's inverse.
     *
     * @return tr(M⁻¹)
     */
    double inverseTrace();

    /**
     * No preconditioner.
     *
     * @param size rows
     * @return M = I
     */
    static Preconditioner identity(int size) {
        return new Preconditioner() {
            @Override
            public void solve(double[] r, int columns, double[] z) {
                System.arraycopy(r, 0, z, 0, r.length);
            }

            @Override
            public double logDeterminant() {
                return 0;
            }

            @Override
            public double inverseTrace() {
                return size;
            }
        };
    }
}
