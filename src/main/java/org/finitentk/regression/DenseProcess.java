package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.network.Examples;

/** A Gaussian process with a factorization of its whole kernel matrix. */
abstract sealed class DenseProcess extends GaussianProcess permits CholeskyProcess, EigenProcess {
    DenseProcess(int rows, List<Column> columns) {
        super(Solver.DENSE, rows, columns);
    }

    /** α = (λK + σ²I)⁻¹ r for the residuals r of a column. */
    abstract double[] solve(double[] residuals, int column);

    /**
     * Variance that the targets explain: diag(Cᵀ λ² (λK + σ²I)⁻¹ C) for the rows × m cross-covariances C, which are not
     * changed.
     */
    abstract double[] explained(double[] cross, int m, int column);

    /** The blocks of (λK + σ²I)⁻¹ on its diagonal. */
    abstract double[] inverseBlocks(int side, int column);

    @Override
    final RowPrecision precision(
            TrainingKernel kernel, Targets targets, double[] residuals, Solution solution, int column) {
        return precision(kernel.rowsPerExample(), solution, column);
    }

    /** What leaving out each example of so many rows takes. */
    final RowPrecision precision(int rowsPerExample, Solution solution, int column) {
        ConstantFit constant = solution.constant();
        return new RowPrecision(
                inverseBlocks(rowsPerExample, column),
                solution.alpha(),
                constant == null ? new double[0][] : constant.solved());
    }

    @Override
    final double[] solve(TrainingKernel kernel, double[] right, int column) {
        return solve(right, column);
    }

    @Override
    final long numbersPerRow() {
        return rows();
    }

    @Override
    final List<Moments> moments(TrainingKernel kernel, Examples z, List<Solution> solutions) {
        return moments(kernel.prior(z), cross(kernel, z), solutions);
    }

    /**
     * Moments of each column at m new rows, whatever the kernel is.
     *
     * @param prior m prior variances, for λ = 1
     * @param cross rows × m covariances, for λ = 1, rows scaled
     */
    final List<Moments> moments(double[] prior, double[] cross, List<Solution> solutions) {
        List<double[]> means = means(cross, prior.length, solutions);
        List<Moments> moments = new ArrayList<>();
        for (int c = 0; c < columns().size(); c++) {
            double lambda = columns().get(c).priorVariance();
            double[] variance = explained(cross, prior.length, c);
            for (int r = 0; r < prior.length; r++) {
                variance[r] = lambda * prior[r] - variance[r];
            }
            ConstantFit constant = solutions.get(c).constant();
            if (constant != null) {
                constant.addTo(variance, explained(constant, cross, prior.length, c));
            }
            moments.add(new Moments(means.get(c), variance));
        }
        return moments;
    }
}
