package org.finitentk.regression;

/**
 * What one training example means for the posterior mean at another example.
 *
 * @param row its number among the training examples that were given, from 0; of folded ones the first
 * @param contribution what of the mean it adds, α_i k(x, x_i): all of them and the prior mean at x are the mean
 * @param change what the mean there would change by if the example, and those that are folded into it, had been left
 *     out, at the same variances
 */
public record Influence(int row, double contribution, double change) {}
