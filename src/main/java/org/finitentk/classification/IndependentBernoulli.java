package org.finitentk.classification;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Labels that an example has or has not, each for itself: logit c is the log odds of label c, whose t is 1 where the
 * example has it.
 *
 * @param classes C, the number of labels, each of which has a logit
 */
record IndependentBernoulli(int classes) implements Likelihood {
    static final String NAME = "INDEPENDENT_BERNOULLI";

    private static final BernoulliLikelihood ONE = new BernoulliLikelihood();

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int logits() {
        return classes;
    }

    @Override
    public boolean areLogOdds() {
        return true;
    }

    @Override
    public boolean areExclusive() {
        return false;
    }

    /** Of an example that has one label and no other. */
    @Override
    public void write(int label, double[] t, int at) {
        t[at + label] = 1;
    }

    @Override
    public double normalizer(double[] f, int at, double[] mean, int to) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += ONE.normalizer(f, at + c, mean, to + c);
        }
        return sum;
    }

    @Override
    public void addCurvature(double[] mean, int at, double factor, double[] block, int to) {
        for (int c = 0; c < classes; c++) {
            ONE.addCurvature(mean, at + c, factor, block, to + c * (classes + 1));
        }
    }

    @Override
    public void multiplyCurvature(double[] mean, double[] v, int at, double factor) {
        for (int c = at; c < at + classes; c++) {
            ONE.multiplyCurvature(mean, v, c, factor);
        }
    }

    @Override
    public void draw(double[] mean, int at, SplittableRandom random, double[] t) {
        for (int c = at; c < at + classes; c++) {
            ONE.draw(mean, c, random, t);
        }
    }

    @Override
    public double[] atFrequencies(double[] sums, double total) {
        return Arrays.stream(sums)
                .map(sum -> ONE.atFrequencies(new double[] {sum}, total)[0])
                .toArray();
    }

    @Override
    public boolean lookLikeProbabilities(double[] outputs) {
        return ONE.lookLikeProbabilities(outputs);
    }

    /** The log odds, by which labels of one example can be ordered. */
    @Override
    public double[] scores(double[] logits) {
        return logits;
    }

    @Override
    public double[] probabilities(double[] logits) {
        double[] probabilities = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            ONE.normalizer(logits, i, probabilities, i);
        }
        return probabilities;
    }
}
