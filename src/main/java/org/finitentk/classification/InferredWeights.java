package org.finitentk.classification;

/**
 * What was inferred.
 *
 * @param weights their posterior
 * @param report how inference went
 */
record InferredWeights(WeightPosterior weights, Inference.Report report) {}
