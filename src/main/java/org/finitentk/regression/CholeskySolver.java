package org.finitentk.regression;

import org.finitentk.internal.kernel.CostModel;

/** DENSE at given variances: one Cholesky factorization of λK + σ²I. */
final class CholeskySolver extends DenseSolver {
    CholeskySolver() {
        super(2);
    }

    @Override
    public boolean isFor(Problem problem) {
        return !problem.learns();
    }

    @Override
    double factorization(double rows) {
        return CostModel.cholesky(rows);
    }

    @Override
    Fit factorized(double[] gram, Problem problem) {
        double lambda = problem.settings().variances().prior();
        double noise = problem.settings().variances().noise();
        DenseFactorization factorization =
                DenseFactorization.of(gram, problem.targets().rows(), lambda, noise);
        return (targets, remarks) -> CholeskyProcess.fit(factorization, targets, lambda, noise);
    }
}
