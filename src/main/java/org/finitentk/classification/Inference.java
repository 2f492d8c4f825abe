package org.finitentk.classification;

import java.util.List;

/** What is inferred of the weights w of the logits f(x) = m(x) + J(x) w, whose prior is N(0, λI). */
public enum Inference {
    /**
     * LAPLACE where the network's own logits are what is known before the data. Otherwise, for classes that the network
     * never saw, FULL_COVARIANCE where that takes seconds, else MAP: LAPLACE's probabilities of such classes are much
     * too modest. LAPLACE also where a covariance solver is asked for. Which it is stands in the provenance.
     */
    AUTO,
    /**
     * The most probable weights alone. Nothing in them says which prior variance is best, so that it is learned as by
     * LAPLACE ({@link MapPrior}).
     */
    MAP,
    /**
     * A Gaussian with independent weights, N(m, diag s²), that maximizes the evidence lower bound (Blundell et al.
     * 2015, "Weight Uncertainty in Neural Networks").
     */
    MEAN_FIELD,
    /**
     * The Gaussian that maximizes the evidence lower bound. Its precision is λ⁻¹I + Jᵀ D J with a block of D for each
     * example; it is found by natural-gradient steps, each a Gaussian process regression (Khan and Lin 2017,
     * "Conjugate-Computation Variational Inference").
     */
    FULL_COVARIANCE,
    /**
     * The Gaussian around the most probable weights whose precision is the generalized Gauss-Newton matrix there, λ⁻¹I
     * + Jᵀ H J (Daxberger et al. 2021, "Laplace Redux"). The logits are linear in w, so that it is the exact Hessian.
     */
    LAPLACE;

    /**
     * How inference went.
     *
     * @param objective what was maximized: log p(y, ŵ) up to a constant for MAP, the evidence lower bound for the
     *     variational methods, the approximate log marginal likelihood for LAPLACE
     * @param objectiveError standard error of an objective that was estimated, infinite after a single estimate; 0 if
     *     it was computed
     * @param history what was maximized after each step, each epoch, or at each λ that was tried: for LAPLACE by DENSE,
     *     ITERATIVE and PARAMETER_SPACE log p(y, ŵ) in the steps at the last λ, else the objective; for FULL_COVARIANCE
     *     never below the one before by more than 1e-6 of its size, and before ITERATIVE scores it with other random
     *     numbers than it was found with
     * @param steps Newton or natural-gradient steps, or epochs
     * @param converged whether they ended by themselves; always true for stochastic optimization, which takes the
     *     epochs it was given
     * @param solver how: NEWTON, ADAM, NATURAL, REPARAMETERIZED, LOCAL, or the {@link CovarianceSolver}
     * @param reason why that solver
     * @param gradient for MAP, the gradient's norm relative to that at w = 0; else NaN
     */
    public record Report(
            double objective,
            double objectiveError,
            List<Double> history,
            int steps,
            boolean converged,
            String solver,
            String reason,
            double gradient) {
        /**
         * Copies the list.
         *
         * @param objective what was maximized
         * @param objectiveError standard error of an objective that was estimated
         * @param history the objective along the way
         * @param steps how many
         * @param converged whether they ended by themselves
         * @param solver how
         * @param reason why that solver
         * @param gradient for MAP, the relative gradient norm
         */
        public Report {
            history = List.copyOf(history);
        }
    }
}
