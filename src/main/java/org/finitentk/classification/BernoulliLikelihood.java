package org.finitentk.classification;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One logit for two labels: the log odds of the second, the positive one, whose t is 1. The same as a softmax over the
 * logits 0 and f.
 */
record BernoulliLikelihood() implements Likelihood {
    static final String NAME = "BERNOULLI";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int logits() {
        return 1;
    }

    @Override
    public int classes() {
        return 2;
    }

    @Override
    public boolean areLogOdds() {
        return true;
    }

    @Override
    public void write(int label, double[] t, int at) {
        t[at] = label;
    }

    /** log(1 + exp f) and 1 / (1 + exp −f). */
    @Override
    public double normalizer(double[] f, int at, double[] mean, int to) {
        double small = Math.exp(-Math.abs(f[at]));
        mean[to] = (f[at] >= 0 ? 1 : small) / (1 + small);
        return Math.max(0, f[at]) + Math.log1p(small);
    }

    @Override
    public void addCurvature(double[] mean, int at, double factor, double[] block, int to) {
        block[to] += factor * mean[at] * (1 - mean[at]);
    }

    @Override
    public void multiplyCurvature(double[] mean, double[] v, int at, double factor) {
        v[at] *= factor * mean[at] * (1 - mean[at]);
    }

    @Override
    public void draw(double[] mean, int at, SplittableRandom random, double[] t) {
        t[at] = random.nextDouble() < mean[at] ? 1 : 0;
    }

    @Override
    public double[] atFrequencies(double[] sums, double total) {
        return new double[] {Math.log((sums[0] + 1) / (total - sums[0] + 1))};
    }

    /** Between 0 and 1, as logits of several examples hardly are. */
    @Override
    public boolean lookLikeProbabilities(double[] outputs) {
        return outputs.length > 1 && Arrays.stream(outputs).allMatch(value -> value >= 0 && value <= 1);
    }

    @Override
    public double[] scores(double[] logits) {
        double[] scores = new double[2 * logits.length];
        for (int i = 0; i < logits.length; i++) {
            scores[2 * i + 1] = logits[i];
        }
        return scores;
    }
}
