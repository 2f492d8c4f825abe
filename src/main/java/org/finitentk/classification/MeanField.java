package org.finitentk.classification;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * Mean-field variational inference by stochastic gradients of the evidence lower bound Σ ω E log p(y | f) − KL(q ‖
 * prior), the divergence being exact (Kingma and Welling 2014; Blundell et al. 2015). Deviations start where Laplace's
 * method has those of independent weights, from random vectors; λ, if learned, moves with the rest, the weights keeping
 * their place relative to the prior.
 */
final class MeanField {
    /** Random vectors from which deviations start. */
    private static final int PROBES = 4;
    /**
     * Rates relative to the learning rate: deviations are known to a factor from the start, and λ may have far to go.
     */
    private static final double RATIO_RATE = 0.1;

    private static final double LAMBDA_RATE = 0.5;
    /**
     * Epochs, at least, that are compared with as many before them, in the second half of the planned ones, to end
     * training early.
     */
    private static final int WINDOW = 3;
    /** And steps: averages of a few would hide in their noise that the bound still rises. */
    private static final int WINDOW_STEPS = 100;
    /** Steps, at least, whose estimates make the bound that is reported. */
    private static final int LATEST = 32;

    private final Batches batches;
    private final ClassificationSettings.Stochastic settings;
    private final BoundEstimator estimator;
    private final long seed;
    private final ProgressListener progress;

