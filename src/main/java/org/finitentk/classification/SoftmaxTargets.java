package org.finitentk.classification;

/**
 * The labels of n examples under a softmax likelihood: Σ_i ω_i log softmax(f_i)[y_i] of logits f, n × C, and its
 * derivatives. Nothing overflows, whatever the logits.
 *
 * @param labels class of each example
 * @param weights ω, one for each example
 * @param classes C
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares targets.
record SoftmaxTargets(int[] labels, double[] weights, int classes) {
    int size() {
        return labels.length;
    }

    /** Those of some examples. */
    SoftmaxTargets select(int[] positions) {
        int[] some = new int[positions.length];
        double[] own = new double[positions.length];
        for (int i = 0; i < some.length; i++) {
            some[i] = labels[positions[i]];
            own[i] = weights[positions[i]];
        }
        return new SoftmaxTargets(some, own, classes);
    }

    /** Σ ω log p(y | f). */
    double logLikelihood(double[] logits) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum += weights[i] * (logits[i * classes + labels[i]] - logSumExp(logits, i * classes, classes));
        }
        return sum;
    }

    /** The gradient by f: ω (y − p), n × C. */
    double[] residuals(double[] logits) {
        double[] residuals = probabilities(logits, classes);
        for (int i = 0; i < labels.length; i++) {
            for (int c = 0; c < classes; c++) {
                residuals[i * classes + c] = weights[i] * ((c == labels[i] ? 1 : 0) - residuals[i * classes + c]);
            }
        }
        return residuals;
    }

    /** Adds factor · ω (diag p − p pᵀ) of each example to its block. */
    void addHessians(double[] logits, double factor, BlockDiagonal blocks) {
        double[] p = probabilities(logits, classes);
        double[] values = blocks.values();
        for (int i = 0; i < labels.length; i++) {
            double scale = factor * weights[i];
            for (int c = 0; c < classes; c++) {
                double own = scale * p[i * classes + c];
                int at = (i * classes + c) * classes;
                for (int d = 0; d < classes; d++) {
                    values[at + d] -= own * p[i * classes + d];
                }
                values[at + c] += own;
            }
        }
    }

    /** ω (diag p − p pᵀ) v of each example, in place, from its probabilities. */
    void multiplyHessians(double[] probabilities, double[] v) {
        for (int i = 0; i < labels.length; i++) {
            int from = i * classes;
            double mean = 0;
            for (int c = from; c < from + classes; c++) {
                mean += probabilities[c] * v[c];
            }
            for (int c = from; c < from + classes; c++) {
                v[c] = weights[i] * probabilities[c] * (v[c] - mean);
            }
        }
    }

    /** softmax of each row. */
    static double[] probabilities(double[] logits, int classes) {
        double[] probabilities = new double[logits.length];
        for (int from = 0; from < logits.length; from += classes) {
            double normalizer = logSumExp(logits, from, classes);
            for (int c = from; c < from + classes; c++) {
                probabilities[c] = Math.exp(logits[c] - normalizer);
            }
        }
        return probabilities;
    }

    /** log Σ exp over values[from, from + classes). */
    static double logSumExp(double[] values, int from, int classes) {
        double max = Double.NEGATIVE_INFINITY;
        for (int c = from; c < from + classes; c++) {
            max = Math.max(max, values[c]);
        }
        double sum = 0;
        for (int c = from; c < from + classes; c++) {
            sum += Math.exp(values[c] - max);
        }
        return max + Math.log(sum);
    }
}
