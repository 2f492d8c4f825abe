package org.finitentk.regression;

/** How the posterior is computed. */
public enum Solver {
    /** Chosen by estimated cost and memory; the choice and its reason are in the model's provenance. */
    AUTO,
    /** The whole kernel matrix, factorized in float64. */
    DENSE,
    /** Preconditioned conjugate gradients on products with the kernel matrix, which is never made. */
    ITERATIVE,
    /** The weights' posterior, from the P × P matrix JᵀJ: for fewer parameters than rows of the kernel matrix. */
    PARAMETER_SPACE
}
