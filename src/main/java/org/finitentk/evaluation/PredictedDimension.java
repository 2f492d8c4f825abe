package org.finitentk.evaluation;

import java.util.function.DoubleUnaryOperator;
import org.finitentk.internal.scores.GaussianScores;

/**
 * One regression dimension: what was observed and what was predicted, example by example. All means are weighted by the
 * examples' weights.
 */
final class PredictedDimension {
    private static final double GAUSSIAN_KURTOSIS = 3;

    private final double[] observed;
    private final double[] mean;
    private final double[] variance;
    private final double[] weight;
    private final double weightSum;

    /** The arrays are kept, not copied. */
    PredictedDimension(double[] observed, double[] mean, double[] variance, double[] weight) {
        this.observed = observed;
        this.mean = mean;
        this.variance = variance;
        this.weight = weight;
        double sum = 0;
        for (double w : weight) {
            sum += w;
        }
        this.weightSum = sum;
    }

    private interface Score {
        double of(double observed, double mean, double variance);
    }

    double rmse() {
        return Math.sqrt(meanOf((y, m, v) -> (y - m) * (y - m)));
    }

    double mae() {
        return meanOf((y, m, v) -> Math.abs(y - m));
    }

    double r2() {
        return 1 - meanOf((y, m, v) -> (y - m) * (y - m)) / observedVariance();
    }

    double explainedVariance() {
        double bias = meanOf((y, m, v) -> y - m);
        return 1 - meanOf((y, m, v) -> (y - m - bias) * (y - m - bias)) / observedVariance();
    }

    double nlpd() {
        return meanOf(GaussianScores::negativeLogDensity);
    }

    double crps() {
        return meanOf(GaussianScores::crps);
    }

    double coverage(double level) {
        double z = GaussianScores.intervalHalfWidth(level);
        return meanOf((y, m, v) -> covers(y - m, v, z));
    }

    /** Of z-scores; a variance of 0 gives NaN. */
    double kurtosis() {
        Score score = (y, m, v) -> (y - m) / Math.sqrt(v);
        double average = meanOf(score);
        double squares = meanOf((y, m, v) -> Math.pow(score.of(y, m, v) - average, 2));
        return meanOf((y, m, v) -> Math.pow(score.of(y, m, v) - average, 4)) / (squares * squares) - GAUSSIAN_KURTOSIS;
    }

    double width(double level) {
        double z = GaussianScores.intervalHalfWidth(level);
        DoubleUnaryOperator width = v -> 2 * z * Math.sqrt(v);
        return meanOf((y, m, v) -> width.applyAsDouble(v));
    }

    /** One or zero, or NaN where the question has no answer: a comparison with NaN would silently say "outside". */
    private static double covers(double error, double variance, double z) {
        double reach = z * Math.sqrt(variance);
        if (Double.isNaN(error) || Double.isNaN(reach)) {
            return Double.NaN;
        }
        return Math.abs(error) <= reach ? 1 : 0;
    }

    private double observedVariance() {
        double average = meanOf((y, m, v) -> y);
        return meanOf((y, m, v) -> (y - average) * (y - average));
    }

    private double meanOf(Score score) {
        double sum = 0;
        for (int i = 0; i < observed.length; i++) {
            sum += weight[i] * score.of(observed[i], mean[i], variance[i]);
        }
        return sum / weightSum;
    }
}
