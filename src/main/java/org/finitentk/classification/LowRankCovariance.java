package org.finitentk.classification;

/** By the largest eigenvalues of the curvature in weight space, at any size; for Laplace's method only. */
final class LowRankCovariance implements CovarianceMethod {
    @Override
    public CovarianceSolver solver() {
        return CovarianceSolver.LOW_RANK;
    }

    @Override
    public boolean isFor(Inference inference, Likelihood likelihood) {
        return inference == Inference.LAPLACE || inference == Inference.MAP;
    }

    @Override
    public CovarianceEstimate estimate(Inference inference, LogitMap map, int n) {
        return new CovarianceEstimate(0, true, true, "", "");
    }

    /** Vectors of weights that are kept at once. */
    private static long vectors(int rank) {
        return 2L * rank + 32;
    }

    /** Whether the eigenvectors fit into memory. */
    static boolean fits(LogitProblem problem) {
        return problem.map()
                .fits(vectors(problem.settings().method().covariance().rank()));
    }

    @Override
    public InferredWeights fit(LogitProblem problem, double lambda, String reason) {
        ClassificationSettings settings = problem.settings();
        int rank = settings.method().covariance().rank();
        int length = problem.map().requireWeights("a Gauss-Newton matrix's " + rank + " eigenvectors", vectors(rank));
        LowRankLaplace laplace = new LowRankLaplace(
                new MostProbableWeights(problem)::at,
                problem::posterior,
                length,
                rank,
                settings.seed(),
                problem.progress());
        LowRankLaplace.Fit fit = laplace.fit(lambda, settings.prior());
        return new InferredWeights(
                fit.weights(),
                new Inference.Report(
                        fit.evidence(),
                        fit.error(),
                        laplace.history(),
                        laplace.history().size(),
                        fit.map().converged(),
                        solver().name(),
                        reason + "; " + fit.words(),
                        fit.map().gradient()));
    }
}
