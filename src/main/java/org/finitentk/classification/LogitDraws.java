package org.finitentk.classification;

import java.util.SplittableRandom;

/**
 * Standard normal points at which expectations over one example's C logits are taken, in opposite pairs and scaled so that each coordinate's second moment is 1. The same
 * points serve all examples and steps, so that expectations are smooth functions of mean and covariance.
 *
 * @param count how many
 * @param classes C
 * @param points count × C
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares draws.
record LogitDraws(int count, int classes, double[] points) {
    static LogitDraws of(int count, int classes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] points = new double[Math.multiplyExact(count, classes)];
        for (int c = 0; c < classes; c++) {
            double squares = 0;
            for (int s = 0; s < count; s += 2) {
                double value = random.nextGaussian();
                points[s * classes + c] = value;
                points[(s + 1) * classes + c] = -value;
                squares += 2 * value * value;
            }
            for (int s = 0; s < count; s++) {
                points[s * classes + c] *= Math.sqrt(count / squares);
            }
        }
        return new LogitDraws(count, classes, points);
    }

    /** Draw s of the logits of all examples: mean + root · point, with a root of each example's covariance. */
    double[] logits(int s, double[] mean, BlockDiagonal root) {
        double[] logits = mean.clone();
        for (int row = 0; row < logits.length; row++) {
            for (int d = 0; d < classes; d++) {
                logits[row] += root.values()[row * classes + d] * points[s * classes + d];
            }
        }
        return logits;
    }
}
