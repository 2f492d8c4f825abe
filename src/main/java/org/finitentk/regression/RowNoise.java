package org.finitentk.regression;

import org.jspecify.annotations.Nullable;

/**
 * The noise vector of a Gaussian likelihood: a row of weight w has noise of variance σ²/w. Scaled rows have plain
 * noise: with S = diag(√w), S(λK + σ²S⁻²)S = λSKS + σ²I.
 *
 * @param scales √w of each row; empty for ones
 */
record RowNoise(double[] scales) {
    static final RowNoise EQUAL = new RowNoise(new double[0]);

    /** Of weights of examples, each of some rows; null for ones. */
    static RowNoise of(double @Nullable [] weights, int rowsPerExample) {
        if (weights == null) {
            return EQUAL;
        }
        double[] scales = new double[Math.multiplyExact(weights.length, rowsPerExample)];
        for (int row = 0; row < scales.length; row++) {
            scales[row] = Math.sqrt(weights[row / rowsPerExample]);
        }
        return new RowNoise(scales);
    }

    boolean isEqual() {
        return scales.length == 0;
    }

    double scale(int row) {
        return isEqual() ? 1 : scales[row];
    }

    /** log |S|: the density of the scaled targets times |S| is that of the targets. */
    double logScales() {
        double sum = 0;
        for (double scale : scales) {
            sum += Math.log(scale);
        }
        return sum;
    }

    /** S X, or X itself where S is I. */
    double[] scaled(double[] x, int columns) {
        if (isEqual()) {
            return x;
        }
        double[] scaled = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            scaled[i] = scales[i / columns] * x[i];
        }
        return scaled;
    }

    /** S X in place. */
    void scaleInPlace(double[] x, int columns) {
        for (int row = 0; row < scales.length; row++) {
            for (int j = 0; j < columns; j++) {
                x[row * columns + j] *= scales[row];
            }
        }
    }

    /** S K S in place. */
    void scaleBoth(double[] matrix) {
        int rows = scales.length;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                matrix[i * rows + j] *= scales[i] * scales[j];
            }
        }
    }
}
