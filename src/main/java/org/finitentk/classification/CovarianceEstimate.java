package org.finitentk.classification;

/**
 * What a way to a posterior would take.
 *
 * @param bytes of Java heap
 * @param fits whether there is as much
 * @param soon whether it is done soon enough for the next way not to be tried
 * @param merit why it is chosen, or empty if for the obstacles of the ways before
 * @param obstacle why it is not, where it does not fit or is not done soon enough
 */
record CovarianceEstimate(double bytes, boolean fits, boolean soon, String merit, String obstacle) {}
