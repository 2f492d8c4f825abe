package org.finitentk.classification;

import java.util.List;

/**
 * A Gaussian posterior in function space.
 *
 * @param system its sites' system, λ included
 * @param alpha α: the mean weights are λ Jᵀ α
 * @param logits λ K α, the mean's training logits less the prior ones
 * @param objective the evidence lower bound, or the Laplace approximation of the log marginal likelihood
 * @param objectiveError its standard error, 0 if it was computed
 * @param history the objective after each step, at the λ of that step
 * @param steps how many
 * @param converged whether they ended before they ran out
 */
record SiteFit(
        SiteSystem system,
        double[] alpha,
        double[] logits,
        double objective,
        double objectiveError,
        List<Double> history,
        int steps,
        boolean converged) {
    SiteFit {
        history = List.copyOf(history);
    }

    double lambda() {
        return system.lambda();
    }
}
