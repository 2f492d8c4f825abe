package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.ProgressListener;

/** The most probable weights by mini-batches: w = √λ μ, and Adam on μ, whose prior is standard normal. */
final class StochasticMap {
    private final Batches batches;
    private final double lambda;
    private final ClassificationSettings.Stochastic settings;
    private final long seed;
    private final ProgressListener progress;

    StochasticMap(
            Batches batches,
            double lambda,
            ClassificationSettings.Stochastic settings,
            long seed,
            ProgressListener progress) {
        this.batches = batches;
        this.lambda = lambda;
        this.settings = settings;
        this.seed = seed;
        this.progress = progress;
    }

    MapFit from(double[] start) {
        double scale = Math.sqrt(lambda);
        double[] mu = start.clone();
        for (int i = 0; i < mu.length; i++) {
            mu[i] /= scale;
        }
        int epochs = batches.epochs(settings.epochs());
        int total = epochs * batches.stepsPerEpoch();
        double rate = settings.learningRate()
                / Math.sqrt((double) batches.map().network().parameterCount());
        AdamSteps adam = new AdamSteps(mu.length);
        SplittableRandom random = new SplittableRandom(seed);
        List<Double> history = new ArrayList<>();
        int[] step = {0};
        for (int epoch = 0; epoch < epochs; epoch++) {
            double[] likelihood = {0};
            batches.epoch(random.split(), batch -> {
                double[] logits =
                        LogPosterior.sum(batch.prior(), scale, batches.map().product(batch.x(), mu));
                likelihood[0] += batch.targets().logLikelihood(logits);
                double[] gradient =
                        batches.map().transposed(batch.x(), batch.targets().residuals(logits));
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] = batch.factor() * scale * gradient[i] - mu[i];
                }
                adam.ascend(mu, gradient, rate * AdamSteps.cosine(step[0]++, total));
                progress.progress("MAP steps", step[0], total);
            });
            history.add(likelihood[0] - 0.5 * Vectors.dot(mu, mu));
        }
        return finished(mu, scale, history, epochs);
    }

    private MapFit finished(double[] mu, double scale, List<Double> history, int epochs) {
        double[] w = new double[mu.length];
        for (int i = 0; i < w.length; i++) {
            w[i] = scale * mu[i];
        }
        try (LinearizedExamples jacobian = batches.map().network().keeping(batches.x())) {
            MapFit fit = new LogPosterior(
                            new LogitJacobian(batches.map(), jacobian, progress),
                            batches.targets(),
                            batches.prior(),
                            lambda)
                    .at(w, history, epochs);
            requireGain(fit.objective(), batches.targets().logLikelihood(batches.prior()));
            return fit;
        }
    }

    /**
     * A walk can end a little below where it began, if there is next to nothing to gain; one that is below by as much
     * as guessing costs has diverged.
     */
    private void requireGain(double value, double atZero) {
        if (!(value >= atZero - batches.targets().guessing())) {
            throw new UnsolvedException(String.format(
                    Locale.ROOT,
                    "the search for the most probable weights by ADAM diverged: it ended at a log "
                            + "posterior of %.4g, and at w = 0 that is %.4g; "
                            + "expected more than there, so lower the learningRate %s, or set mapOptimizer to NEWTON",
                    value,
                    atZero,
                    settings.learningRate()));
        }
    }
}
