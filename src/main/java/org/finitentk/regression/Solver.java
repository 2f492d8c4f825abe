package org.finitentk.regression;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.kernel.UnsolvedException;

/** How the posterior is computed. */
public enum Solver {
    /** Chosen by estimated cost and memory; the choice and its reason are in the model's provenance. */
    AUTO,
    /** The whole kernel matrix, factorized in float64. */
    DENSE,
    /** Preconditioned conjugate gradients on products with the kernel matrix, which is never made. */
    ITERATIVE,
    /**
     * The weights' posterior: where there are no more parameters than rows of the kernel matrix, from the P × P matrix
     * JᵀJ; otherwise, only if asked for, by conjugate gradients with Fisher-vector products.
     */
    PARAMETER_SPACE;

    /**
     * How the iterative solver ended.
     *
     * @param status of the training targets' solve, or of the constant mean's if that ended worse
     * @param iterations how many it took
     * @param residual the true relative residual ‖K α - y‖ / ‖y‖ at its end
     * @param rank of the preconditioner
     * @param products how the kernel matrix's products are computed
     */
    public record Iterations(Status status, int iterations, double residual, int rank, Products products) {
        private static final Logger LOG = Logger.getLogger(Iterations.class.getName());

        /** The one that did not converge, or else has the larger residual. */
        static Iterations worse(Iterations a, Iterations b) {
            boolean converged = a.status == Status.CONVERGED;
            return converged == (b.status == Status.CONVERGED) ? b.residual > a.residual ? b : a : converged ? b : a;
        }

        /**
         * The worst of some columns' solves; a warning if it did not converge.
         *
         * @throws UnsolvedException if its residual is too large
         */
        static Iterations requireSolved(
                List<Iterations> reports, RegressionSettings.Iterative settings, List<GaussianProcess.Column> columns) {
            Iterations worst = reports.stream().reduce(Iterations::worse).orElseThrow();
            GaussianProcess.Column hardest = Collections.max(
                    columns, Comparator.comparingDouble(column -> column.priorVariance() / column.noiseVariance()));
            UnsolvedException.require(
                    "conjugate gradients for the training targets (" + worst.status + " after " + worst.iterations
                            + " iterations, preconditioner of rank " + worst.rank + ")",
                    worst.residual,
                    change(settings, worst.status, hardest.variances()));
            if (worst.status != Status.CONVERGED) {
                LOG.warning(worst.advice());
            }
            return worst;
        }

        /** What to change where conjugate gradients do not solve. */
        static String change(RegressionSettings.Iterative settings, Status status, String variances) {
            if (settings.tolerance() > UnsolvedException.LARGEST_RESIDUAL) {
                return "lower the tolerance, which is " + settings.tolerance();
            }
            return (status == Status.BUDGET ? "allow more than " + settings.maxIterations() + " iterations, " : "")
                    + "raise the noise variance or lower the prior variance (" + variances
                    + "), raise the preconditioner's rank, or use the solver DENSE or AUTO";
        }

        /** What to do about it, for the log. */
        String advice() {
            return String.format(
                    Locale.ROOT,
                    "conjugate gradients ended with a relative residual of %.2g after %d iterations (%s) with "
                            + "a preconditioner of rank %d; %s",
                    residual,
                    iterations,
                    status,
                    rank,
                    status == Status.BUDGET
                            ? "allow more iterations or a larger rank"
                            : "raise the noise variance or the rank, or accept a larger tolerance");
        }

        /**
         * How the iterative solver multiplies with the kernel matrix, by what is cheapest and fits the memory budget.
         */
        public enum Products {
            /** The matrix is made once and kept. */
            MATRIX,
            /** Per-example gradients are kept, and multiplied as J (Jᵀ v). */
            GRADIENTS,
            /** The network is run for each product. */
            NETWORK
        }

        /** How conjugate gradients ended. */
        public enum Status {
            /** The true residual is within the tolerance. */
            CONVERGED,
            /** The iterations ran out. */
            BUDGET,
            /** The true residual no longer fell: rounding, or products that are not exact. */
            STAGNATED,
            /** The system is not positive definite, or a number is not finite. */
            BREAKDOWN;

            static Status of(ConjugateGradients.Status status) {
                return valueOf(status.name());
            }
        }
    }
}
