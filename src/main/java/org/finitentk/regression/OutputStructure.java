package org.finitentk.regression;

/** How a task's D dimensions relate to the network's k outputs. */
public enum OutputStructure {
    /**
     * {@link #MATCHED} if D = k, else {@link #SHARED}. Refused if D = k and nothing says which output a dimension is.
     */
    AUTO,
    /**
     * D = k: one Gaussian process over all outputs with the full nk × nk kernel, which knows that the outputs share
     * weights.
     */
    MATCHED,
    /** D = k: every output has a Gaussian process of its own, with its own hyperparameters. */
    INDEPENDENT,
    /**
     * Any D: one output of the network, or the sum of all, gives an n × n kernel, and every dimension has its own
     * weights.
     */
    SHARED
}
