package org.finitentk.regression;

import org.finitentk.internal.linalg.ConjugateGradients;

/** How conjugate gradients ended. */
public enum SolveStatus {
    /** The true residual is within the tolerance. */
    CONVERGED,
    /** The iterations ran out. */
    BUDGET,
    /** The true residual no longer fell: rounding, or products that are not exact. */
    STAGNATED,
    /** The system is not positive definite, or a number is not finite. */
    BREAKDOWN;

    static SolveStatus of(ConjugateGradients.Status status) {
        return valueOf(status.name());
    }
}
