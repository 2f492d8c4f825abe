package org.finitentk.regression;

import org.finitentk.internal.util.Later;
import org.jspecify.annotations.Nullable;

/**
 * What the iterative solver found for one column of targets at some λ and σ².
 *
 * @param lambda λ
 * @param noise σ²
 * @param coefficients of the mean
 * @param alpha (λK + σ²I)⁻¹ (y - B β)
 * @param constant of the coefficients; null without any
 * @param ended how the solves ended
 * @param evidence an estimate; at variances that were given, only if it is asked for
 * @param byLogLambda its derivative by log λ, an estimate
 * @param byLogNoise its derivative by log σ², an estimate
 * @param bestLambda the λ that is best at this ratio σ²/λ
 */
record IterativeFit(
        double lambda,
        double noise,
        double[] coefficients,
        double[] alpha,
        @Nullable ConstantFit constant,
        Ended ended,
        Later<Evidence> evidence,
        double byLogLambda,
        double byLogNoise,
        double bestLambda) {
    /**
     * How the solves ended.
     *
     * @param status of the worst of those that α is made of
     * @param iterations of that one
     * @param residual ‖(λK + σ²I)α - (y - B β)‖ / ‖y‖
     * @param unsolved how many of the random vectors' solves, of which the estimates are made, did not reach the
     *     tolerance
     */
    record Ended(Solver.Iterations.Status status, int iterations, double residual, int unsolved) {
        Solver.Iterations report(KernelSystem system) {
            return new Solver.Iterations(status, iterations, residual, system.rank(), system.products());
        }
    }

    FittedProcess.RowSolution solution() {
        return new FittedProcess.RowSolution(alpha, constant);
    }

    GaussianProcess.Column column() {
        return new GaussianProcess.Column(lambda, noise, coefficients, evidence);
    }
}
