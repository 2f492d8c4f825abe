package org.finitentk.regression;

/** How the posterior is computed. */
public enum Solver {
    /** Chosen by estimated cost and memory; the choice and its reason are in the model's provenance. */
    AUTO,
    /** The whole kernel matrix, factorized in float64. */
    DENSE,
    /** Preconditioned conjugate gradients on products with the kernel matrix, which is never made. */
    ITERATIVE,
    /**
     * The weights' posterior: where there are no more parameters than rows of the kernel matrix, from the P × P matrix
     * JᵀJ; otherwise, only if asked for, by conjugate gradients with Fisher-vector products.
     */
    PARAMETER_SPACE
}
