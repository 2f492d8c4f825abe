package org.finitentk.regression;

/** The prior mean of the function that is learned. */
public enum MeanFunction {
    /**
     * {@link #NETWORK} if the task has as many dimensions as the network has outputs and the log density of the
     * training rows, each left out, is better with it by more than one standard error of the paired differences; else
     * {@link #CONSTANT}, the simpler. A solver that leaves out no rows is told the mean by at most 1,000 rows at
     * random. With a single training example, which cannot be left out, NETWORK. Under {@link MeanTreatment#PLUG_IN} it
     * is NETWORK whenever there are as many dimensions as outputs.
     */
    AUTO,
    /** Zero. */
    ZERO,
    /** One constant a dimension, found by generalized least squares. */
    CONSTANT,
    /** The network's own output, so that the posterior is its first-order Taylor expansion. */
    NETWORK
}
