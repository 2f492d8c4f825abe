package org.finitentk.classification;

import java.util.Locale;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.KernelAccess;

/** By conjugate gradients and random vectors. */
final class IterativeCovariance extends SiteCovariance<LogitKernel> {
    /** Matrices of one C × C block an example that a step has at a time: curvatures, roots, mixtures. */
    private static final int BLOCK_MATRICES = 6;

    @Override
    public CovarianceSolver solver() {
        return CovarianceSolver.ITERATIVE;
    }

    @Override
    public CovarianceEstimate estimate(Inference inference, LogitMap map, int n) {
        long blocks = (long) n * map.classes() * map.classes();
        double bytes = (double) Double.BYTES * BLOCK_MATRICES * n * map.classes() * map.classes();
        if (blocks > CostModel.MAX_ELEMENTS || !CostModel.fitsHeap(CostModel.peak(bytes))) {
            return new CovarianceEstimate(
                    bytes, false, false, "", "so are the likelihood's curvatures for all examples");
        }
        LogitAccess access = new LogitAccess(map, n);
        double seconds = access.seconds();
        return new CovarianceEstimate(
                bytes,
                true,
                CostModel.isPatient(seconds),
                access.cheapest() == KernelAccess.Form.MATRIX
                        ? "the kernel matrix fits, its product with classes does not"
                        : "",
                String.format(Locale.ROOT, "ITERATIVE would take about %.0f s", seconds));
    }

    @Override
    LogitKernel covariance(LogitProblem problem) {
        return LogitAccess.kernel(problem.map(), problem.x(), problem.progress());
    }

    @Override
    SiteFactory systems(LogitProblem problem, LogitKernel kernel) {
        return systems(problem, kernel, problem.settings().seed());
    }

    private static SiteFactory systems(LogitProblem problem, LogitKernel kernel, long seed) {
        ClassificationSettings.Covariance own = problem.settings().method().covariance();
        RandomWeights random = RandomWeights.of(problem, own.probes(), seed);
        return (lambda, sites) -> new IterativeSites(kernel, lambda, sites, random, own.solveTolerance());
    }

    @Override
    SiteFit scored(LogitProblem problem, LogitKernel kernel, ConjugateVariational variational, SiteFit found) {
        return variational.scored(
                found, systems(problem, kernel, ~problem.settings().seed()));
    }
}
