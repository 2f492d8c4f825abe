package org.finitentk.classification;

/** The prior covariance of the training logits for λ = 1, K = J Jᵀ, as an operator. Close it. */
interface PriorCovariance extends AutoCloseable {
    /** K α for n C numbers. */
    double[] multiply(double[] alpha);

    @Override
    void close();
}
