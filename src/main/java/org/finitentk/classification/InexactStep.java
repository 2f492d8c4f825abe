package org.finitentk.classification;

import java.util.List;
import java.util.function.UnaryOperator;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.Preconditioner;
import org.finitentk.internal.linalg.Vectors;
import org.jspecify.annotations.Nullable;

/**
 * A Newton step by conjugate gradients, as exactly as it takes for the gradient to become a tenth: the next step mends
 * the rest.
 *
 * @param operator the system's matrix
 * @param preconditioner near it
 * @param effect what a remainder of the system leaves of the gradient
 * @param budget iterations that take as long as a factorization
 */
record InexactStep(LinearOperator operator, Preconditioner preconditioner, UnaryOperator<double[]> effect, int budget) {
    private static final double REMAINDER = 0.1;
    /** The relative residual that is tried first. */
    private static final double FIRST = 1e-2;
    /** Of what is wanted, to be on the safe side. */
    private static final double MARGIN = 0.3;

    private static final double SMALLEST = 1e-13;

    /**
     * The solution.
     *
     * @param right right-hand side
     * @param gradient norm of the gradient
     * @return null if it takes more iterations than the budget
     */
    double @Nullable [] solve(double[] right, double gradient) {
        double tolerance = FIRST;
        int left = budget;
        double[] start = null;
        while (left > 0 && tolerance >= SMALLEST) {
            ConjugateGradients.Column column = new ConjugateGradients(tolerance, left, (iteration, residual) -> {})
                    .solve(operator, preconditioner, List.of(right), start == null ? null : List.of(start))
                    .get(0);
            if (column.status() != ConjugateGradients.Status.CONVERGED) {
                return null;
            }
            double remaining = Vectors.norm(effect.apply(column.remainder()));
            if (remaining <= REMAINDER * gradient) {
                return column.solution();
            }
            start = column.solution();
            left -= column.iterations();
            tolerance *= Math.min(MARGIN, MARGIN * REMAINDER * gradient / remaining);
        }
        return null;
    }
}
