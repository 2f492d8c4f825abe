package org.finitentk.regression;

import org.finitentk.internal.util.Settings;

/**
 * The choices of the iterative solver.
 *
 * @param tolerance of the true relative residual ‖K α - y‖ / ‖y‖
 * @param maxIterations of conjugate gradients
 * @param preconditioner which columns of the kernel matrix it is made of
 * @param preconditionerRank how many columns of the kernel matrix it is made of; 0 for a number that grows with the
 *     square root of the rows
 * @param probes random vectors that estimate the log determinant and its derivative while variances are learned
 * @param seed of the preconditioner's columns and the probes
 * @param varianceMethod how variances are computed
 * @param varianceRank dimension of the subspace that {@link VarianceMethod#CACHED} takes them from; 0 for one that what
 *     it leaves of the prior variances is small beside the noise
 */
public record IterativeSettings(
        double tolerance,
        int maxIterations,
        PreconditionerMethod preconditioner,
        int preconditionerRank,
        int probes,
        long seed,
        VarianceMethod varianceMethod,
        int varianceRank) {
    /**
     * Tolerance 1e-4, 1000 iterations, Nyström preconditioner of automatic rank, 10 probes, seed 1, exact variances.
     */
    public static final IterativeSettings DEFAULT = new IterativeSettings(1e-4, 1000, 0, 10, 1);

    /**
     * Checks the ranges.
     *
     * @param tolerance above 0 and below 1
     * @param maxIterations at least 1
     * @param preconditioner any
     * @param preconditionerRank at least 0
     * @param probes at least 2
     * @param seed any
     * @param varianceMethod any
     * @param varianceRank at least 0
     * @throws IllegalArgumentException if a number is out of range
     */
    public IterativeSettings {
        Settings.requireFraction("tolerance", tolerance);
        Settings.requireAtLeast("maxIterations", maxIterations, 1);
        Settings.requireAtLeast("preconditionerRank", preconditionerRank, 0);
        Settings.requireAtLeast("probes", probes, 2);
        Settings.requireAtLeast("varianceRank", varianceRank, 0);
    }

    /**
     * With the Nyström preconditioner and exact variances.
     *
     * @param tolerance above 0 and below 1
     * @param maxIterations at least 1
     * @param preconditionerRank at least 0
     * @param probes at least 2
     * @param seed any
     * @throws IllegalArgumentException if a number is out of range
     */
    public IterativeSettings(double tolerance, int maxIterations, int preconditionerRank, int probes, long seed) {
        this(
                tolerance,
                maxIterations,
                PreconditionerMethod.NYSTROEM,
                preconditionerRank,
                probes,
                seed,
                VarianceMethod.EXACT,
                0);
    }

    /**
     * The same choices with other variances.
     *
     * @param method how they are computed
     * @param dimension of the subspace of {@link VarianceMethod#CACHED}, 0 for an automatic one
     * @return new settings
     * @throws IllegalArgumentException if the dimension is negative
     */
    public IterativeSettings withVariances(VarianceMethod method, int dimension) {
        return new IterativeSettings(
                tolerance, maxIterations, preconditioner, preconditionerRank, probes, seed, method, dimension);
    }

    /**
     * The same choices with another preconditioner.
     *
     * @param method which columns it is made of
     * @return new settings
     */
    public IterativeSettings withPreconditioner(PreconditionerMethod method) {
        return new IterativeSettings(
                tolerance, maxIterations, method, preconditionerRank, probes, seed, varianceMethod, varianceRank);
    }
}
