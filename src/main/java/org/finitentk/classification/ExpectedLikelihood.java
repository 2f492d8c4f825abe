package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The mean of the log likelihood and of its derivatives over draws of the logits. Examples are independent given their
 * logits, and go to several threads; every sum is taken in the order of the draws, so that the result does not depend
 * on how many.
 *
 * @param value E Σ ω log p(y | f)
 * @param residuals E ω (t − ∇A), n × C
 * @param hessians E ω ∇²A
 */
record ExpectedLikelihood(double value, double[] residuals, BlockDiagonal hessians) {
    static ExpectedLikelihood of(LabelTargets targets, double[][] draws) {
        int n = targets.size();
        int c = targets.logits();
        double[] residuals = new double[n * c];
        BlockDiagonal hessians = BlockDiagonal.zeros(n, c);
        double[][] terms = new double[draws.length][n];
        IntStream.range(0, n).parallel().forEach(i -> {
            double[] mean = new double[c];
            for (int s = 0; s < draws.length; s++) {
                double normalizer = targets.likelihood().normalizer(draws[s], i * c, mean, 0);
                terms[s][i] = targets.weights()[i] * targets.logDensity(i, draws[s], normalizer);
                add(targets, i, mean, draws.length, residuals, hessians.values());
            }
        });
        double value = 0;
        for (double[] draw : terms) {
            double sum = 0;
            for (double term : draw) {
                sum += term;
            }
            value += sum / draws.length;
        }
        return new ExpectedLikelihood(value, residuals, hessians);
    }

    /** Of logits that are the log odds of labels, each Gaussian: by their means and variances alone. */
    static ExpectedLikelihood ofLogOdds(LabelTargets targets, double[] mean, BlockDiagonal covariance) {
        int n = targets.size();
        int c = targets.logits();
        double[] residuals = new double[n * c];
        BlockDiagonal hessians = BlockDiagonal.zeros(n, c);
        double[] terms = new double[n];
        IntStream.range(0, n).parallel().forEach(i -> {
            double weight = targets.weights()[i];
            for (int row = i * c; row < (i + 1) * c; row++) {
                int diagonal = row * c + row % c;
                LogisticExpectation own =
                        LogisticExpectation.of(mean[row], covariance.values()[diagonal]);
                terms[i] += weight * (targets.statistics()[row] * mean[row] - own.normalizer());
                residuals[row] = weight * (targets.statistics()[row] - own.mean());
                hessians.values()[diagonal] = weight * own.curvature();
            }
        });
        return new ExpectedLikelihood(Arrays.stream(terms).sum(), residuals, hessians);
    }

    private static void add(
            LabelTargets targets, int i, double[] mean, int draws, double[] residuals, double[] hessians) {
        int c = mean.length;
        double weight = targets.weights()[i];
        for (int row = i * c; row < (i + 1) * c; row++) {
            residuals[row] += weight * (targets.statistics()[row] - mean[row - i * c]) / draws;
        }
        targets.likelihood().addCurvature(mean, 0, 1.0 / draws * weight, hessians, i * c * c);
    }
}
