package org.finitentk.regression;

/**
 * The logarithm of the training targets' marginal likelihood, and how well it is known.
 *
 * @param logMarginalLikelihood its value; from conjugate gradients an estimate
 * @param standardError of the estimate, from the spread of its random vectors; 0 where it is exact
 * @param bias how much it may be too small because solves ended after so many steps and no more; 0 where it is exact
 */
public record Evidence(double logMarginalLikelihood, double standardError, double bias) {
    static final Evidence NONE = exact(0);

    static Evidence exact(double value) {
        return new Evidence(value, 0, 0);
    }

    /** Of both together; errors of the same random vectors add up. */
    Evidence plus(Evidence other) {
        return new Evidence(
                logMarginalLikelihood + other.logMarginalLikelihood,
                standardError + other.standardError,
                bias + other.bias);
    }

    /** The same targets on another scale. */
    Evidence plus(double added) {
        return plus(exact(added));
    }
}
