package org.finitentk.classification;

import org.finitentk.internal.util.Settings;

/**
 * The choices of {@link Inference#FULL_COVARIANCE} and {@link Inference#LAPLACE}.
 *
 * @param solver how the covariance is computed with
 * @param quadratureDraws under FULL_COVARIANCE and DENSE, points at which expectations over an example's logits are
 *     taken, in opposite pairs
 * @param probes under ITERATIVE, random vectors for traces and expectations
 * @param maxSteps most steps of inference for one prior variance
 * @param tolerance under FULL_COVARIANCE, the change of the evidence lower bound in a step, relative to its size, at
 *     which steps end; under LAPLACE, the gradient norm relative to that at w = 0
 * @param rank under LOW_RANK, how many eigenvalues
 * @param solveTolerance under ITERATIVE, the relative residual at which conjugate gradients end
 */
public record CovarianceSettings(
        CovarianceSolver solver,
        int quadratureDraws,
        int probes,
        int maxSteps,
        double tolerance,
        int rank,
        double solveTolerance) {
    /** Solver by size, 512 draws, 32 probes, 50 steps, 1e-6, rank 50, residual 1e-6. */
    public static final CovarianceSettings DEFAULT =
            new CovarianceSettings(CovarianceSolver.AUTO, 512, 32, 50, 1e-6, 50, 1e-6);

    /**
     * Checks the ranges.
     *
     * @param solver how the covariance is computed with
     * @param quadratureDraws at least 2, even
     * @param probes at least 2
     * @param maxSteps at least 1
     * @param tolerance between 0 and 1
     * @param rank at least 1
     * @param solveTolerance between 0 and 1
     * @throws IllegalArgumentException if a number is out of range
     */
    public CovarianceSettings {
        Settings.requireAtLeast("quadratureDraws", quadratureDraws, 2);
        Settings.requireAtLeast("probes", probes, 2);
        Settings.requireAtLeast("maxSteps", maxSteps, 1);
        Settings.requireAtLeast("rank", rank, 1);
        Settings.requireFraction("tolerance", tolerance);
        Settings.requireFraction("solveTolerance", solveTolerance);
        boolean even = quadratureDraws % 2 == 0;
        Settings.require(
                even, "quadratureDraws", quadratureDraws, "an even number, since draws come in opposite pairs");
    }

    /**
     * The same with another solver.
     *
     * @param other how the covariance is computed with
     * @return new settings
     */
    public CovarianceSettings with(CovarianceSolver other) {
        return new CovarianceSettings(other, quadratureDraws, probes, maxSteps, tolerance, rank, solveTolerance);
    }
}
