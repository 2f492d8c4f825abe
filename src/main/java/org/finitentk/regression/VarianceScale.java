package org.finitentk.regression;

/**
 * What λ and σ² together are scaled by where both are learned. Their ratio, and with it every mean, is the marginal
 * likelihood's.
 */
public enum VarianceScale {
    /** The marginal likelihood's, which both maximize. */
    EVIDENCE,
    /**
     * At least that; more where training rows, each left out, are farther from what the others expect than their
     * variances allow: then both are multiplied by the mean of the squared z-scores (Dubrule, "Cross validation of
     * kriging in a unique neighborhood", 1983; Bachoc, "Cross validation and maximum likelihood estimations of
     * hyper-parameters of Gaussian processes with model misspecification", 2013). Of solvers that leave rows out
     * exactly; others keep the marginal likelihood's scale.
     */
    LEAVE_ONE_OUT
}
