package org.finitentk.classification;

import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.jspecify.annotations.Nullable;

/**
 * Weights drawn from a posterior in opposite pairs ŵ ± d, which share a product J d; what is odd in d cancels, so that
 * few pairs are as good as many draws. Draws that all fit are kept for later predictions; safe for use from several
 * threads.
 */
final class OppositeDraws {
    private static final int AUTOMATIC_PAIRS = 128;
    /** Bytes of drawn weights that are kept for later predictions. */
    private static final long KEPT_BYTES = 1L << 29;
    /** Examples whose logits are drawn at once. */
    private static final int CHUNK = 4096;

    private final Likelihood likelihood;
    private final LogitMap map;
    private final WeightPosterior weights;
    private final int pairs;
    private final long seed;
    private double @Nullable [][] kept;

    /** So many draws that each has its opposite. */
    OppositeDraws(Likelihood likelihood, LogitMap map, WeightPosterior weights, int samples, long seed) {
        this.likelihood = likelihood;
        this.map = map;
        this.weights = weights;
        this.pairs = samples == ClassificationSettings.AUTOMATIC_SAMPLES ? AUTOMATIC_PAIRS : (samples + 1) / 2;
        this.seed = seed;
    }

    /**
     * Sums of class probabilities over all draws; where classes do not exclude each other, means.
     *
     * @param z m examples
     * @param mean their mean logits, m × C
     * @return m × labels
     */
    double[] probabilities(Examples z, double[] mean) {
        double[] sums = new double[Math.multiplyExact(z.size(), likelihood.classes())];
        int group = pairsTogether();
        for (int from = 0; from < pairs; from += group) {
            double[][] deviations = deviations(from, Math.min(pairs, from + group));
            for (int start = 0; start < z.size(); start += CHUNK) {
                int end = Math.min(z.size(), start + CHUNK);
                for (double[] product : map.products(z.slice(start, end), deviations)) {
                    addProbabilities(mean, product, 1, sums, start);
                    addProbabilities(mean, product, -1, sums, start);
                }
            }
        }
        if (!likelihood.areExclusive()) {
            Vectors.scale(sums, 0.5 / pairs);
        }
        return sums;
    }

    private void addProbabilities(double[] mean, double[] product, int sign, double[] sums, int first) {
        double[] logits = new double[product.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = mean[first * map.classes() + i] + sign * product[i];
        }
        double[] own = likelihood.probabilities(logits);
        for (int i = 0; i < own.length; i++) {
            sums[first * likelihood.classes() + i] += own[i];
        }
    }

    /** So many that they can be kept; fewer are drawn again for each prediction. */
    private int pairsTogether() {
        return (int) Math.max(1, Math.min(pairs, KEPT_BYTES / Double.BYTES / map.weightCount()));
    }

    private synchronized double[][] deviations(int from, int to) {
        map.requireWeights("drawing weights", 2L * (to - from));
        if (to - from < pairs) {
            return weights.deviations(map, from, to, seed);
        }
        double[][] known = kept;
        if (known == null) {
            known = weights.deviations(map, from, to, seed);
            kept = known;
        }
        return known;
    }
}
