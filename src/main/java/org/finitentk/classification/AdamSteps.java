package org.finitentk.classification;

/** Ascent by Adam (Kingma and Ba 2015) on one group of parameters that share a rate. */
final class AdamSteps {
    private static final double MEAN_DECAY = 0.9;
    private static final double SQUARE_DECAY = 0.999;
    private static final double EPSILON = 1e-12;

    private final double[] mean;
    private final double[] square;
    private int steps;

    AdamSteps(int length) {
        mean = new double[length];
        square = new double[length];
    }

    /** Moves values along a gradient, each by about the rate. */
    void ascend(double[] values, double[] gradient, double rate) {
        steps++;
        double meanCorrection = 1 / (1 - Math.pow(MEAN_DECAY, steps));
        double squareCorrection = 1 / (1 - Math.pow(SQUARE_DECAY, steps));
        for (int i = 0; i < values.length; i++) {
            mean[i] += (1 - MEAN_DECAY) * (gradient[i] - mean[i]);
            square[i] += (1 - SQUARE_DECAY) * (gradient[i] * gradient[i] - square[i]);
            values[i] += rate * mean[i] * meanCorrection / (Math.sqrt(square[i] * squareCorrection) + EPSILON);
        }
    }

    /** Half a cosine from 1 to 0. */
    static double cosine(int step, int total) {
        return 0.5 * (1 + Math.cos(Math.PI * step / total));
    }
}
