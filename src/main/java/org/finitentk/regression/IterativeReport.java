package org.finitentk.regression;

import java.util.Locale;
import org.finitentk.internal.linalg.ConjugateGradients.Status;
import org.finitentk.kernel.UnsolvedException;

/**
 * How the iterative solver ended.
 *
 * @param status of the training targets' solve, or of the constant mean's if that ended worse
 * @param iterations how many it took
 * @param residual the true relative residual ‖K α - y‖ / ‖y‖ at its end
 * @param rank of the preconditioner
 * @param products how the kernel matrix's products are computed
 */
public record IterativeReport(Status status, int iterations, double residual, int rank, KernelProducts products) {
    /** The one that did not converge, or else has the larger residual. */
    static IterativeReport worse(IterativeReport a, IterativeReport b) {
        boolean converged = a.status == Status.CONVERGED;
        return converged == (b.status == Status.CONVERGED) ? b.residual > a.residual ? b : a : converged ? b : a;
    }

    /**
     * Refuses what is no answer.
     *
     * @throws UnsolvedException if the residual is too large
     */
    void requireSolved(IterativeSettings settings, String variances) {
        UnsolvedException.require(String.format(Locale.ROOT, "conjugate gradients for the training targets (%s after %d iterations, preconditioner of rank %d)", status, iterations, rank),
            residual, change(settings, status, variances));
    }

    /** What to change where conjugate gradients do not solve. */
    static String change(IterativeSettings settings, Status status, String variances) {
        if (settings.tolerance() > UnsolvedException.LARGEST_RESIDUAL) {
            return "lower the tolerance, which is " + settings.tolerance();
        }
        return (status == Status.BUDGET ? "allow more than " + settings.maxIterations() + " iterations, " : "") + "raise the noise variance or lower the prior variance (" + variances
            + "), raise the preconditioner's rank, or use the solver DENSE or AUTO";
    }

    /** What to do about it, for the log. */
    String advice() {
        return String.format(Locale.ROOT, "conjugate gradients ended with a relative residual of %.2g after %d iterations (%s) with a preconditioner of rank %d; %s", residual, iterations,
            status, rank, status == Status.BUDGET ? "allow more iterations or a larger rank" : "raise the noise variance or the rank, or accept a larger tolerance");
    }
}
