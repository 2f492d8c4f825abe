package org.finitentk.classification;

/**
 * A way to a Gaussian posterior whose weights are correlated, without state. A new one is a class that says what it
 * takes and fits, and a line in {@link CovarianceChoice}.
 */
interface CovarianceMethod {
    /** How users ask for it. */
    CovarianceSolver solver();

    /** Whether it can do this inference at all; MAP takes its prior variance from LAPLACE, and no covariance. */
    default boolean isFor(Inference inference, Likelihood likelihood) {
        return true;
    }

    /** What an inference of n training examples would take, from sizes alone. */
    CovarianceEstimate estimate(Inference inference, LogitMap map, int n);

    /**
     * Infers.
     *
     * @param problem data and settings
     * @param lambda the prior variance, or where learning it starts
     * @param reason why this way, for the report
     * @throws IllegalArgumentException if the problem has no such posterior
     */
    InferredWeights fit(LogitProblem problem, double lambda, String reason);
}
