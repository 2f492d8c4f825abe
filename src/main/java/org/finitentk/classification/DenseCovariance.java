package org.finitentk.classification;

import org.finitentk.internal.kernel.CostModel;

/** By the kernel's matrix and a Cholesky factorization. */
final class DenseCovariance extends SiteCovariance<LogitKernel> {
    /** Matrices of a dense solve besides the kernel: B, and room for panels. */
    private static final double DENSE_MATRICES = 1.3;

    @Override
    public CovarianceSolver solver() {
        return CovarianceSolver.DENSE;
    }

    static double bytes(LogitMap map, int n) {
        long rows = (long) n * map.classes();
        long side = map.isShared() ? n : rows;
        return Double.BYTES * (DENSE_MATRICES * rows * rows + (double) side * side);
    }

    @Override
    public CovarianceEstimate estimate(Inference inference, LogitMap map, int n) {
        long rows = (long) n * map.classes();
        double bytes = bytes(map, n);
        boolean fits = rows <= CostModel.MAX_SIDE && CostModel.fitsHeap(CostModel.peak(bytes));
        boolean soon = CostModel.isMoment(CostModel.seconds(CostModel.cholesky((double) rows), map.network()));
        return new CovarianceEstimate(bytes, fits, soon, "small enough to factorize", "too large to factorize");
    }

    @Override
    LogitKernel covariance(LogitProblem problem) {
        return LogitKernel.dense(problem.map(), problem.x(), problem.progress());
    }

    @Override
    SiteFactory systems(LogitProblem problem, LogitKernel kernel) {
        LogitDraws draws = LogitDraws.ofQuadrature(problem);
        return (lambda, sites) -> new DenseSites(kernel, lambda, sites, draws);
    }

    @Override
    SiteFit scored(LogitProblem problem, LogitKernel kernel, ConjugateVariational variational, SiteFit found) {
        return found;
    }
}
