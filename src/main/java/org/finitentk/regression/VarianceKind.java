package org.finitentk.regression;

/** What the variances of predictions are of. */
public enum VarianceKind {
    /** Of an observation y: the function's variance and the noise. */
    OBSERVATION,
    /** Of the function f, without noise. */
    LATENT,
    /**
     * Not computed, which makes predictions much cheaper: one Jacobian-vector product, whatever the number of training
     * examples.
     */
    NONE
}
