package org.finitentk.classification;

import org.finitentk.internal.util.Settings;

/**
 * The choices of {@link Inference#FULL_COVARIANCE} and {@link Inference#LAPLACE}.
 *
 * @param solver how the covariance is computed with
 * @param quadratureDraws under FULL_COVARIANCE with DENSE, LOW_RANK and PARAMETER_SPACE, points at which expectations
 *     over an example's logits are taken, in opposite pairs; or {@link #AUTOMATIC_DRAWS}
 * @param probes under ITERATIVE, random vectors for traces and expectations
 * @param maxSteps most steps of inference for one prior variance
 * @param tolerance under FULL_COVARIANCE, the change of the evidence lower bound in a step, relative to its size, at
 *     which steps end; under LAPLACE, the gradient norm relative to that at w = 0
 * @param rank under LAPLACE by LOW_RANK, how many eigenvalues
 * @param solveTolerance under ITERATIVE, the relative residual at which conjugate gradients end
 * @param mostWeights under AUTO, the most weights with which PARAMETER_SPACE is chosen, 0 for never; under
 *     FULL_COVARIANCE by LOW_RANK, twice the size of the subspace
 */
public record CovarianceSettings(
        CovarianceSolver solver,
        int quadratureDraws,
        int probes,
        int maxSteps,
        double tolerance,
        int rank,
        double solveTolerance,
        int mostWeights) {
    private static final int MOST_WEIGHTS = 8000;

    /**
     * As quadrature draws: none for two labels, whose expectations are integrals over one number, the difference of
     * their logits, to 1e-10; 512 for more.
     */
    public static final int AUTOMATIC_DRAWS = 0;

    /** Solver by size, automatic draws, 32 probes, 50 steps, 1e-6, rank 50, residual 1e-6, up to 8000 weights. */
    public static final CovarianceSettings DEFAULT =
            new CovarianceSettings(CovarianceSolver.AUTO, AUTOMATIC_DRAWS, 32, 50, 1e-6, 50, 1e-6, MOST_WEIGHTS);

    /**
     * Checks the ranges.
     *
     * @param solver how the covariance is computed with
     * @param quadratureDraws even, at least 2, or {@link #AUTOMATIC_DRAWS}
     * @param probes at least 2
     * @param maxSteps at least 1
     * @param tolerance between 0 and 1
     * @param rank at least 1
     * @param solveTolerance between 0 and 1
     * @param mostWeights at least 0
     * @throws IllegalArgumentException if a number is out of range
     */
    public CovarianceSettings {
        Settings.requireAtLeast("quadratureDraws", quadratureDraws, AUTOMATIC_DRAWS);
        Settings.requireAtLeast("probes", probes, 2);
        Settings.requireAtLeast("maxSteps", maxSteps, 1);
        Settings.requireAtLeast("rank", rank, 1);
        Settings.requireAtLeast("mostWeights", mostWeights, 0);
        Settings.requireFraction("tolerance", tolerance);
        Settings.requireFraction("solveTolerance", solveTolerance);
        boolean even = quadratureDraws % 2 == 0;
        Settings.require(
                even, "quadratureDraws", quadratureDraws, "an even number, since draws come in opposite pairs");
    }

    /**
     * With PARAMETER_SPACE for up to 8000 weights.
     *
     * @param solver how the covariance is computed with
     * @param quadratureDraws even, at least 2, or {@link #AUTOMATIC_DRAWS}
     * @param probes at least 2
     * @param maxSteps at least 1
     * @param tolerance between 0 and 1
     * @param rank at least 1
     * @param solveTolerance between 0 and 1
     * @throws IllegalArgumentException if a number is out of range
     */
    public CovarianceSettings(
            CovarianceSolver solver,
            int quadratureDraws,
            int probes,
            int maxSteps,
            double tolerance,
            int rank,
            double solveTolerance) {
        this(solver, quadratureDraws, probes, maxSteps, tolerance, rank, solveTolerance, MOST_WEIGHTS);
    }

    /**
     * The same with another solver.
     *
     * @param other how the covariance is computed with
     * @return new settings
     */
    public CovarianceSettings with(CovarianceSolver other) {
        return new CovarianceSettings(
                other, quadratureDraws, probes, maxSteps, tolerance, rank, solveTolerance, mostWeights);
    }
}
