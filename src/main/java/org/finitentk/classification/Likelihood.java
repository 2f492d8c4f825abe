package org.finitentk.classification;

import java.util.SplittableRandom;

/**
 * What an example's C logits f say of its label: log p(y | f) = tᵀf − A(f), where t are C numbers that stand for the
 * label. The gradient by f is then t − ∇A(f), and the Hessian −∇²A(f), whatever the label: ∇A is the mean of t, and ∇²A
 * its covariance. Arrays hold many examples, one after the other; "at" is where an example's numbers begin. Nothing
 * overflows, whatever the logits. Immutable.
 */
sealed interface Likelihood permits SoftmaxLikelihood, BernoulliLikelihood, IndependentBernoulli {
    /** The name that is recorded and stored. */
    String name();

    /** C, how many logits an example has. */
    int logits();

    /** How many labels there are. */
    int classes();

    /** Whether each logit is the log odds of something, whatever the others are. */
    default boolean areLogOdds() {
        return false;
    }

    /** Whether an example has just one of the labels, so that their probabilities sum to 1. */
    default boolean areExclusive() {
        return true;
    }

    /** Writes t of a label. */
    void write(int label, double[] t, int at);

    /** A(f); writes ∇A(f). */
    double normalizer(double[] f, int at, double[] mean, int to);

    /** Adds factor · ∇²A to a C × C block, given ∇A. */
    void addCurvature(double[] mean, int at, double factor, double[] block, int to);

    /** The same for each of several ∇A, one after the other. */
    default void addCurvatures(double[][] means, double factor, double[] block, int to) {
        for (double[] mean : means) {
            addCurvature(mean, 0, factor, block, to);
        }
    }

    /**
     * A(f) at many points; writes ∇A of each.
     *
     * @param f C rows of points
     * @param means likewise
     */
    default double[] normalizers(double[][] f, double[][] means) {
        double[] normalizers = new double[f[0].length];
        double[] own = new double[logits()];
        double[] mean = new double[logits()];
        for (int s = 0; s < normalizers.length; s++) {
            for (int c = 0; c < own.length; c++) {
                own[c] = f[c][s];
            }
            normalizers[s] = normalizer(own, 0, mean, 0);
            for (int c = 0; c < own.length; c++) {
                means[c][s] = mean[c];
            }
        }
        return normalizers;
    }

    /** Adds factor · Σ ∇²A over points to a C × C block, given ∇A in C rows of points. */
    default void addCurvaturesOfPoints(double[][] means, double factor, double[] block, int to) {
        double[] mean = new double[logits()];
        for (int s = 0; s < means[0].length; s++) {
            for (int c = 0; c < mean.length; c++) {
                mean[c] = means[c][s];
            }
            addCurvature(mean, 0, factor, block, to);
        }
    }

    /** Replaces v by factor · ∇²A v, given ∇A at the same place. */
    void multiplyCurvature(double[] mean, double[] v, int at, double factor);

    /** Writes t of a label that is drawn, given ∇A at the same place. */
    void draw(double[] mean, int at, SplittableRandom random, double[] t);

    /** Logits of labels as frequent as those that t add up to, each counted once more than it occurs. */
    double[] atFrequencies(double[] sums, double total);

    /** Whether numbers, n × C, look like probabilities where logits are expected. */
    boolean lookLikeProbabilities(double[] outputs);

    /** Log probabilities of the labels up to a constant for each example: n × labels, of n × C logits. */
    double[] scores(double[] logits);

    /** Probabilities of the labels: n × labels, of n × C logits. */
    default double[] probabilities(double[] logits) {
        return SoftmaxLikelihood.softmax(scores(logits), classes());
    }
}
