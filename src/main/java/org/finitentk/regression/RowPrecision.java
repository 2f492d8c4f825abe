package org.finitentk.regression;

import org.finitentk.internal.linalg.Cholesky;
import org.jspecify.annotations.Nullable;

/**
 * Of one column's K⁻¹, K = λSKS + σ²I, what it takes to leave out each example.
 *
 * @param blocks on K⁻¹'s diagonal one for each example, of the rows that it has
 * @param alpha K⁻¹(y - Bβ)
 * @param basis K⁻¹b for each of the mean's basis functions
 */
record RowPrecision(double[] blocks, double[] alpha, double[][] basis) {
    /**
     * What is left of an example's rows if the others predict them.
     *
     * @param residuals targets less predictions
     * @param variances of the predicted observations
     * @param fit rᵀ Qᵢ r of the residuals r: about as much as there are rows, if variances are right
     * @param logDensity of the rows together
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares rows left out.
    record Left(double[] residuals, double[] variances, double fit, double logDensity) {}

    /**
     * Leaves out an example.
     *
     * @param constant of the mean's coefficients, or null
     * @param known whether these count as known
     */
    Left without(int example, int side, @Nullable ConstantFit constant, boolean known) {
        double[] block = blockWithout(example, side, constant);
        Cholesky factor = Cholesky.factor(block, side);
        double[] residuals = new double[side];
        System.arraycopy(alpha, example * side, residuals, 0, side);
        factor.solveInPlace(residuals, 1);
        if (known) {
            block = block(example, side);
            factor = Cholesky.factor(block, side);
        }
        double[] covariance = new double[side * side];
        for (int i = 0; i < side; i++) {
            covariance[i * side + i] = 1;
        }
        factor.solveInPlace(covariance, side);
        double[] variances = new double[side];
        for (int i = 0; i < side; i++) {
            variances[i] = covariance[i * side + i];
        }
        double fit = ConstantFit.form(residuals, block);
        return new Left(
                residuals, variances, fit, -0.5 * (fit - factor.logDeterminant() + side * Math.log(2 * Math.PI)));
    }

    /** The block of an example. */
    private double[] block(int example, int side) {
        double[] block = new double[side * side];
        System.arraycopy(blocks, example * side * side, block, 0, block.length);
        return block;
    }

    /** The block of Q = K⁻¹ - K⁻¹B C BᵀK⁻¹, C being the covariance of the mean's coefficients. */
    private double[] blockWithout(int example, int side, @Nullable ConstantFit constant) {
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
