package org.finitentk.regression;

import org.jspecify.annotations.Nullable;

/**
 * Of one column's K⁻¹, K = λSKS + σ²I, what it takes to leave out each example.
 *
 * @param blocks on K⁻¹'s diagonal one for each example, of the rows that it has
 * @param alpha K⁻¹(y - Bβ)
 * @param basis K⁻¹b for each of the mean's basis functions
 */
record RowPrecision(double[] blocks, double[] alpha, double[][] basis) {
    /** The block of an example. */
    double[] block(int example, int side) {
        double[] block = new double[side * side];
        System.arraycopy(blocks, example * side * side, block, 0, block.length);
        return block;
    }

    /** The block of Q = K⁻¹ - K⁻¹B C BᵀK⁻¹, C being the covariance of the mean's coefficients. */
    double[] blockWithout(int example, int side, @Nullable ConstantFit constant) {
        double[] block = block(example, side);
        if (constant == null) {
            return block;
        }
        int size = basis.length;
        double[] covariance = constant.covariance();
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < side; j++) {
                for (int a = 0; a < size; a++) {
                    for (int b = 0; b < size; b++) {
                        block[i * side + j] -=
                                basis[a][example * side + i] * covariance[a * size + b] * basis[b][example * side + j];
                    }
                }
            }
        }
        return block;
    }
}
