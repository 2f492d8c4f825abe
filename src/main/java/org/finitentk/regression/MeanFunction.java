package org.finitentk.regression;

/** The prior mean of the function that is learned. */
public enum MeanFunction {
    /** {@link #NETWORK} if the task has as many dimensions as the network has outputs, else {@link #CONSTANT}. */
    AUTO,
    /** Zero. */
    ZERO,
    /** One constant a dimension, found by generalized least squares. */
    CONSTANT,
    /** The network's own output, so that the posterior is its first-order Taylor expansion. */
    NETWORK
}
