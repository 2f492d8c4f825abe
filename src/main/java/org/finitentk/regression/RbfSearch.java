package org.finitentk.regression;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.logging.Logger;
import org.finitentk.internal.linalg.LimitedMemoryBfgs;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;

/**
 * Learns hyperparameters: the greatest marginal likelihood times the prior of the length scales, as a density of their
 * logarithms, so that a feature that says nothing has the prior's median. Both variances have a flat prior. The first
 * start is at the medians, the others are drawn.
 */
final class RbfSearch {
    private static final Logger LOG = Logger.getLogger(RbfSearch.class.getName());
    /** Nats for a change of e-fold: next to nothing. */
    private static final double TOLERANCE = 1e-3;
    /** A length scale stays within so many standard deviations of its prior. */
    private static final double PRIOR_WIDTH = 8;
    /** Noise of no less than this share of the targets' variance is looked for. */
    private static final double LEAST_NOISE = 1e-8;
    /** No more noise, and no signal beyond these multiples of it. */
    private static final double MOST_NOISE = 100;

    private static final double LEAST_SIGNAL = 1e-6;
    private static final double MOST_SIGNAL = 1e6;
    /** The first start. */
    private static final double USUAL_NOISE = 0.1;

    private static final double SMALL_NOISE = 1e-3;

    private final RbfLikelihood likelihood;
    private final RbfSettings settings;
    private final int features;
    private final double variance;

    /**
     * What was found.
     *
     * @param best hyperparameters
     * @param start which start led there, from 0
     * @param iterations steps from there
     */
    record Found(RbfHyperparameters best, int start, int iterations) {}

    RbfSearch(RbfLikelihood likelihood, RbfSettings settings) {
        this.likelihood = likelihood;
        this.settings = settings;
        this.features = likelihood.x().length / likelihood.targets().rows();
        double[] y = likelihood.targets().column(0);
        this.variance = Arrays.stream(y).map(v -> v * v).sum() / y.length;
    }

    /**
     * Searches.
     *
     * @param name of the dimension, for warnings
     * @param progress told of each point, the number of those before
     */
    Found run(String name, IntConsumer progress) {
        if (!(variance > 0)) {
            LOG.warning("the targets '" + name + "' are all equal, so there is nothing to learn from; signal and noise "
                    + "variance stay at 1");
            return new Found(start(0, new SplittableRandom(0), 1), 0, 0);
        }
        double least = Math.max(LEAST_NOISE, settings.minimumNoise() / variance);
        double[] lower = bounds(-1, LEAST_SIGNAL, least);
        double[] upper = bounds(1, MOST_SIGNAL, Math.max(MOST_NOISE, least));
        LimitedMemoryBfgs optimizer = new LimitedMemoryBfgs(lower, upper, TOLERANCE, settings.maxIterations());
        SplittableRandom random = new SplittableRandom(settings.seed());
        int[] points = new int[1];
        LimitedMemoryBfgs.Objective objective = logs -> {
            progress.accept(points[0]++);
            return at(logs);
        };
        LimitedMemoryBfgs.Minimum best = null;
        int from = 0;
        for (int s = 0; s < settings.starts(); s++) {
            LimitedMemoryBfgs.Minimum found = optimizer.minimize(objective, logs(start(s, random, variance)));
            if (best == null || found.point().value() < best.point().value()) {
                best = found;
                from = s;
            }
        }
        if (best == null || !Double.isFinite(best.point().value())) {
            throw new IllegalArgumentException("no start of the search for the hyperparameters of '" + name
                    + "' has a likelihood that is finite; look for extreme features or targets");
        }
        warn(name, best, lower);
        return new Found(RbfHyperparameters.ofLogs(best.point().x(), features), from, best.iterations());
    }

    private void warn(String name, LimitedMemoryBfgs.Minimum best, double[] lower) {
        if (best.iterations() == settings.maxIterations() && !best.converged()) {
            LOG.warning("the search for the hyperparameters of '" + name + "' ended after " + settings.maxIterations()
                    + " iterations, the most that maxIterations allows, before it had converged; raise it");
        }
        int noise = lower.length - 1;
        boolean asked = settings.minimumNoise() >= LEAST_NOISE * variance;
        if (!asked && best.point().x()[noise] <= lower[noise]) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "the targets '%s' have next to no noise: its variance, %.3g, is %.2g of theirs, the least that is "
                            + "looked for",
                    name,
                    Math.exp(lower[noise]),
                    LEAST_NOISE));
        }
    }

    private int scales() {
        return settings.lengthScales() == RbfLengthScales.SHARED ? 1 : features;
    }

    private double[] bounds(int side, double signal, double noise) {
        double[] bounds = new double[scales() + 2];
        Arrays.fill(bounds, Math.log(settings.median()) + side * PRIOR_WIDTH * settings.spread());
        bounds[bounds.length - 2] = Math.log(signal * variance);
        bounds[bounds.length - 1] = Math.log(noise * variance);
        return bounds;
    }

    private RbfHyperparameters start(int s, SplittableRandom random, double scale) {
        double[] logs = new double[scales() + 2];
        int last = logs.length - 1;
        for (int k = 0; k < last - 1; k++) {
            logs[k] = Math.log(settings.median()) + (s == 0 ? 0 : settings.spread() * random.nextGaussian());
        }
        double share = s == 0 ? USUAL_NOISE : Math.exp(Math.log(SMALL_NOISE) * random.nextDouble());
        logs[last - 1] = Math.log(scale) + (s == 0 ? 0 : random.nextGaussian());
        logs[last] = Math.log(scale * (variance > 0 ? share : 1));
        return RbfHyperparameters.ofLogs(logs, features);
    }

    private double[] logs(RbfHyperparameters of) {
        double[] logs = new double[scales() + 2];
        Arrays.setAll(logs, k -> k < scales() ? Math.log(of.lengthScales()[k]) : 0);
        logs[logs.length - 2] = Math.log(of.signal());
        logs[logs.length - 1] = Math.log(of.noise());
        return logs;
    }

    /** What is minimized: minus the logarithm of likelihood and prior. */
    LimitedMemoryBfgs.Point at(double[] logs) {
        double[] gradient = new double[logs.length];
        int scales = scales();
        RbfLikelihood.Slope slope;
        try {
            slope = likelihood.at(RbfHyperparameters.ofLogs(logs, features));
        } catch (NotPositiveDefiniteException e) {
            return new LimitedMemoryBfgs.Point(logs, Double.NaN, gradient);
        }
        double value = -slope.value();
        for (int k = 0; k < features; k++) {
            gradient[scales == 1 ? 0 : k] -= slope.byLengthScales()[k];
        }
        for (int k = 0; k < scales; k++) {
            double z = (logs[k] - Math.log(settings.median())) / settings.spread();
            value += 0.5 * z * z;
            gradient[k] += z / settings.spread();
        }
        gradient[scales] = -slope.bySignal();
        gradient[scales + 1] = -slope.byNoise();
        return new LimitedMemoryBfgs.Point(logs, value, gradient);
    }
}
