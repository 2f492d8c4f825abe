package org.finitentk.regression;

import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.ConjugateGradients.Status;

/**
 * Warns of variances' solves that ended above the tolerance: once, and again only where it gets much worse, as many
 * predictions are of one example.
 */
final class UnsolvedVariances {
    private static final Logger LOG = Logger.getLogger(UnsolvedVariances.class.getName());

    private double reported;

    synchronized void report(ConjugateGradients.Column solve) {
        if (solve.status() != Status.CONVERGED && solve.residual() > 2 * reported) {
            reported = solve.residual();
            LOG.warning(String.format(
                    Locale.ROOT,
                    "conjugate gradients for a variance ended with a relative residual of %.2g after %d "
                            + "iterations (%s), above the tolerance; what variances may be "
                            + "too large by is stated, and less with %s",
                    solve.residual(),
                    solve.iterations(),
                    solve.status(),
                    solve.status() == Status.BUDGET
                            ? "more iterations"
                            : "more noise or a larger rank of the preconditioner"));
        }
    }
}
