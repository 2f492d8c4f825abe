package org.finitentk.regression;

import org.finitentk.internal.util.Settings;

/**
 * The choices of the iterative solver.
 *
 * @param tolerance of the true relative residual ‖K α - y‖ / ‖y‖
 * @param maxIterations of conjugate gradients
 * @param preconditioner of the kernel matrix
 * @param probes random vectors that estimate the log determinant and its derivative while variances are learned
 * @param seed of the preconditioner's columns and the probes
 * @param variances how variances of predictions are computed
 */
public record IterativeSettings(
        double tolerance,
        int maxIterations,
        Preconditioner preconditioner,
        int probes,
        long seed,
        PredictedVariances variances) {
    /**
     * Tolerance 1e-4, 1000 iterations, Nyström preconditioner of automatic rank, 10 probes, seed 1, exact variances.
     */
    public static final IterativeSettings DEFAULT = new IterativeSettings(1e-4, 1000, 0, 10, 1);

    /**
     * The preconditioner of the kernel matrix.
     *
     * @param method which columns of the kernel matrix it is made of
     * @param rank how many columns it is made of; 0 for a number that grows with the square root of the rows
     */
    public record Preconditioner(PreconditionerMethod method, int rank) {
        /**
         * Checks the range.
         *
         * @param method any
         * @param rank at least 0
         * @throws IllegalArgumentException if the rank is negative
         */
        public Preconditioner {
            Settings.requireAtLeast("preconditionerRank", rank, 0);
        }
    }

    /**
     * How variances of predictions are computed.
     *
     * @param method by a solve for each example, or from a subspace
     * @param rank dimension of the subspace that {@link VarianceMethod#CACHED} takes them from; 0 for one that what it
     *     leaves of the prior variances is small beside the noise
     */
    public record PredictedVariances(VarianceMethod method, int rank) {
        /**
         * Checks the range.
         *
         * @param method any
         * @param rank at least 0
         * @throws IllegalArgumentException if the rank is negative
         */
        public PredictedVariances {
            Settings.requireAtLeast("varianceRank", rank, 0);
        }
    }

    /**
     * Checks the ranges.
     *
     * @param tolerance above 0 and below 1
     * @param maxIterations at least 1
     * @param preconditioner any
     * @param probes at least 2
     * @param seed any
     * @param variances any
     * @throws IllegalArgumentException if a number is out of range
     */
    public IterativeSettings {
        Settings.requireFraction("tolerance", tolerance);
        Settings.requireAtLeast("maxIterations", maxIterations, 1);
        Settings.requireAtLeast("probes", probes, 2);
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
                new Preconditioner(PreconditionerMethod.NYSTROEM, preconditionerRank),
                probes,
                seed,
                new PredictedVariances(VarianceMethod.EXACT, 0));
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
                tolerance, maxIterations, preconditioner, probes, seed, new PredictedVariances(method, dimension));
    }

    /**
     * The same choices with another preconditioner.
     *
     * @param method which columns it is made of
     * @return new settings
     */
    public IterativeSettings withPreconditioner(PreconditionerMethod method) {
        return new IterativeSettings(
                tolerance, maxIterations, new Preconditioner(method, preconditioner.rank()), probes, seed, variances);
    }
}
