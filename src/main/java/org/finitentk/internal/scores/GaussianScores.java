package org.finitentk.internal.scores;

/**
 * Closed-form scores of one observation under one Gaussian prediction, and the normal distribution they need.
 *
 * <p>Conventions shared by all of them: a variance or mean that is NaN gives NaN; a variance of zero is a point mass,
 * and every score is then the limit of the formula; a negative variance is refused.
 */
public final class GaussianScores {
    private static final double LOG_TWO_PI = Math.log(2 * Math.PI);
    private static final double INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);
    private static final double INVERSE_SQRT_PI = 1 / Math.sqrt(Math.PI);
    /** Where the power series hands over to the continued fraction: both have 13 digits here. */
    private static final double SERIES_LIMIT = 3;
    /** The continued fraction has converged to the last digit at {@link #SERIES_LIMIT} with half of these terms. */
    private static final int FRACTION_TERMS = 200;

    private GaussianScores() {}

    /**
     * The negative log density of an observation under N(mean, variance).
     *
     * @param observed the observation
     * @param mean the predicted mean
     * @param variance the predicted variance of the observation
     * @return ½ log(2π·variance) + (observed − mean)²/(2·variance), in nats. For a variance of zero: −∞ if the mean is
     *     exactly the observation and +∞ otherwise
     */
    public static double negativeLogDensity(double observed, double mean, double variance) {
        requireVariance(variance);
        double error = observed - mean;
        if (variance == 0 && !Double.isNaN(error)) {
            return error == 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        // Divided twice by σ rather than once by σ²: squares of tiny errors underflow.
        double standardized = error / Math.sqrt(variance);
        return 0.5 * (LOG_TWO_PI + Math.log(variance) + standardized * standardized);
    }

    /**
     * The continuous ranked probability score of N(mean, variance), smaller being better, in the observation's unit:
     * Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 102 (2007), section 4.2,
     * with the sign turned round.
     *
     * @param observed the observation
     * @param mean the predicted mean
     * @param variance the predicted variance of the observation
     * @return σ·(z·(2Φ(z) − 1) + 2φ(z) − 1/√π) with z = (observed − mean)/σ; |observed − mean| for a variance of zero
     */
    public static double crps(double observed, double mean, double variance) {
        requireVariance(variance);
        double error = observed - mean;
        if (variance == 0) {
            return Math.abs(error);
        }
        double deviation = Math.sqrt(variance);
        double z = Math.abs(error / deviation);
        return deviation * (z * centralProbability(z) + 2 * density(z) - INVERSE_SQRT_PI);
    }

    /**
     * Half the width, in standard deviations, of the central interval that holds a given probability.
     *
     * @param level the probability, strictly between 0 and 1, e.g. 0.95
     * @return z with 2Φ(z) − 1 = level, e.g. 1.959964
     * @throws IllegalArgumentException if the level is not strictly between 0 and 1
     */
    public static double intervalHalfWidth(double level) {
        Levels.require(level);
        // Bisection: monotone, needs no starting value, and runs once a level. 60 halvings reach the last digit.
        double low = 0;
        double high = 40;
        for (int i = 0; i < 80; i++) {
            double middle = 0.5 * (low + high);
            // Far out the central probability rounds to 1, near zero the tail rounds to ½: compare on the accurate
            // side.
            boolean tooWide = level < 0.5 ? centralProbability(middle) > level : 2 * upperTail(middle) < 1 - level;
            if (tooWide) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return 0.5 * (low + high);
    }

    /**
     * The cumulative distribution function of the standard normal.
     *
     * @param z where
     * @return the probability of a value of at most z
     */
    static double cumulative(double z) {
        return z < 0 ? upperTail(-z) : 1 - upperTail(z);
    }

    private static double density(double z) {
        return INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * z * z);
    }

    /** 2Φ(z) − 1 for z ≥ 0. */
    private static double centralProbability(double z) {
        return z < SERIES_LIMIT ? 2 * density(z) * oddSeries(z) : 1 - 2 * upperTail(z);
    }

    /** 1 − Φ(z) for z ≥ 0, with small relative error far out. */
    private static double upperTail(double z) {
        if (z < SERIES_LIMIT) {
            return 0.5 - density(z) * oddSeries(z);
        }
        double fraction = z;
        for (int k = FRACTION_TERMS; k > 0; k--) {
            fraction = z + k / fraction;
        }
        return density(z) / fraction;
    }

    /** (Φ(z) − ½)/φ(z) = z + z³/3 + z⁵/(3·5) + …; every term is positive, so nothing cancels. */
    private static double oddSeries(double z) {
        double term = z;
        double sum = z;
        for (int k = 3; term > sum * 1e-17; k += 2) {
            term *= z * z / k;
            sum += term;
        }
        return sum;
    }

    private static void requireVariance(double variance) {
        if (variance < 0) {
            throw new IllegalArgumentException(
                    "a predicted variance is " + variance + "; expected a number that is not negative");
        }
    }
}
