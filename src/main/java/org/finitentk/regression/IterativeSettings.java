package org.finitentk.regression;

/**
 * The choices of the iterative solver.
 *
 * @param tolerance of the true relative residual ‖K α - y‖ / ‖y‖
 * @param maxIterations of conjugate gradients
 * @param rank of the preconditioner: how many columns of the kernel matrix it is made of; 0 for a number that grows with the square root of the rows
 * @param probes random vectors that estimate the log determinant and its derivative while variances are learned
 * @param seed of the preconditioner's columns and the probes
 */
public record IterativeSettings(double tolerance, int maxIterations, int rank, int probes, long seed) {
    /** Tolerance 1e-4, 1000 iterations, automatic rank, 10 probes, seed 1. */
    public static final IterativeSettings DEFAULT = new IterativeSettings(1e-4, 1000, 0, 10, 1);

    /**
     * Checks the ranges.
     *
     * @param tolerance above 0 and below 1
     * @param maxIterations at least 1
     * @param rank at least 0
     * @param probes at least 2
     * @param seed any
     * @throws IllegalArgumentException if a number is out of range
     */
    public IterativeSettings {
        if (!(tolerance > 0 && tolerance < 1) || maxIterations < 1 || rank < 0 || probes < 2) {
            throw new IllegalArgumentException("the iterative solver has tolerance " + tolerance + ", " + maxIterations + " iterations, rank " + rank + " and " + probes
                + " probes; expected a tolerance between 0 and 1, at least 1 iteration, a rank of at least 0 (0 is automatic) and at least 2 probes");
        }
    }
}
