package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.network.Examples;

/** A Gaussian process with a factorization of its whole kernel matrix. */
abstract sealed class DenseProcess extends GaussianProcess permits CholeskyProcess, EigenProcess {
    /** Noise below this share of a weight's prior variance. */
    private static final double LITTLE = 1e-5;

    DenseProcess(List<Column> columns) {
        super(columns);
    }

    /** α = (λK + σ²I)⁻¹ r for the residuals r of a column. */
    abstract double[] solve(double[] residuals, int column);

    /** Variance that the targets explain: diag(Cᵀ λ² (λK + σ²I)⁻¹ C) for the rows × m cross-covariances C, which are not changed. */
    abstract double[] explained(double[] cross, int m, int column);

    @Override
    final double[] solve(Setting setting, double[] right, int column) {
        return solve(right, column);
    }

    @Override
    final Solver solver() {
        return Solver.DENSE;
    }

    @Override
    final long numbersPerRow() {
        return rows();
    }

    @Override
    final List<Moments> moments(Setting setting, Examples z, List<Solution> solutions) {
        KernelTiles kernel = new KernelTiles(setting.network());
        double[] prior = kernel.diagonal(z, setting.outputs());
        double[] cross = cross(setting, z, prior.length, columns());
        List<Moments> moments = new ArrayList<>();
        for (int c = 0; c < columns().size(); c++) {
            double lambda = columns().get(c).priorVariance();
            double[] mean = products(cross, solutions.get(c).alpha(), prior.length);
            double[] variance = explained(cross, prior.length, c);
            for (int r = 0; r < prior.length; r++) {
                mean[r] *= lambda;
                variance[r] = lambda * prior[r] - variance[r];
            }
            moments.add(new Moments(mean, variance));
        }
        return moments;
    }

    /** Covariances of training rows, scaled as the kernel matrix was for example weights, with new ones; for λ = 1. Much is made of their rounding where noise is little. */
    static double[] cross(Setting setting, Examples z, int columns, List<Column> fitted) {
        boolean little = fitted.stream().anyMatch(column -> column.noiseVariance() < LITTLE * column.priorVariance());
        KernelTiles kernel = new KernelTiles(setting.network());
        double[] cross = little ? kernel.consistent(setting.training(), z, setting.outputs()) : kernel.gram(setting.training(), z, setting.outputs());
        double[] scales = setting.rowScales();
        for (int row = 0; row < scales.length; row++) {
            for (int j = 0; j < columns; j++) {
                cross[row * columns + j] *= scales[row];
            }
        }
        return cross;
    }

    /** The transposed n × m matrix times a vector. */
    static double[] products(double[] cross, double[] alpha, int m) {
        double[] products = new double[m];
        for (int i = 0; i < alpha.length; i++) {
            for (int j = 0; j < m; j++) {
                products[j] += cross[i * m + j] * alpha[i];
            }
        }
        return products;
    }
}
