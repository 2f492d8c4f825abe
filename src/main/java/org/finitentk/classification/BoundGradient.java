package org.finitentk.classification;

/**
 * The expected log-likelihood of a batch and its derivatives by a {@link MeanFieldState}, scaled to all examples.
 *
 * @param likelihood the expectation
 * @param mean its derivative by μ
 * @param logRatio its derivative by log r
 * @param logLambda its derivative by log λ
 */
record BoundGradient(double likelihood, double[] mean, double[] logRatio, double logLambda) {}
