package org.finitentk.classification;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Probabilities of some classes: given that it is one of these, where an example has one class only, else as they are.
 *
 * @param likelihood of all classes
 * @param some ascending
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares these.
record GivenClasses(Likelihood likelihood, int[] some) {
    /** Divides shares of classes that exclude each other by their sum. */
    static double[] settled(Likelihood likelihood, double[] shares) {
        if (likelihood.areExclusive()) {
            normalize(shares, likelihood.classes());
        }
        return shares;
    }

    /**
     * Of the probabilities of all classes.
     *
     * @param all m × classes
     * @param logits the mean logits of an example, for one whose classes are too improbable for a number
     * @return m × so many
     */
    double[] of(double[] all, IntFunction<double[]> logits) {
        int classes = likelihood.classes();
        double[] chosen = new double[all.length / classes * some.length];
        for (int i = 0; i < all.length / classes; i++) {
            double sum = 0;
            for (int c = 0; c < some.length; c++) {
                chosen[i * some.length + c] = all[i * classes + some[c]];
                sum += chosen[i * some.length + c];
            }
            if (likelihood.areExclusive() && sum < Double.MIN_NORMAL) {
                double[] scores = likelihood.scores(logits.apply(i));
                double[] own = Arrays.stream(some).mapToDouble(c -> scores[c]).toArray();
                System.arraycopy(SoftmaxLikelihood.softmax(own, some.length), 0, chosen, i * some.length, some.length);
            }
        }
        if (likelihood.areExclusive()) {
            normalize(chosen, some.length);
        }
        return chosen;
    }

    private static void normalize(double[] probabilities, int classes) {
        for (int from = 0; from < probabilities.length; from += classes) {
            double sum = 0;
            for (int c = from; c < from + classes; c++) {
                sum += probabilities[c];
            }
            for (int c = from; c < from + classes; c++) {
                probabilities[c] /= sum;
            }
        }
    }
}
