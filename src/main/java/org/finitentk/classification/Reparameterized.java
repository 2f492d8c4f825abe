package org.finitentk.classification;

import java.util.SplittableRandom;
import org.finitentk.internal.linalg.Vectors;

/**
 * By weights w = √λ (μ + r ∘ ε) with ε ~ N(0, I), in opposite pairs if their number is even: all draws of a step go
 * through the network together.
 */
final class Reparameterized implements BoundEstimator {
    private final LogitMap map;
    private final int draws;

    Reparameterized(LogitMap map, int draws) {
        this.map = map;
        this.draws = draws;
    }

    @Override
    public BoundGradient estimate(MeanFieldState q, Batches.Batch batch, SplittableRandom random) {
        double[][] noises = noises(q.mean().length, random);
        double[][] products = new double[draws][];
        for (int s = 0; s < draws; s++) {
            products[s] = q.weights(noises[s]);
        }
        products = map.products(batch.x(), products);
        double[][] residuals = new double[draws][];
        double likelihood = 0;
        double byLambda = 0;
        double factor = batch.factor() / draws;
        for (int s = 0; s < draws; s++) {
            double[] logits = LogPosterior.sum(batch.prior(), 1, products[s]);
            likelihood += factor * batch.targets().logLikelihood(logits);
            residuals[s] = batch.targets().residuals(logits);
            byLambda += 0.5 * factor * Vectors.dot(residuals[s], products[s]);
        }
        double[][] gradients = map.transposed(batch.x(), residuals);
        return gradient(q, noises, gradients, factor, likelihood, byLambda);
    }

    private BoundGradient gradient(
            MeanFieldState q,
            double[][] noises,
            double[][] gradients,
            double factor,
            double likelihood,
            double byLambda) {
        double scale = factor * q.scale();
        double[] byMean = new double[q.mean().length];
        double[] byRatio = new double[byMean.length];
        for (int i = 0; i < byMean.length; i++) {
            double ratio = Math.exp(q.logRatio()[i]);
            for (int s = 0; s < draws; s++) {
                double own = scale * gradients[s][i];
                byMean[i] += own;
                byRatio[i] += own * ratio * noises[s][i];
            }
        }
        return new BoundGradient(likelihood, byMean, byRatio, byLambda);
    }

    private double[][] noises(int length, SplittableRandom random) {
        double[][] noises = new double[draws][];
        for (int s = 0; s < draws; s++) {
            if (draws % 2 == 0 && s % 2 == 1) {
                noises[s] = new double[length];
                for (int i = 0; i < length; i++) {
                    noises[s][i] = -noises[s - 1][i];
                }
            } else {
                noises[s] = RandomWeights.gaussian(length, random);
            }
        }
        return noises;
    }
}
