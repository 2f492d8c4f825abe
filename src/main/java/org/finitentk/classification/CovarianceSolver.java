package org.finitentk.classification;

/** How {@link Inference#FULL_COVARIANCE} and {@link Inference#LAPLACE} compute with the weights' covariance. */
public enum CovarianceSolver {
    /** Chosen by size and memory. */
    AUTO,
    /**
     * In function space by a Cholesky factorization: exact; takes (n C)² numbers for n examples of C classes. Of more
     * than ten classes that share a kernel C n² numbers, where their curvature keeps them apart: under LAPLACE, and for
     * labels of which an example may have several.
     */
    DENSE,
    /** In function space by conjugate gradients, with random vectors for traces and expectations. */
    ITERATIVE,
    /**
     * For LAPLACE in weight space, by the largest eigenvalues of the Gauss-Newton matrix (Lanczos). What the others
     * would take from the prior variance is left out of the covariance, so that probabilities are less sure than they
     * should be where eigenvalues end above 1, of which a warning tells; in the marginal likelihood it is estimated.
     * For FULL_COVARIANCE in the subspace of the weights that the gradients of some training examples span: of
     * mostWeights / 2 / C examples, chosen at random, for C logits. Outside, weights keep their prior, so that the
     * bound is a lower one, and deviations are hardly ever too small. Models keep these examples.
     */
    LOW_RANK,
    /**
     * In weight space by a Cholesky factorization of the weights' precision, which is summed up over the examples:
     * exact, the same posterior as DENSE; takes W² numbers for W weights (P, or C P where classes share an output),
     * whatever the number of examples. Models keep no training example.
     */
    PARAMETER_SPACE
}
