package org.finitentk.internal.tabular;

import java.util.Arrays;
import org.finitentk.internal.linalg.Cholesky;

/**
 * Targets by a linear map of a network's outputs, by least squares: what the outputs say of the targets, whatever units
 * they are in and whichever output is which target.
 */
final class LinearMap {
    /** Part of each output's square that keeps a singular system solvable, as that of probabilities is. */
    private static final double RIDGE = 1e-9;

    private final int k;
    private final int d;
    private final double[] centre;
    private final double[] offset;
    private final double[] slopes;

    private LinearMap(int k, int d, double[] centre, double[] offset, double[] slopes) {
        this.k = k;
        this.d = d;
        this.centre = centre;
        this.offset = offset;
        this.slopes = slopes;
    }

    /**
     * Fits.
     *
     * @param f outputs, n × k
     * @param k outputs of a row
     * @param y targets, n × d
     * @param d targets of a row
     * @param rising whether the slope may not be negative, for one output that is meant as the one target
     */
    static LinearMap fit(double[] f, int k, double[] y, int d, boolean rising) {
        double[] centre = means(f, k);
        double[] offset = means(y, d);
        double[] gram = new double[k * k];
        double[] slopes = new double[k * d];
        for (int row = 0; row < y.length / d; row++) {
            for (int i = 0; i < k; i++) {
                double deviation = f[row * k + i] - centre[i];
                for (int j = 0; j <= i; j++) {
                    gram[i * k + j] += deviation * (f[row * k + j] - centre[j]);
                }
                for (int c = 0; c < d; c++) {
                    slopes[i * d + c] += deviation * (y[row * d + c] - offset[c]);
                }
            }
        }
        for (int i = 0; i < k; i++) {
            // an output that is constant says nothing
            gram[i * k + i] = gram[i * k + i] == 0 ? 1 : gram[i * k + i] * (1 + RIDGE);
        }
        Cholesky.factor(gram, k).solveInPlace(slopes, d);
        if (rising) {
            slopes[0] = Math.max(0, slopes[0]);
        }
        return new LinearMap(k, d, centre, offset, slopes);
    }

    private static double[] means(double[] values, int columns) {
        double[] means = new double[columns];
        int n = values.length / columns;
        for (int i = 0; i < values.length; i++) {
            means[i % columns] += values[i] / n;
        }
        return means;
    }

    /** The squared error of each row. */
    double[] errors(double[] f, double[] y) {
        double[] errors = new double[y.length / d];
        for (int row = 0; row < errors.length; row++) {
            for (int c = 0; c < d; c++) {
                double residual = y[row * d + c] - offset[c];
                for (int i = 0; i < k; i++) {
                    residual -= slopes[i * d + c] * (f[row * k + i] - centre[i]);
                }
                errors[row] += residual * residual;
            }
        }
        return errors;
    }

    /** The part of the targets' variance that it explains: at most 1, and negative where a constant is better. */
    double explained(double[] f, double[] y) {
        double square = 0;
        for (int i = 0; i < y.length; i++) {
            double deviation = y[i] - offset[i % d];
            square += deviation * deviation;
        }
        return square == 0 ? 0 : 1 - Arrays.stream(errors(f, y)).sum() / square;
    }
}
