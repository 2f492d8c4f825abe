package org.finitentk.classification;

import org.finitentk.internal.linalg.Vectors;

/**
 * The ways that find Gaussian sites of the training logits, for Laplace's method and for the variational one.
 *
 * @param <K> the form of the training logits' prior covariance
 */
abstract class SiteCovariance<K extends PriorCovariance> implements CovarianceMethod {
    /** The training logits' prior covariance as this way uses it, which the caller closes. */
    abstract K covariance(LogitProblem problem);

    /** Makes the systems of sites. */
    abstract SiteFactory systems(LogitProblem problem, K prior);

    /** The bound of what was found, where that was maximized by random numbers, by others. */
    abstract SiteFit scored(LogitProblem problem, K prior, ConjugateVariational variational, SiteFit found);

    @Override
    public final InferredWeights fit(LogitProblem problem, double lambda, String reason) {
        problem.map().requireWeights("a Gaussian posterior's mean", 2);
        try (K prior = covariance(problem)) {
            SiteFit fit = problem.settings().method().inference() == Inference.LAPLACE
                    ? laplace(problem, prior, lambda)
                    : variational(problem, prior, lambda);
            return new InferredWeights(
                    fit.system().posterior(problem, fit.alpha()),
                    new Inference.Report(
                            fit.objective(),
                            fit.objectiveError(),
                            fit.history(),
                            fit.steps(),
                            fit.converged(),
                            solver().name(),
                            reason + remark(problem, fit),
                            Double.NaN));
        }
    }

    /** What is to be said of a fit, as the end of the reason; empty for nothing. */
    String remark(LogitProblem problem, SiteFit fit) {
        return "";
    }

    private SiteFit laplace(LogitProblem problem, K prior, double lambda) {
        ClassificationSettings settings = problem.settings();
        return new LaplaceSites(
                        prior,
                        problem.targets(),
                        problem.priorLogits(),
                        systems(problem, prior),
                        settings.method().covariance(),
                        problem.progress())
                .fit(lambda, settings.prior());
    }

    private SiteFit variational(LogitProblem problem, K prior, double lambda) {
        ClassificationSettings settings = problem.settings();
        ConjugateVariational variational = new ConjugateVariational(
                problem.targets(),
                problem.priorLogits(),
                systems(problem, prior),
                problem.moderateVariance(),
                settings.method().covariance(),
                problem.progress());
        return scored(problem, prior, variational, variational.fit(lambda, settings.prior()));
    }

    /** Independent weights instead, whose mean is found by the same systems. */
    final InferredWeights independent(LogitProblem problem, double lambda, String reason) {
        problem.map().requireWeights("mean-field inference", 8);
        try (K prior = covariance(problem)) {
            NaturalMeanField.Fit fit =
                    new NaturalMeanField(prior, problem, systems(problem, prior)).fit(laplace(problem, prior, lambda));
            NaturalMeanField.State q = fit.state();
            return new InferredWeights(
                    new IndependentWeights(mean(problem, q.lambda(), q.alpha()), q.lambda(), q.deviations()),
                    new Inference.Report(
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
}
