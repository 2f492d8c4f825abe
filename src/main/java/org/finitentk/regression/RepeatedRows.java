package org.finitentk.regression;

/** What repeated training rows and example weights mean. */
public enum RepeatedRows {
    /**
     * Rows that repeat others are folded into weights before variances are learned: the same example again (as in a
     * bootstrap's view) always, equal inputs with equal targets only if no repeated input of the table has differing
     * targets. Where noise is learned, weights are relative precisions.
     */
    FOLD,
    /**
     * Rows are used as they are given, and weights divide the noise variance whether it is learned or given, as version
     * 0.1.0 did.
     */
    KEEP
}
