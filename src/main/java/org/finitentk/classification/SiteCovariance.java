package org.finitentk.classification;

import org.finitentk.internal.linalg.Vectors;

/** The ways that find Gaussian sites of the training logits, for Laplace's method and for the variational one. */
abstract class SiteCovariance implements CovarianceMethod {
    /** The training kernel as this way uses it, which the caller closes. */
    abstract LogitKernel kernel(LogitProblem problem);

    /** Makes the systems of sites. */
    abstract SiteFactory systems(LogitProblem problem, LogitKernel kernel);

    /** The bound of what was found, where that was maximized by random numbers, by others. */
    abstract SiteFit scored(LogitProblem problem, LogitKernel kernel, ConjugateVariational variational, SiteFit found);

    @Override
    public final InferredWeights fit(LogitProblem problem, double lambda, String reason) {
        problem.map().requireWeights("a Gaussian posterior's mean", 2);
        try (LogitKernel kernel = kernel(problem)) {
            SiteFit fit = problem.settings().method().inference() == Inference.LAPLACE
                    ? laplace(problem, kernel, lambda)
                    : variational(problem, kernel, lambda);
            return new InferredWeights(
                    weights(problem, fit),
                    new InferenceReport(
                            fit.objective(),
                            fit.objectiveError(),
                            fit.history(),
                            fit.steps(),
                            fit.converged(),
                            solver().name(),
                            reason,
                            Double.NaN));
        }
    }

    private SiteFit laplace(LogitProblem problem, LogitKernel kernel, double lambda) {
        ClassificationSettings settings = problem.settings();
        return new LaplaceSites(
                        kernel,
                        problem.targets(),
                        problem.priorLogits(),
                        systems(problem, kernel),
                        settings.method().covariance(),
                        problem.progress())
                .fit(lambda, settings.prior());
    }

    private SiteFit variational(LogitProblem problem, LogitKernel kernel, double lambda) {
        ClassificationSettings settings = problem.settings();
        ConjugateVariational variational = new ConjugateVariational(
                problem.targets(),
                problem.priorLogits(),
                systems(problem, kernel),
                problem.moderateVariance(),
                settings.method().covariance(),
                problem.progress());
        return scored(problem, kernel, variational, variational.fit(lambda, settings.prior()));
    }

    /** Independent weights instead, whose mean is found by the same systems. */
    final InferredWeights independent(LogitProblem problem, double lambda, String reason) {
        problem.map().requireWeights("mean-field inference", 8);
        try (LogitKernel kernel = kernel(problem)) {
            NaturalMeanField.Fit fit = new NaturalMeanField(kernel, problem, systems(problem, kernel))
                    .fit(laplace(problem, kernel, lambda));
            NaturalMeanField.State q = fit.state();
            return new InferredWeights(
                    new IndependentWeights(mean(problem, q.lambda(), q.alpha()), q.lambda(), q.deviations()),
                    new InferenceReport(
                            q.bound(),
                            0,
                            fit.history(),
                            fit.history().size() - 1,
                            fit.converged(),
                            MeanFieldOptimizer.NATURAL.name(),
                            reason,
                            Double.NaN));
        }
    }

    /** λ Jᵀ α. */
    private static double[] mean(LogitProblem problem, double lambda, double[] alpha) {
        double[] mean = problem.map().transposed(problem.x(), alpha);
        Vectors.scale(mean, lambda);
        return mean;
    }

    private static SiteWeights weights(LogitProblem problem, SiteFit fit) {
        return new SiteWeights(
                mean(problem, fit.lambda(), fit.alpha()),
                fit.lambda(),
                problem.x(),
                fit.system().root(),
                fit.system() instanceof DenseSites sites ? sites.cholesky() : null,
                problem.settings().method().covariance());
    }
}
