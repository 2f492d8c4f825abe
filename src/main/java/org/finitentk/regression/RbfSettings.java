package org.finitentk.regression;

import org.finitentk.internal.util.Settings;

/**
 * How the hyperparameters of a Gaussian process with an RBF kernel are learned.
 *
 * @param lengthScales which features have one of their own
 * @param median of the log-normal prior of a length scale, in standard deviations of the feature
 * @param spread standard deviation of the length scale's logarithm in the prior
 * @param starts searches, of which the best counts
 * @param maxIterations steps of a search
 * @param learningRows at most so many rows are searched on, drawn by the seed; 0 for all
 * @param seed of starts and rows
 * @param minimumNoise a floor under the noise variance, in the targets' unit squared; 0 for none
 */
record RbfSettings(
        RbfLengthScales lengthScales,
        double median,
        double spread,
        int starts,
        int maxIterations,
        int learningRows,
        long seed,
        double minimumNoise) {
    static final RbfSettings DEFAULT = new RbfSettings(RbfLengthScales.PER_FEATURE, 1, 1, 3, 100, 1000, 1, 0);

    RbfSettings {
        Settings.requirePositive("lengthScaleMedian", median);
        Settings.requirePositive("lengthScaleSpread", spread);
        Settings.requireAtLeast("starts", starts, 1);
        Settings.requireAtLeast("maxIterations", maxIterations, 1);
        Settings.requireAtLeast("learningRows", learningRows, 0);
        Settings.requireNotNegative("minimumNoiseVariance", minimumNoise);
    }
}
