package org.finitentk.internal.linalg;

/**
 * A symmetric matrix that is summed up from parts, of which only the lower triangle is kept: sums of products of the
 * rows of matrices that are never whole. Close it.
 */
public final class SymmetricSum implements AutoCloseable {
    /** Columns of a product that are computed together. */
    private static final int PANEL = 256;

    private final int side;
    private final NativeDoubles sums;
    /** Whether a factorization has the memory. */
    private boolean taken;

    /**
     * Zeros.
     *
     * @param side rows, at least 0
     */
    public SymmetricSum(int side) {
        this.side = side;
        this.sums = new NativeDoubles((long) side * side);
        sums.clear();
    }

    /**
     * The number of rows.
     *
     * @return as given
     */
    public int side() {
        return side;
    }

    /**
     * Adds Aᵀ A.
     *
     * @param a holds A, rows × side, from its start on
     * @param rows of A
     */
    public void addSquare(NativeDoubles a, int rows) {
        Blas.addSquare(side, rows, a, sums);
    }

    /**
     * Adds to a part of a row on or below the diagonal; parts that do not overlap may be added to by several threads.
     *
     * @param row the row
     * @param column the first
     * @param values are added
     * @param count how many of them
     */
    public void add(int row, int column, double[] values, int count) {
        double[] own = new double[count];
        long at = (long) row * side + column;
        sums.get(at, own, 0, count);
        for (int j = 0; j < count; j++) {
            own[j] += values[j];
        }
        sums.put(at, own, 0, count);
    }

    /**
     * Adds Aᵀ B, which is symmetric, to a square on the diagonal.
     *
     * @param at the square's first row and column
     * @param a A
     * @param b B, of A's size
     */
    public void addSymmetric(int at, NativeMatrix<NativeDoubles> a, NativeMatrix<NativeDoubles> b) {
        for (int from = 0; from < a.columns(); from += PANEL) {
            int width = Math.min(PANEL, b.columns() - from);
            int height = a.columns() - from;
            Blas.gemm(
                    columns(a, from, height).transposed(),
                    columns(b, from, width),
                    1,
                    sums.part((long) (at + from) * side + at + from, height, width, side));
        }
    }

    private static NativeMatrix<NativeDoubles> columns(NativeMatrix<NativeDoubles> matrix, int from, int count) {
        return matrix.memory().part(matrix.at() + from, matrix.rows(), count, matrix.leading());
    }

    /**
     * The Cholesky factorization of this and the identity, which takes the memory: nothing else can be done afterwards.
     *
     * @return the factorization of I + this
     * @throws NotPositiveDefiniteException if a pivot is not positive
     */
    public Cholesky factorWithIdentity() {
        double[] element = new double[1];
        for (int i = 0; i < side; i++) {
            long at = (long) i * side + i;
            sums.get(at, element, 0, 1);
            element[0] += 1;
            sums.put(at, element, 0, 1);
        }
        taken = true;
        return Cholesky.factorInPlace(sums, side);
    }

    /**
     * Both triangles.
     *
     * @return side × side
     */
    public double[] toArray() {
        double[] whole = new double[Math.multiplyExact(side, side)];
        sums.get(0, whole, 0, whole.length);
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < i; j++) {
                whole[j * side + i] = whole[i * side + j];
            }
        }
        return whole;
    }

    @Override
    public void close() {
        if (!taken) {
            sums.close();
        }
    }
}
