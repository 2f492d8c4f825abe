package org.finitentk.regression;

import org.finitentk.linalg.ConjugateGradients;

/**
 * What the iterative solver found for one column of targets at some λ and σ².
 *
 * @param lambda λ
 * @param noise σ²
 * @param coefficients of the mean
 * @param alpha (λK + σ²I)⁻¹ (y - B β)
 * @param solve how y's solve ended
 * @param logMarginalLikelihood an estimate; NaN if it was not computed
 * @param byLogLambda its derivative by log λ, an estimate
 * @param byLogNoise its derivative by log σ², an estimate
 * @param bestLambda the λ that is best at this ratio σ²/λ
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares fits.
record IterativeFit(double lambda, double noise, double[] coefficients, double[] alpha, ConjugateGradients.Column solve, double logMarginalLikelihood, double byLogLambda,
                    double byLogNoise, double bestLambda) {
}
