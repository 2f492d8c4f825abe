package org.finitentk.internal.linalg;

/** A matrix that was to be factorized is not positive definite in float64. */
public final class NotPositiveDefiniteException extends ArithmeticException {
    private static final long serialVersionUID = 1L;

    NotPositiveDefiniteException(int n, int pivot) {
        super("the " + n + " x " + n + " matrix is not positive definite at row " + pivot
                + "; raise the noise variance, or remove duplicate examples");
    }
}
