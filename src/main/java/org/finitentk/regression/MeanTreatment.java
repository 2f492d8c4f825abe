package org.finitentk.regression;

/** How the prior mean is found, and whether it is known. */
public enum MeanTreatment {
    /**
     * Variances include that a constant mean is an estimate, and {@link MeanFunction#AUTO} goes by the log density of
     * the training rows when each is left out.
     */
    INTEGRATED,
    /**
     * What versions before 0.3.0 did: a constant mean counts as known, and {@link MeanFunction#AUTO} is NETWORK
     * whenever the task has as many dimensions as the network has outputs.
     */
    PLUG_IN
}
