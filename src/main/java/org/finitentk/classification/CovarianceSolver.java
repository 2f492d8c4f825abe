package org.finitentk.classification;

/** How {@link Inference#FULL_COVARIANCE} and {@link Inference#LAPLACE} compute with the weights' covariance. */
public enum CovarianceSolver {
    /** Chosen by size and memory. */
    AUTO,
    /** In function space by a Cholesky factorization: exact; takes (n C)² numbers for n examples of C classes. */
    DENSE,
    /** In function space by conjugate gradients, with random vectors for traces and expectations. */
    ITERATIVE,
    /** For LAPLACE only: in weight space, by the largest eigenvalues of the Gauss-Newton matrix (Lanczos); what the others would take from the prior variance is left out. */
    LOW_RANK
}
