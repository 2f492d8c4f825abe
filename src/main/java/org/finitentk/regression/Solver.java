package org.finitentk.regression;

/** How the posterior is computed. */
public enum Solver {
    /** Chosen by estimated cost and memory; the choice and its reason are in the model's provenance. */
    AUTO,
    /** The whole kernel matrix, factorized in float64. */
    DENSE
}
