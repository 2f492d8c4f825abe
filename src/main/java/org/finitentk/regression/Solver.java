package org.finitentk.regression;

import org.finitentk.internal.linalg.ConjugateGradients;

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
        /** The one that did not converge, or else has the larger residual. */
        static Iterations worse(Iterations a, Iterations b) {
            boolean converged = a.status == Status.CONVERGED;
            return converged == (b.status == Status.CONVERGED) ? b.residual > a.residual ? b : a : converged ? b : a;
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
