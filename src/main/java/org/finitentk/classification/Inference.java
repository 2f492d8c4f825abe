package org.finitentk.classification;

/** What is inferred of the weights w of the logits f(x) = m(x) + J(x) w, whose prior is N(0, λI). */
public enum Inference {
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
    LAPLACE
}