    MeanField(Batches batches, ClassificationSettings.Stochastic settings, long seed, ProgressListener progress) {
        this.batches = batches;
        this.settings = settings;
        this.estimator = settings.estimator() == GradientEstimator.LOCAL
                ? new LocallyReparameterized(batches.map(), settings.draws())
                : new Reparameterized(batches.map(), settings.draws());
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * What was found.
     *
     * @param state q
     * @param bound the average of the last steps' estimates of the evidence lower bound
     * @param error its standard error
     * @param history each epoch's average
     * @param epochs how many
     */
    record Fit(MeanFieldState state, double bound, double error, List<Double> history, int epochs) {
        Fit {
            history = List.copyOf(history);
        }
    }

    /** Average and squared standard error of an epoch's estimates. */
    private record Epoch(double mean, double variance) {}

    /** From the prior's mean on. */
    Fit fit(double lambda, ClassificationSettings.Prior choices) {
        double[] zeros = new double[batches.map().requireWeights("mean-field inference", 8 + 3L * settings.draws())];
        return fit(lambda, zeros, batches.prior(), choices.learned() ? choices.minimum() : null);
    }

    /** From the most probable weights on, at their λ. */
    Fit fit(double lambda, double[] weights, double[] logits) {
        return fit(lambda, weights, logits, null);
    }

    /**
     * From some weights on.
     *
     * @param lambda λ, or where learning it starts
     * @param weights the first mean
     * @param logits of the training examples there, n × C
     * @param least the least λ that is learned; null if none is
     */
    private Fit fit(double lambda, double[] weights, double[] logits, @Nullable Double least) {
        SplittableRandom random = new SplittableRandom(seed);
        MeanFieldState q = start(lambda, weights, logits, random.split());
        int planned = batches.epochs(settings.epochs());
        int window = Math.max(WINDOW, (WINDOW_STEPS + batches.stepsPerEpoch() - 1) / batches.stepsPerEpoch());
        Ascent ascent = new Ascent(q, least, planned * batches.stepsPerEpoch());
        List<Epoch> epochs = new ArrayList<>();
        Deque<Double> latest = new ArrayDeque<>();
        while (epochs.size() < planned && !(2 * epochs.size() >= planned && settled(epochs, window))) {
            SplittableRandom own = random.split();
            List<Double> bounds = new ArrayList<>();
            batches.epoch(own.split(), batch -> bounds.add(ascent.step(batch, own.split())));
            epochs.add(epoch(bounds));
            latest.addAll(bounds);
            while (latest.size() > Math.max(LATEST, bounds.size())) {
                latest.removeFirst();
            }
        }
        Epoch last = epoch(latest);
        return new Fit(
                q,
                last.mean(),
                Math.sqrt(last.variance()),
                epochs.stream().map(Epoch::mean).toList(),
                epochs.size());
    }

    private static Epoch epoch(Collection<Double> bounds) {
        double mean = bounds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double squares = bounds.stream()
                .mapToDouble(bound -> (bound - mean) * (bound - mean))
                .sum();
        return new Epoch(
                mean, bounds.size() < 2 ? Double.POSITIVE_INFINITY : squares / (bounds.size() - 1) / bounds.size());
    }

    /**
     * Whether the last epochs are no better than those before by more than their noise; an epoch of one step has no
     * noise to tell by.
     */
    private static boolean settled(List<Epoch> epochs, int window) {
        if (epochs.size() < 2 * window) {
            return false;
        }
        double gain = 0;
        double variance = 0;
        for (int i = 1; i <= window; i++) {
            Epoch late = epochs.get(epochs.size() - i);
            Epoch early = epochs.get(epochs.size() - i - window);
            gain += (late.mean() - early.mean()) / window;
            variance += (late.variance() + early.variance()) / window / window;
        }
        return Double.isFinite(variance) && gain <= Math.sqrt(variance);
    }

    /** μ = w / √λ and r² = 1/(1 + λ diag(JᵀHJ)), the diagonal estimated as the mean square of Jᵀ H^½ ξ. */
    private MeanFieldState start(double lambda, double[] weights, double[] logits, SplittableRandom random) {
        int length = weights.length;
        double[] means = batches.targets().means(logits);
        double[] diagonal = new double[length];
        for (int probe = 0; probe < PROBES; probe++) {
            double[] product = batches.map().transposed(batches.x(), labelNoise(means, random));
            for (int i = 0; i < length; i++) {
                diagonal[i] += product[i] * product[i] / PROBES;
            }
            progress.progress("curvature", probe + 1, PROBES);
        }
        double[] logRatio = new double[length];
        for (int i = 0; i < length; i++) {
            logRatio[i] = -0.5 * Math.log1p(lambda * diagonal[i]);
        }
        double[] mean = weights.clone();
        Vectors.scale(mean, 1 / Math.sqrt(lambda));
        return new MeanFieldState(mean, logRatio, new double[] {Math.log(lambda)});
    }

    /** √ω (t − ∇A) of labels that the logits draw, whose covariance is H: n × C. */
    private double[] labelNoise(double[] means, SplittableRandom random) {
        LabelTargets targets = batches.targets();
        double[] noise = new double[means.length];
        for (int from = 0; from < noise.length; from += targets.logits()) {
            targets.likelihood().draw(means, from, random, noise);
            double weight = Math.sqrt(targets.weights()[from / targets.logits()]);
            for (int row = from; row < from + targets.logits(); row++) {
                noise[row] = weight * (noise[row] - means[row]);
            }
        }
        return noise;
    }

    /** The optimizer's state. */
    private final class Ascent {
        private final MeanFieldState q;
        private final @Nullable Double least;
        private final int total;
        private final AdamSteps mean;
        private final AdamSteps ratio;
        private final AdamSteps lambda = new AdamSteps(1);
        private int step;

        Ascent(MeanFieldState q, @Nullable Double least, int total) {
            this.q = q;
            this.least = least;
            this.total = total;
            this.mean = new AdamSteps(q.mean().length);
            this.ratio = new AdamSteps(q.mean().length);
        }

        /** An estimate of the bound before the step. */
        double step(Batches.Batch batch, SplittableRandom random) {
            BoundGradient gradient = estimator.estimate(q, batch, random);
            double bound = gradient.likelihood() - q.divergence();
            if (!Double.isFinite(bound)) {
                throw new IllegalStateException("mean-field inference diverged at step " + (step + 1) + " of " + total
                        + ": the bound is " + bound + "; lower learningRate");
            }
            for (int i = 0; i < q.mean().length; i++) {
                gradient.mean()[i] -= q.mean()[i];
                gradient.logRatio()[i] -= Math.expm1(2 * q.logRatio()[i]);
            }
            double rate = settings.learningRate() * AdamSteps.cosine(step++, total);
            mean.ascend(
                    q.mean(),
                    gradient.mean(),
                    rate / Math.sqrt((double) batches.map().network().parameterCount()));
            ratio.ascend(q.logRatio(), gradient.logRatio(), RATIO_RATE * rate);
            if (least != null) {
                lambda.ascend(q.logLambda(), new double[] {gradient.logLambda()}, LAMBDA_RATE * rate);
                q.logLambda()[0] = Math.max(Math.log(least), q.logLambda()[0]);
            }
            progress.progress("mean-field steps", step, total);
            return bound;
        }
    }
}
