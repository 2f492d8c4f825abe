package org.finitentk.classification;

/** How a distribution of the logits becomes probabilities of the classes. */
public enum ClassProbabilities {
    /** PLUG_IN for {@link Inference#MAP}, else MONTE_CARLO. The rule of earlier versions. */
    AUTO,
    /**
     * The expectation over the Gaussian of each example's logits, from their exact mean and covariance: by quadrature
     * for two labels, to 1e-9; over draws of the logits for more. PLUG_IN for {@link Inference#MAP}, which leaves
     * nothing uncertain. MONTE_CARLO where each covariance would take long: where sites have no factorization
     * (ITERATIVE), and where the Jacobian of one example does not fit (MEAN_FIELD with many weights and classes).
     */
    EXPECTED,
    /** The average of probabilities over weights drawn from the posterior. */
    MONTE_CARLO,
    /**
     * The softmax of logits divided by √(1 + π/8 · variance) (MacKay 1992, "The Evidence Framework Applied to
     * Classification Networks"; per class as Gibbs 1997).
     */
    PROBIT,
    /** The softmax of the mean logits, as if nothing were uncertain. */
    PLUG_IN
}
