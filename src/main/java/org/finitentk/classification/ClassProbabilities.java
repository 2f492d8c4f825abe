package org.finitentk.classification;

/** How a distribution of the logits becomes probabilities of the classes. */
public enum ClassProbabilities {
    /** PLUG_IN for {@link Inference#MAP}, else MONTE_CARLO. */
    AUTO,
    /** The average softmax over weights drawn from the posterior. */
    MONTE_CARLO,
    /**
     * The softmax of logits divided by √(1 + π/8 · variance) (MacKay 1992, "The Evidence Framework Applied to
     * Classification Networks"; per class as Gibbs 1997).
     */
    PROBIT,
    /** The softmax of the mean logits, as if nothing were uncertain. */
    PLUG_IN
}
