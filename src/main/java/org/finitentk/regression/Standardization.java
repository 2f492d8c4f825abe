package org.finitentk.regression;

import java.util.Arrays;

/**
 * Features in standard deviations from their means in the training rows. A feature that does not vary there has
 * deviation 0 and is 0 for every example: nothing says at what distance its values are.
 *
 * @param means one for each feature
 * @param deviations the same
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares standardizations.
record Standardization(double[] means, double[] deviations) {
    /** What is left of a constant feature is the rounding of its mean. */
    private static final double ROUNDING = 1e-12;

    /** Of n rows of d features. */
    static Standardization of(double[] x, int d) {
        double[] means = new double[d];
        double[] deviations = new double[d];
        int n = x.length / d;
        for (int k = 0; k < d; k++) {
            double largest = 0;
            for (int i = 0; i < n; i++) {
                largest = Math.max(largest, Math.abs(x[i * d + k]));
            }
            if (largest > 0) {
                standardize(x, k, largest, means, deviations);
            }
        }
        return new Standardization(means, deviations);
    }

    /** Relative to the largest number, so that squares neither overflow nor vanish. */
    private static void standardize(double[] x, int k, double largest, double[] means, double[] deviations) {
        int d = means.length;
        int n = x.length / d;
        double mean = 0;
        for (int i = 0; i < n; i++) {
            mean += x[i * d + k] / largest / n;
        }
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double difference = x[i * d + k] / largest - mean;
            squares += difference * difference / n;
        }
        means[k] = mean * largest;
        deviations[k] = Math.sqrt(squares) > ROUNDING ? Math.sqrt(squares) * largest : 0;
    }

    int features() {
        return means.length;
    }

    /** Whether there is anything to tell rows by. */
    boolean hasVariation() {
        return Arrays.stream(deviations).anyMatch(deviation -> deviation > 0);
    }

    /** Rows of features, standardized. */
    double[] apply(double[] x) {
        int d = features();
        double[] standardized = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double deviation = deviations[i % d];
            standardized[i] = deviation > 0 ? (x[i] - means[i % d]) / deviation : 0;
        }
        return standardized;
    }
}
