package org.finitentk.regression;

/** How the iterative solver multiplies with the kernel matrix, by what is cheapest and fits the memory budget. */
public enum KernelProducts {
    /** The matrix is made once and kept. */
    MATRIX,
    /** Per-example gradients are kept, and multiplied as J (Jᵀ v). */
    GRADIENTS,
    /** The network is run for each product. */
    NETWORK
}
