package org.finitentk.classification;

import org.finitentk.internal.util.Settings;

/**
 * The choices of optimization by mini-batches.
 *
 * @param epochs the most passes over the training data, or {@link #AUTOMATIC} for as many as make 1000 steps, between
 *     10 and 1000 epochs
 * @param batchSize examples in a step
 * @param learningRate size of the first step relative to the prior: with 1, a step may move a logit by about its prior
 *     standard deviation; falls by a half cosine
 * @param draws weights drawn in a step, in opposite pairs if even; under LOCAL logits of each example, always in pairs
 * @param estimator of the gradients of the evidence lower bound
 * @param meanField whether MEAN_FIELD takes mini-batches at all
 */
public record StochasticSettings(
        int epochs,
        int batchSize,
        double learningRate,
        int draws,
        GradientEstimator estimator,
        MeanFieldOptimizer meanField) {
    /** As a number of epochs: enough for 1000 steps. */
    public static final int AUTOMATIC = 0;

    /** Automatic epochs of 128 examples, rate 0.1, two draws, reparameterized; MEAN_FIELD by its size. */
    public static final StochasticSettings DEFAULT =
            new StochasticSettings(AUTOMATIC, 128, 0.1, 2, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.AUTO);

    /**
     * Checks the ranges.
     *
     * @param epochs at least 0
     * @param batchSize at least 1
     * @param learningRate positive and finite
     * @param draws at least 1
     * @param estimator of the gradients of the evidence lower bound
     * @param meanField whether MEAN_FIELD takes mini-batches at all
     * @throws IllegalArgumentException if a number is out of range
     */
    public StochasticSettings {
        Settings.requireAtLeast("epochs", epochs, AUTOMATIC);
        Settings.requireAtLeast("batchSize", batchSize, 1);
        Settings.requireAtLeast("draws", draws, 1);
        Settings.requirePositive("learningRate", learningRate);
    }

    /**
     * Mini-batches for MEAN_FIELD, too.
     *
     * @param epochs at least 0
     * @param batchSize at least 1
     * @param learningRate positive and finite
     * @param draws at least 1
     * @param estimator of the gradients of the evidence lower bound
     * @throws IllegalArgumentException if a number is out of range
     */
    public StochasticSettings(int epochs, int batchSize, double learningRate, int draws, GradientEstimator estimator) {
        this(epochs, batchSize, learningRate, draws, estimator, MeanFieldOptimizer.ADAM);
    }

    /**
     * The same for MEAN_FIELD by another way.
     *
     * @param other whether MEAN_FIELD takes mini-batches at all
     * @return new settings
     */
    public StochasticSettings with(MeanFieldOptimizer other) {
        return new StochasticSettings(epochs, batchSize, learningRate, draws, estimator, other);
    }
}
