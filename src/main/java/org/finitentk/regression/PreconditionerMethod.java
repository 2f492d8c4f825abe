package org.finitentk.regression;

/** Which columns of the kernel matrix precondition the iterative solver. */
public enum PreconditionerMethod {
    /** Those of examples drawn at random, all computed in one pass over the data. */
    NYSTROEM,
    /**
     * Those that the ones before explain least: partial pivoted Cholesky, in eight passes. Better where few examples
     * are unlike the others.
     */
    PIVOTED_CHOLESKY
}
