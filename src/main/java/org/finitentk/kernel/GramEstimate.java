package org.finitentk.kernel;

/**
 * What a Gram matrix will take, as far as sizes tell.
 *
 * @param rows of the matrix
 * @param gradients of single examples and combinations of outputs that are made; more than there are rows where not all
 *     fit the memory budget, fewer where the last layer has fewer features than outputs
 * @param gradientBytes of all gradients that are in memory together
 * @param operations of the network that make the gradients, and of their products: floating-point operations
 */
public record GramEstimate(long rows, long gradients, long gradientBytes, double operations) {}
