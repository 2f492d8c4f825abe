package org.finitentk.regression;

import java.util.Arrays;

/**
 * What the marginal likelihood of one dimension depends on.
 *
 * @param lengthScales one for each standardized feature
 * @param signal the prior variance of the function
 * @param noise the variance of an observation's noise
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares hyperparameters.
record RbfHyperparameters(double[] lengthScales, double signal, double noise) {
    /** From logarithms: of one length scale, or of all, then of both variances. */
    static RbfHyperparameters ofLogs(double[] logs, int features) {
        int scales = logs.length - 2;
        double[] lengthScales = new double[features];
        Arrays.setAll(lengthScales, k -> Math.exp(logs[scales == 1 ? 0 : k]));
        return new RbfHyperparameters(lengthScales, Math.exp(logs[scales]), Math.exp(logs[scales + 1]));
    }
}
