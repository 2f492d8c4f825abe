package org.finitentk.regression;

import java.util.stream.IntStream;

/**
 * The radial basis function exp(-½ Σ (x_k - z_k)² / l_k²) of rows of features. Sums are those of the same numbers in
 * the same order whatever the number of threads.
 *
 * @param lengthScales l, one for each feature
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares kernels.
record RbfKernel(double[] lengthScales) {
    /** Parts of sums over pairs of rows. */
    private static final int PARTS = 64;

    /** Operations that are worth a second thread. */
    private static final double MANY = 1e6;

    /** The numbers below a count, each to be done on any thread if all of them are much work. */
    static IntStream each(int count, double operations) {
        IntStream numbers = IntStream.range(0, count);
        return operations > MANY ? numbers.parallel() : numbers;
    }

    private int features() {
        return lengthScales.length;
    }

    private double[] scaled(double[] x) {
        double[] scaled = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            scaled[i] = x[i] / lengthScales[i % features()];
        }
        return scaled;
    }

    private double of(double[] x, int i, double[] z, int j) {
        int d = features();
        double square = 0;
        for (int k = 0; k < d; k++) {
            double difference = x[i * d + k] - z[j * d + k];
            square += difference * difference;
        }
        return Math.exp(-0.5 * square);
    }

    /** The kernel matrix of n rows, n × n. */
    double[] gram(double[] x) {
        int n = x.length / features();
        double[] scaled = scaled(x);
        double[] gram = new double[Math.multiplyExact(n, n)];
        each(n, (double) n * n * features()).forEach(i -> {
            gram[i * n + i] = 1;
            for (int j = 0; j < i; j++) {
                double value = of(scaled, i, scaled, j);
                gram[i * n + j] = value;
                gram[j * n + i] = value;
            }
        });
        return gram;
    }

    /** Of n rows with m others, n × m. */
    double[] cross(double[] x, double[] z) {
        int n = x.length / features();
        int m = z.length / features();
        double[] left = scaled(x);
        double[] right = scaled(z);
        double[] cross = new double[Math.multiplyExact(n, m)];
        each(n, (double) n * m * features()).forEach(i -> {
            for (int j = 0; j < m; j++) {
                cross[i * m + j] = of(left, i, right, j);
            }
        });
        return cross;
    }

    /**
     * Σ w_ij (x_ik - x_jk)² / l_k² over all pairs, for each feature k: with w_ij the derivative of something by the
     * kernel's entry times that entry, its derivative by log l_k.
     *
     * @param weights n × n, symmetric
     */
    double[] slopes(double[] x, double[] weights) {
        int d = features();
        int n = x.length / d;
        double[] scaled = scaled(x);
        double[][] parts = new double[PARTS][d];
        each(PARTS, (double) n * n * d).forEach(part -> {
            double[] own = parts[part];
            for (int i = part; i < n; i += PARTS) {
                for (int j = 0; j < i; j++) {
                    double weight = weights[i * n + j];
                    for (int k = 0; k < d; k++) {
                        double difference = scaled[i * d + k] - scaled[j * d + k];
                        own[k] += weight * difference * difference;
                    }
                }
            }
        });
        double[] slopes = new double[d];
        for (double[] part : parts) {
            for (int k = 0; k < d; k++) {
                slopes[k] += 2 * part[k];
            }
        }
        return slopes;
    }
}
