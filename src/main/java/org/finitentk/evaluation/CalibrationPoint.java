package org.finitentk.evaluation;

/**
 * How often central predictive intervals of one nominal probability held the observation.
 *
 * @param level the nominal probability, strictly between 0 and 1
 * @param coverage the fraction of observations that lay inside their interval; NaN where predictions had no variance
 * @param count the number of observations behind the fraction
 */
public record CalibrationPoint(double level, double coverage, int count) {}
