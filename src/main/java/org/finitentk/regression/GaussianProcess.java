package org.finitentk.regression;

import java.util.List;
import org.finitentk.protos.GaussianProcessProto;

/**
 * A Gaussian process that was fitted to one kernel matrix and one or more columns of targets, each column with its own variances and weights. Rows are the kernel
 * matrix's; it and cross-covariances come for λ = 1. Immutable and thread safe.
 */
abstract sealed class GaussianProcess permits CholeskyProcess, EigenProcess {
    private final List<Column> columns;

    GaussianProcess(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    /**
     * What one column of targets led to.
     *
     * @param priorVariance λ
     * @param noiseVariance σ²
     * @param coefficients of the mean's basis functions, empty without a basis
     * @param logMarginalLikelihood at these λ, σ² and mean
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares columns.
    record Column(double priorVariance, double noiseVariance, double[] coefficients, double logMarginalLikelihood) {
    }

    final List<Column> columns() {
        return columns;
    }

    /** Side of the kernel matrix. */
    abstract int rows();

    /** α = (λK + σ²I)⁻¹ r for the residuals r of a column. */
    abstract double[] solve(double[] residuals, int column);

    /** Variance that the targets explain: diag(Cᵀ λ² (λK + σ²I)⁻¹ C) for the rows × m cross-covariances C, which are not changed. */
    abstract double[] explained(double[] cross, int m, int column);

    /** What had to be added to the diagonal before the matrix could be factorized; usually 0. */
    abstract double jitter();

    /** The factorization for storing; columns are added by the caller. */
    abstract GaussianProcessProto.Builder toProto();

    /** Sums of squares of the columns of a rows × m matrix, row i weighted. */
    static double[] weightedSquares(double[] matrix, int rows, int m, java.util.function.IntToDoubleFunction weight) {
        double[] sums = new double[m];
        for (int i = 0; i < rows; i++) {
            double w = weight.applyAsDouble(i);
            for (int j = 0; j < m; j++) {
                double value = matrix[i * m + j];
                sums[j] += w * value * value;
            }
        }
        return sums;
    }
}
