package org.finitentk.classification;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The labels of n examples under a likelihood: Σ_i ω_i log p(y_i | f_i) of logits f, n × C, and its derivatives.
 *
 * @param likelihood of one example
 * @param statistics t of each example's label, n × C
 * @param weights ω, one for each example
 */
record LabelTargets(Likelihood likelihood, double[] statistics, double[] weights) {
    /** Of labels from 0 on. */
    static LabelTargets of(Likelihood likelihood, int[] labels, double[] weights) {
        double[] statistics = new double[Math.multiplyExact(labels.length, likelihood.logits())];
        for (int i = 0; i < labels.length; i++) {
            likelihood.write(labels[i], statistics, i * likelihood.logits());
        }
        return new LabelTargets(likelihood, statistics, weights);
    }

    /** The same, of labels that somebody gave for so many examples. */
    static LabelTargets ofGiven(Likelihood likelihood, int[] labels, int examples, double[] weights) {
        if (labels.length != examples || labels.length == 0) {
            throw new IllegalArgumentException("there are " + examples + " examples and " + labels.length
                    + " labels; expected as many of each, and at least one");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= likelihood.classes()) {
                throw new IllegalArgumentException("the label of training example " + i + " is " + labels[i]
                        + "; expected 0 to " + (likelihood.classes() - 1));
            }
        }
        return of(likelihood, labels, weights);
    }

    /** Of labels that an example has or has not, given for so many examples. */
    static LabelTargets ofGiven(boolean[][] labels, int examples, double[] weights) {
        int count = labels.length == 0 ? 0 : labels[0].length;
        if (labels.length != examples || count == 0) {
            throw new IllegalArgumentException("there are " + examples + " examples and " + labels.length + " rows of "
                    + count + " labels; expected as many rows as examples, and at least one label");
        }
        double[] memberships = new double[Math.multiplyExact(labels.length, count)];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i].length != count) {
                throw new IllegalArgumentException("training example " + i + " has " + labels[i].length
                        + " labels to be or not, and example 0 has " + count + "; expected as many");
            }
            for (int c = 0; c < count; c++) {
                memberships[i * count + c] = labels[i][c] ? 1 : 0;
            }
        }
        return ofMany(count, memberships, weights);
    }

    /** A copy of what was given, or ones. */
    static double[] weights(double @Nullable [] given, int n) {
        if (given != null) {
            return given.clone();
        }
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Of labels that an example has or has not: n × C, 1 or 0. */
    static LabelTargets ofMany(int labels, double[] memberships, double[] weights) {
        return new LabelTargets(new IndependentBernoulli(labels), memberships, weights);
    }

    int size() {
        return weights.length;
    }

    /** C. */
    int logits() {
        return likelihood.logits();
    }

    /** Those of some examples. */
    LabelTargets select(int[] positions) {
        int c = logits();
        double[] some = new double[positions.length * c];
        double[] own = new double[positions.length];
        for (int i = 0; i < positions.length; i++) {
            System.arraycopy(statistics, positions[i] * c, some, i * c, c);
            own[i] = weights[positions[i]];
        }
        return new LabelTargets(likelihood, some, own);
    }

    /** Σ ω log p(y | f). */
    double logLikelihood(double[] logits) {
        int c = logits();
        double[] mean = new double[c];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * logDensity(i, logits, i * c, likelihood.normalizer(logits, i * c, mean, 0));
        }
        return sum;
    }

    /** log p of one example's label, given its logits from some place on and A of them. */
    double logDensity(int i, double[] logits, int at, double normalizer) {
        double known = 0;
        for (int c = 0; c < logits(); c++) {
            // a logit that is infinite counts where the label is only
            double t = statistics[i * logits() + c];
            known += t == 0 ? 0 : t * logits[at + c];
        }
        return known - normalizer;
    }

    /** ∇A of each example. */
    double[] means(double[] logits) {
        double[] means = new double[logits.length];
        for (int from = 0; from < logits.length; from += logits()) {
            likelihood.normalizer(logits, from, means, from);
        }
        return means;
    }

    /** The gradient by f: ω (t − ∇A), n × C. */
    double[] residuals(double[] logits) {
        double[] residuals = means(logits);
        for (int row = 0; row < residuals.length; row++) {
            residuals[row] = weights[row / logits()] * (statistics[row] - residuals[row]);
        }
        return residuals;
    }

    /** Adds factor · ω ∇²A of each example to its block. */
    void addHessians(double[] logits, double factor, BlockDiagonal blocks) {
        double[] means = means(logits);
        int c = logits();
        for (int i = 0; i < weights.length; i++) {
            likelihood.addCurvature(means, i * c, factor * weights[i], blocks.values(), i * c * c);
        }
    }

    /** ω ∇²A v of each example, in place, from its means. */
    void multiplyHessians(double[] means, double[] v) {
        for (int i = 0; i < weights.length; i++) {
            likelihood.multiplyCurvature(means, v, i * logits(), weights[i]);
        }
    }

    /** Logits of labels as frequent as these. */
    double[] frequencies() {
        double[] sums = new double[logits()];
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int c = 0; c < sums.length; c++) {
                sums[c] += weights[i] * statistics[i * sums.length + c];
            }
            total += weights[i];
        }
        return likelihood.atFrequencies(sums, total);
    }

    /** What guessing costs: −Σ ω log p where all logits are 0. */
    double guessing() {
        double[] zeros = new double[logits()];
        return Arrays.stream(weights).sum() * likelihood.normalizer(zeros, 0, zeros.clone(), 0);
    }
}
