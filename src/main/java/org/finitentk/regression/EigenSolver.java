package org.finitentk.regression;

import org.finitentk.internal.kernel.CostModel;

/** DENSE with learned variances: one eigendecomposition of K, which serves every λ and σ². */
final class EigenSolver extends DenseSolver {
    EigenSolver() {
        super(4);
    }

    @Override
    public boolean isFor(Problem problem) {
        return problem.learns();
    }

    @Override
    double factorization(double rows) {
        return CostModel.eigendecomposition(rows);
    }

    @Override
    DenseProcess factorized(double[] gram, Problem problem) {
        double precision = VarianceSearch.precision(problem.network().elementType());
        return EigenProcess.fit(gram, problem.targets(), problem.settings(), precision);
    }
}
