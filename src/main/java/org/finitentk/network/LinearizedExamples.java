package org.finitentk.network;

/**
 * The Jacobian J of a network at fixed examples, for many products J v and Jᵀ u, as solvers make them. What does not
 * depend on the vectors (the network's own values, the factors of its derivatives and, where it has one output, the
 * cotangents of each row of J) is computed by the first product and kept for the others. A pair of products then takes
 * 0.3 to 0.4 of what it takes {@link LinearizedNetwork} for 5-200-2000-200-1, 0.6 for a transformer and 0.65 for a
 * residual network of 10 outputs each; the first pair takes about as long as there (ProductsBenchmark). Where what is
 * kept does not fit the memory, or the network runs on a GPU, products are those of {@link LinearizedNetwork}.
 *
 * <p>Made by {@link LinearizedNetwork#keeping}. Thread safe. Must not outlive its network. Closing it lets others keep
 * theirs and use its memory; one that is not closed lets them when it is collected.
 */
public interface LinearizedExamples extends AutoCloseable {
    /**
     * The examples.
     *
     * @return n examples
     */
    Examples examples();

    /**
     * Whether anything is kept, or going to be by the first product.
     *
     * @return false if products are the network's own
     */
    boolean isKept();

    /**
     * The Jacobian times a tangent.
     *
     * @param v tangent of length P
     * @return J v, n·k numbers
     * @throws IllegalArgumentException if the length is not P
     * @throws IllegalStateException if the network is closed
     */
    double[] jvp(double[] v);

    /**
     * The Jacobian times several tangents.
     *
     * @param vs tangents of length P
     * @return for each tangent J v, n·k numbers
     * @throws IllegalArgumentException if a length is not P
     * @throws IllegalStateException if the network is closed
     */
    double[][] jvp(double[][] vs);

    /**
     * The transposed Jacobian times a cotangent, summed over the examples in float64 from chunk to chunk.
     *
     * @param u cotangent, n·k numbers
     * @return Jᵀ u, of length P
     * @throws IllegalArgumentException if the length is not n·k
     * @throws IllegalStateException if the network is closed
     */
    double[] vjp(double[] u);

    /**
     * The transposed Jacobian times several cotangents.
     *
     * @param us cotangents, n·k numbers each
     * @return for each cotangent Jᵀ u, of length P
     * @throws IllegalArgumentException if a length is not n·k
     * @throws IllegalStateException if the network is closed
     */
    double[][] vjp(double[][] us);

    /**
     * Gives up what is kept, once products under way are done; later products are those of the network. May be
     * repeated.
     */
    @Override
    void close();
}
