package org.finitentk.finetune;

/**
 * Calibration by one number: logits are divided by the temperature T that makes given labels most probable (Guo et al.
 * 2017, "On Calibration of Modern Neural Networks"). The log-likelihood is concave in 1/T, so that there is one best T.
 *
 * @param temperature T, between 1/1000 and 1000: labels that are all right, or worse than chance, would have it 0 or
 *     infinite
 */
record TemperatureScaling(double temperature) {
    private static final double LIMIT = 1000;
    private static final int BISECTIONS = 200;

    /**
     * Checks the range.
     *
     * @param temperature positive and finite
     * @throws IllegalArgumentException if it is not
     */
    TemperatureScaling {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "the temperature is " + temperature + "; expected a positive finite number");
        }
    }

    /**
     * Finds the temperature.
     *
     * @param logits n × C
     * @param labels the class of each example, 0 to C − 1
     * @param weights what each example counts
     * @param classes C, at least 1
     * @return the scaling
     * @throws IllegalArgumentException if the arrays do not fit each other, or a label is out of range
     */
    static TemperatureScaling fit(double[] logits, int[] labels, double[] weights, int classes) {
        if (labels.length == 0 || logits.length != (long) labels.length * classes) {
            throw new IllegalArgumentException("there are " + logits.length + " logits and " + labels.length
                    + " labels; expected " + classes + " logits for each of at least one label");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "label " + i + " is " + labels[i] + "; expected 0 to " + (classes - 1));
            }
        }
        double low = -Math.log(LIMIT);
        double high = Math.log(LIMIT);
        for (int i = 0; i < BISECTIONS && high - low > 1e-12; i++) {
            double middle = 0.5 * (low + high);
            if (slope(logits, labels, weights, Math.exp(middle)) > 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return new TemperatureScaling(Math.exp(-0.5 * (low + high)));
    }

    /** The derivative of the log-likelihood by the inverse temperature: Σ (f_y − Σ p f), which falls. */
    private static double slope(double[] logits, int[] labels, double[] weights, double inverse) {
        int classes = logits.length / labels.length;
        double slope = 0;
        double[] row = new double[classes];
        for (int i = 0; i < labels.length; i++) {
            System.arraycopy(logits, i * classes, row, 0, classes);
            double[] probabilities = softmax(row, inverse);
            double residual = row[labels[i]];
            for (int c = 0; c < classes; c++) {
                residual -= probabilities[c] * row[c];
            }
            slope += weights[i] * residual;
        }
        return slope;
    }

    private static double[] softmax(double[] logits, double inverse) {
        double max = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            max = Math.max(max, logit * inverse);
        }
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] = Math.exp(logits[c] * inverse - max);
            sum += probabilities[c];
        }
        for (int c = 0; c < logits.length; c++) {
            probabilities[c] /= sum;
        }
        return probabilities;
    }

    /**
     * The softmax of logits over T.
     *
     * @param logits n × C
     * @param classes C
     * @return n × C probabilities
     */
    double[] probabilities(double[] logits, int classes) {
        double[] all = new double[logits.length];
        double[] row = new double[classes];
        for (int from = 0; from < logits.length; from += classes) {
            System.arraycopy(logits, from, row, 0, classes);
            System.arraycopy(softmax(row, 1 / temperature), 0, all, from, classes);
        }
        return all;
    }
}
