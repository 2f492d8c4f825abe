package org.finitentk.regression;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.kernel.UnsolvedException;

/** Whether conjugate gradients solved what they were asked for, and what to do where they did not. */
final class Convergence {
    private static final Logger LOG = Logger.getLogger(Convergence.class.getName());

    private Convergence() {}

    /**
     * The worst of some columns' solves; a warning if it did not converge.
     *
     * @throws UnsolvedException if its residual is too large
     */
    static Solver.Iterations requireSolved(
            List<Solver.Iterations> reports,
            RegressionSettings.Iterative settings,
            List<GaussianProcess.Column> columns) {
        Solver.Iterations worst =
                reports.stream().reduce(Solver.Iterations::worse).orElseThrow();
        GaussianProcess.Column hardest = Collections.max(
                columns, Comparator.comparingDouble(column -> column.priorVariance() / column.noiseVariance()));
        UnsolvedException.require(
                "conjugate gradients for the training targets (" + worst.status() + " after " + worst.iterations()
                        + " iterations, preconditioner of rank " + worst.rank() + ")",
                worst.residual(),
                change(settings, worst.status(), hardest.variances()));
        if (worst.status() != Solver.Iterations.Status.CONVERGED) {
            LOG.warning(advice(worst));
        }
        return worst;
    }

    /** What to change where conjugate gradients do not solve. */
    static String change(RegressionSettings.Iterative settings, Solver.Iterations.Status status, String variances) {
        if (settings.tolerance() > UnsolvedException.LARGEST_RESIDUAL) {
            return "lower the tolerance, which is " + settings.tolerance();
        }
        return (status == Solver.Iterations.Status.BUDGET
                        ? "allow more than " + settings.maxIterations() + " iterations, "
                        : "")
                + "raise the noise variance or lower the prior variance (" + variances
                + "), raise the preconditioner's rank, or use the solver DENSE or AUTO";
    }

    /** What to do about it, for the log. */
    static String advice(Solver.Iterations worst) {
        return String.format(
                Locale.ROOT,
                "conjugate gradients ended with a relative residual of %.2g after %d iterations (%s) with "
                        + "a preconditioner of rank %d; %s",
                worst.residual(),
                worst.iterations(),
                worst.status(),
                worst.rank(),
                worst.status() == Solver.Iterations.Status.BUDGET
                        ? "allow more iterations or a larger rank"
                        : "raise the noise variance or the rank, or accept a larger tolerance");
    }
}
