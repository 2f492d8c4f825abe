package org.finitentk.evaluation;

/**
 * Predictions of similar confidence, of a reliability diagram.
 *
 * @param lower least confidence of the bin
 * @param upper greatest
 * @param weight how many predictions, or the sum of their weights
 * @param confidence their mean confidence, NaN for none
 * @param accuracy how many of them are right, as a fraction, NaN for none
 */
public record ReliabilityBin(double lower, double upper, double weight, double confidence, double accuracy) {}
