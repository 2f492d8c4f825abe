package org.finitentk.classification;

import java.util.SplittableRandom;
import org.finitentk.linalg.Blas;
import org.finitentk.linalg.Cholesky;

/**
 * Standard normal points at which expectations over one example's C logits are taken, in opposite pairs. The same points serve all examples and steps, so that expectations
 * are smooth functions of mean and covariance.
 *
 * @param count how many
 * @param classes C
 * @param points count × C
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares draws.
record LogitDraws(int count, int classes, double[] points) {
    /** Points a class, from which on their second moments are well away from singular. */
    private static final int PER_CLASS = 4;

    /**
     * Points for a sum that stands for an integral: each coordinate's second moment is 1, and with enough points all second moments are those of the distribution, so that
     * quadratic functions, and odd ones, are integrated exactly.
     */
    static LogitDraws of(int count, int classes, long seed) {
        LogitDraws random = random(count, classes, seed);
        return count >= PER_CLASS * classes ? random.whitened() : random.scaled();
    }

    /** Points as they fall, over whose seeds a sum is right on average. */
    static LogitDraws random(int count, int classes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] points = new double[Math.multiplyExact(count, classes)];
        for (int c = 0; c < classes; c++) {
            for (int s = 0; s < count; s += 2) {
                double value = random.nextGaussian();
                points[s * classes + c] = value;
                points[(s + 1) * classes + c] = -value;
            }
        }
        return new LogitDraws(count, classes, points);
    }

    private LogitDraws scaled() {
        double[] result = points.clone();
        for (int c = 0; c < classes; c++) {
            double squares = 0;
            for (int s = 0; s < count; s++) {
                squares += points[s * classes + c] * points[s * classes + c];
            }
            for (int s = 0; s < count; s++) {
                result[s * classes + c] *= Math.sqrt(count / squares);
            }
        }
        return new LogitDraws(count, classes, result);
    }

    /** L⁻¹ times each point, where L Lᵀ are the points' second moments. */
    private LogitDraws whitened() {
        double[] moments = new double[classes * classes];
        Blas.gemm(true, false, classes, classes, count, 1.0 / count, points, classes, points, classes, 0, moments, classes);
        double[] result = transposed(points, count, classes);
        Cholesky.factor(moments, classes).forwardInPlace(result, count);
        return new LogitDraws(count, classes, transposed(result, classes, count));
    }

    private static double[] transposed(double[] matrix, int rows, int columns) {
        double[] transposed = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            transposed[i % columns * rows + i / columns] = matrix[i];
        }
        return transposed;
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
