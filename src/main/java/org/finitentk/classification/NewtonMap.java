package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.Preconditioner;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.ProgressListener;

/**
 * The most probable weights by truncated Newton steps (Nocedal and Wright 2006, "Numerical Optimization", section 7.1):
 * each solves with I + λ Jᵀ H J by conjugate gradients, as exactly as the gradient is near zero, and is halved until
 * the objective does not fall. Along a step the logits are known, so that halving costs no run of the network.
 */
final class NewtonMap {
    private static final int MAX_STEPS = 100;
    private static final int SOLVE_BUDGET = 500;
    private static final double LOOSEST = 0.1;
    private static final double TIGHTEST = 1e-4;
    private static final double SMALLEST_STEP = 1e-4;
    private static final double ROUNDING = 1e-10;
    /** Steps without a smaller gradient or a gain that end the search: what is left is the network's rounding. */
    private static final int STALLS = 3;
    /** A gradient norm, relative to that at w = 0, that is small enough if rounding hides a smaller one. */
    private static final double ENOUGH = 1e-6;
    /**
     * What may be left to gain at the end, in nats, or relative to a larger objective: one example of great weight can
     * have all of the gradient at w = 0, and hide the others'.
     */
    private static final double NEGLIGIBLE_GAIN = 1e-6;

    private final LogPosterior objective;
    private final double tolerance;
    private final ProgressListener progress;

    NewtonMap(LogPosterior objective, double tolerance, ProgressListener progress) {
        this.objective = objective;
        this.tolerance = tolerance;
        this.progress = progress;
    }

    MapFit from(double[] start) {
        double first = Vectors.norm(objective.scaledGradient(new double[start.length], objective.prior()));
        double[] w = start;
        double[] logits = objective.logits(w);
        double value = objective.value(w, logits);
        List<Double> history = new ArrayList<>(List.of(value));
        MapFit best = new MapFit(w, logits, value, Double.POSITIVE_INFINITY, history, 0, false);
        double before = Double.NEGATIVE_INFINITY;
        int stalled = 0;
        for (int step = 0; step < MAX_STEPS && stalled < STALLS; step++) {
            double[] gradient = objective.scaledGradient(w, logits);
            double relative = first == 0 ? 0 : Vectors.norm(gradient) / first;
            progress.progress("Newton steps", step, -1);
            // The curvature is at least the prior's, so that the gradient bounds what a step gains without solving for
            // one.
            boolean small = relative <= tolerance;
            double[] direction =
                    small && isNegligible(gradient, gradient, value) ? gradient : direction(logits, gradient, relative);
            boolean negligible = isNegligible(gradient, direction, value);
            // On the way to the top the gradient may grow, where one direction is much steeper than the others.
            boolean gained = value - before > NEGLIGIBLE_GAIN * Math.max(1, Math.abs(value));
            stalled = gained || relative < best.gradient() ? 0 : stalled + 1;
            before = value;
            if (relative < best.gradient()) {
                best = new MapFit(
                        w,
                        logits,
                        value,
                        relative,
                        history,
                        step,
                        negligible && relative <= Math.max(tolerance, ENOUGH));
            }
            if (small && negligible) {
                break;
            }
            double[] along = objective.product(direction);
            double rho = rho(w, logits, direction, along, value);
            w = LogPosterior.sum(w, rho, direction);
            // Computed anew, so that the rounding of steps does not add up.
            logits = objective.logits(w);
            value = objective.value(w, logits);
            history.add(value);
        }
        return best;
    }

    /** Whether a Newton step promises next to nothing: half of the gradient's product with it. */
    private boolean isNegligible(double[] scaledGradient, double[] direction, double value) {
        return 0.5 * Vectors.dot(scaledGradient, direction) / objective.lambda()
                <= NEGLIGIBLE_GAIN * Math.max(1, Math.abs(value));
    }

    private double[] direction(double[] logits, double[] gradient, double relative) {
        double forcing = Math.max(TIGHTEST, Math.min(LOOSEST, Math.sqrt(relative)));
        ConjugateGradients solver = new ConjugateGradients(
                forcing,
                SOLVE_BUDGET,
                (iteration, residual) -> progress.progress("conjugate gradients", iteration, -1));
        return solver.solve(
                        objective.scaledPrecision(logits),
                        Preconditioner.identity(gradient.length),
                        List.of(gradient),
                        null)
                .get(0)
                .solution();
    }

    private double rho(double[] w, double[] logits, double[] direction, double[] along, double value) {
        double rho = 1;
        while (rho > SMALLEST_STEP
                && !(objective.value(LogPosterior.sum(w, rho, direction), LogPosterior.sum(logits, rho, along))
                        >= value - ROUNDING * Math.abs(value))) {
            rho /= 2;
        }
        return rho;
    }
}
