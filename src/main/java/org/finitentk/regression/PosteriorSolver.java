package org.finitentk.regression;

import java.util.List;
import org.finitentk.internal.kernel.CostModel;

/**
 * A way to the posterior, without state. A new one is a class that says what it takes and fits, and a line in
 * {@link SolverChoice}.
 */
interface PosteriorSolver {
    /** How users ask for it. */
    Solver solver();

    /** Whether this is the way of its kind for the problem, whatever it takes. */
    default boolean isFor(Problem problem) {
        return true;
    }

    /** Whether answers are right to rounding, not to a tolerance. */
    default boolean isExact() {
        return true;
    }

    /** What all kernels of the problem's plan would take, from sizes alone. */
    default Estimate estimate(Problem problem) {
        return estimate(problem, CostModel.ITERATIONS);
    }

    /** The same, if each solve takes so many iterations. */
    Estimate estimate(Problem problem, int iterations);

    /**
     * Fits one kernel to targets of the same rows that differ in their prior mean. What they share is computed once.
     *
     * @param means at least one, instead of the problem's own targets
     * @throws org.finitentk.kernel.UnsolvedException if no answer was found
     * @throws IllegalArgumentException if the problem has none
     */
    List<FittedProcess> fit(Problem problem, List<Targets> means);

    /** Fits one kernel to the problem's own targets. */
    default FittedProcess fit(Problem problem) {
        return fit(problem, List.of(problem.targets())).get(0);
    }
}
