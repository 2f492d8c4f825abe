package org.finitentk.kernel;

import org.finitentk.linalg.Blas;

/**
 * One parameter's per-example gradients for a chunk of examples: rows are (example, combination).
 *
 * <p>Either {@code gradients} [rows × width], or factors: {@code input} [examples × T × d_in], shared by an example's combinations,
 * and {@code delta} [rows × T × d_out].
 */
record Block(int examples, int combinations, int positions, int inputWidth, int width, double[] input, double[] delta) {
    private static final double[] NONE = new double[0];

    /** Gradients multiplied out. */
    static Block gradients(int examples, int combinations, int width, double[] gradients) {
        return new Block(examples, combinations, 0, 0, width, NONE, gradients);
    }

    int rows() {
        return examples * combinations;
    }

    boolean isFactored() {
        return positions > 0;
    }

    /** Adds this block's products with another chunk's to k[rowOffset.., columnOffset..], a matrix of the given leading dimension. */
    void accumulate(Block other, double[] k, int rowOffset, int columnOffset, int leading) {
        if (!isFactored()) {
            double[] product = product(delta, rows(), other.delta, other.rows(), width);
            add(product, rows(), other.rows(), k, rowOffset, columnOffset, leading);
        } else if (positions == 1) {
            outer(other, k, rowOffset, columnOffset, leading);
        } else {
            positions(other, k, rowOffset, columnOffset, leading);
        }
    }

    /** A Bᵀ. */
    private static double[] product(double[] a, int m, double[] b, int n, int inner) {
        double[] c = new double[Math.multiplyExact(m, n)];
        Blas.gemm(false, true, m, n, inner, 1, a, inner, b, inner, 0, c, n);
        return c;
    }

    private static void add(double[] product, int m, int n, double[] k, int rowOffset, int columnOffset, int leading) {
        for (int i = 0; i < m; i++) {
            int at = (rowOffset + i) * leading + columnOffset;
            for (int j = 0; j < n; j++) {
                k[at + j] += product[i * n + j];
            }
        }
    }

    /** (A A'ᵀ) ∘ (Δ Δ'ᵀ). */
    private void outer(Block other, double[] k, int rowOffset, int columnOffset, int leading) {
        double[] a = product(input, examples, other.input, other.examples, inputWidth);
        double[] d = product(delta, rows(), other.delta, other.rows(), width);
        for (int i = 0; i < rows(); i++) {
            int at = (rowOffset + i) * leading + columnOffset;
            int example = i / combinations * other.examples;
            for (int j = 0; j < other.rows(); j++) {
                k[at + j] += a[example + j / other.combinations] * d[i * other.rows() + j];
            }
        }
    }

    /** Σ over positions t, t' of (a_t · a'_t') (δ_t · δ'_t'), one example of this chunk at a time, so that T² stays small. */
    private void positions(Block other, double[] k, int rowOffset, int columnOffset, int leading) {
        int t = positions;
        int tOther = other.positions;
        for (int i = 0; i < examples; i++) {
            double[] own = java.util.Arrays.copyOfRange(input, i * t * inputWidth, (i + 1) * t * inputWidth);
            double[] a = product(own, t, other.input, other.examples * tOther, inputWidth);
            for (int c = 0; c < combinations; c++) {
                int row = i * combinations + c;
                double[] ownDelta = java.util.Arrays.copyOfRange(delta, row * t * width, (row + 1) * t * width);
                double[] d = product(ownDelta, t, other.delta, other.rows() * tOther, width);
                int at = (rowOffset + row) * leading + columnOffset;
                for (int j = 0; j < other.rows(); j++) {
                    k[at + j] += contract(a, other.examples * tOther, j / other.combinations * tOther, d, other.rows() * tOther, j * tOther, t, tOther);
                }
            }
        }
    }

    private static double contract(double[] a, int aLeading, int aColumn, double[] d, int dLeading, int dColumn, int t, int tOther) {
        double sum = 0;
        for (int p = 0; p < t; p++) {
            for (int q = 0; q < tOther; q++) {
                sum += a[p * aLeading + aColumn + q] * d[p * dLeading + dColumn + q];
            }
        }
        return sum;
    }

    /** Adds each row's squared norm. */
    void accumulateDiagonal(double[] diagonal, int offset) {
        for (int row = 0; row < rows(); row++) {
            double squares = isFactored() ? norm(input, row / combinations * inputWidth, inputWidth) : 1;
            diagonal[offset + row] += squares * norm(delta, row * width, width);
        }
    }

    private static double norm(double[] v, int from, int length) {
        double sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += v[i] * v[i];
        }
        return sum;
    }
}
