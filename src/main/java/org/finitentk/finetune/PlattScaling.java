package org.finitentk.finetune;

import java.util.Arrays;

/**
 * Calibration of one logit by two numbers: the log odds are slope · f + offset, those that make given labels most
 * probable (Platt 1999, "Probabilistic Outputs for Support Vector Machines"). The labels are softened as if there were
 * one more example of each, as Platt has it, so that labels which a threshold parts have a finite slope; found by
 * Newton's method with halved steps (Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs").
 *
 * @param slope what the logit is multiplied by
 * @param offset what is then added
 */
record PlattScaling(double slope, double offset) {
    private static final int MOST_STEPS = 100;
    private static final double TOLERANCE = 1e-10;
    /** Added to the curvature, which logits that are all the same leave singular. */
    private static final double RIDGE = 1e-12;

    /**
     * Finds slope and offset.
     *
     * @param logits n
     * @param positive 1 for the label whose log odds the logit is, 0 for the other
     * @param weights what each example counts
     * @return the scaling
     * @throws IllegalArgumentException if the lengths differ
     */
    static PlattScaling fit(double[] logits, double[] positive, double[] weights) {
        if (logits.length != positive.length || logits.length != weights.length) {
            throw new IllegalArgumentException("there are " + logits.length + " logits, " + positive.length
                    + " labels and " + weights.length + " weights; expected as many of each");
        }
        // The largest logit becomes 1, so that slope and offset are of one size.
        double scale = Math.max(
                Double.MIN_NORMAL, Arrays.stream(logits).map(Math::abs).max().orElse(1));
        CrossEntropy loss = new CrossEntropy(
                Arrays.stream(logits).map(f -> f / scale).toArray(), softened(positive, weights), weights);
        double[] at = loss.start();
        for (int step = 0; step < MOST_STEPS; step++) {
            double[] next = loss.newton(at);
            boolean done = Math.hypot(next[0] - at[0], next[1] - at[1]) <= TOLERANCE * (1 + Math.hypot(at[0], at[1]));
            at = next;
            if (done) {
                break;
            }
        }
        return new PlattScaling(at[0] / scale, at[1]);
    }

    private static double[] softened(double[] positive, double[] weights) {
        double ones = 0;
        double zeros = 0;
        for (int i = 0; i < positive.length; i++) {
            ones += weights[i] * positive[i];
            zeros += weights[i] * (1 - positive[i]);
        }
        double high = (ones + 1) / (ones + 2);
        double low = 1 / (zeros + 2);
        return Arrays.stream(positive).map(y -> y * high + (1 - y) * low).toArray();
    }

    /** Cross-entropy of targets between 0 and 1, convex in slope and offset. */
    private record CrossEntropy(double[] logits, double[] targets, double[] weights) {
        /** No slope, and the offset that is then the best. */
        double[] start() {
            double sum = 0;
            double total = 0;
            for (int i = 0; i < targets.length; i++) {
                sum += weights[i] * targets[i];
                total += weights[i];
            }
            return new double[] {0, Math.log(sum / (total - sum))};
        }

        double at(double slope, double offset) {
            double sum = 0;
            for (int i = 0; i < logits.length; i++) {
                double z = slope * logits[i] + offset;
                // log(1 + e^z) − t z
                sum += weights[i] * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - targets[i] * z);
            }
            return sum;
        }

        /** One Newton step, halved until the loss falls; the same point if it does not. */
        double[] newton(double[] at) {
            double aa = RIDGE;
            double ab = 0;
            double bb = RIDGE;
            double a = 0;
            double b = 0;
            for (int i = 0; i < logits.length; i++) {
                double p = 1 / (1 + Math.exp(-(at[0] * logits[i] + at[1])));
                double curvature = weights[i] * p * (1 - p);
                double residual = weights[i] * (p - targets[i]);
                aa += curvature * logits[i] * logits[i];
                ab += curvature * logits[i];
                bb += curvature;
                a += residual * logits[i];
                b += residual;
            }
            double determinant = aa * bb - ab * ab;
            double slopeStep = (bb * a - ab * b) / determinant;
            double offsetStep = (aa * b - ab * a) / determinant;
            double before = at(at[0], at[1]);
            for (double part = 1; part > 1e-10; part /= 2) {
                double[] next = {at[0] - part * slopeStep, at[1] - part * offsetStep};
                if (at(next[0], next[1]) < before) {
                    return next;
                }
            }
            return at;
        }
    }
}
