package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The mean of the log likelihood and of its derivatives over draws of the logits. Examples are independent given their
 * logits, and go to several threads; every sum is taken in the order of the draws, so that the result does not depend
 * on how many.
 *
 * @param likelihoods Σ ω log p(y | f) of each draw, or their mean alone
 * @param residuals E ω (t − ∇A), n × C
 * @param hessians E ω ∇²A
 */
record ExpectedLikelihood(double[] likelihoods, double[] residuals, BlockDiagonal hessians) {
    static ExpectedLikelihood of(LabelTargets targets, ExampleDraws draws) {
        int n = targets.size();
        int c = targets.logits();
        double[] residuals = new double[n * c];
        BlockDiagonal hessians = BlockDiagonal.zeros(n, c);
        double[][] terms = new double[n][draws.count()];
        IntStream.range(0, n).parallel().forEach(i -> {
            double[][] logits = draws.logits(i);
            double[][] means = new double[draws.count()][c];
            double[] own = new double[c];
            double weight = targets.weights()[i];
            for (int s = 0; s < means.length; s++) {
                for (int row = 0; row < c; row++) {
                    own[row] = logits[row][s];
                }
                double normalizer = targets.likelihood().normalizer(own, 0, means[s], 0);
                terms[i][s] = weight * targets.logDensity(i, own, 0, normalizer);
                for (int row = 0; row < c; row++) {
                    residuals[i * c + row] +=
                            weight * (targets.statistics()[i * c + row] - means[s][row]) / means.length;
                }
            }
            targets.likelihood().addCurvatures(means, 1.0 / means.length * weight, hessians.values(), i * c * c);
        });
        double[] likelihoods = new double[draws.count()];
        for (double[] own : terms) {
            for (int s = 0; s < likelihoods.length; s++) {
                likelihoods[s] += own[s];
            }
        }
        return new ExpectedLikelihood(likelihoods, residuals, hessians);
    }

    /**
     * Of logits that are Gaussian, one covariance an example: of log odds exactly, else at points. Over a single logit,
     * points that are the same for all examples would err more than sums of its own.
     */
    static ExpectedLikelihood of(LabelTargets targets, double[] mean, BlockDiagonal covariance, LogitDraws points) {
        ExpectedLikelihood exact = exactly(targets, mean, covariance, points);
        return exact != null ? exact : of(targets, points.around(mean, covariance.root()));
    }

    /** The same to rounding, in less time where there are many classes. */
    static ExpectedLikelihood quickly(
            LabelTargets targets, double[] mean, BlockDiagonal covariance, LogitDraws points) {
        ExpectedLikelihood exact = exactly(targets, mean, covariance, points);
        return exact != null ? exact : ofMeans(targets, points.around(mean, covariance.root()));
    }

    /** Where the likelihood has integrals over single numbers only. */
    private static @Nullable ExpectedLikelihood exactly(
            LabelTargets targets, double[] mean, BlockDiagonal covariance, LogitDraws points) {
        if (targets.likelihood().areLogOdds()) {
            return ofLogOdds(targets, mean, covariance);
        }
        return targets.logits() == 2 && !points.asked() ? ofTwo(targets, mean, covariance) : null;
    }

    /** The softmax of two logits: the difference is the log odds of the second label. */
    private static ExpectedLikelihood ofTwo(LabelTargets targets, double[] mean, BlockDiagonal covariance) {
        int n = targets.size();
        double[] residuals = new double[2 * n];
        BlockDiagonal hessians = BlockDiagonal.zeros(n, 2);
        double[] terms = new double[n];
        double[] v = covariance.values();
        IntStream.range(0, n).parallel().forEach(i -> {
            double weight = targets.weights()[i];
            double second = targets.statistics()[2 * i + 1];
            double difference = mean[2 * i + 1] - mean[2 * i];
            LogisticExpectation own =
                    LogisticExpectation.of(difference, v[4 * i] + v[4 * i + 3] - v[4 * i + 1] - v[4 * i + 2]);
            terms[i] = weight * (second * difference - own.normalizer());
            residuals[2 * i + 1] = weight * (second - own.mean());
            residuals[2 * i] = -residuals[2 * i + 1];
            for (int at = 4 * i; at < 4 * i + 4; at++) {
                boolean diagonal = at == 4 * i || at == 4 * i + 3;
                hessians.values()[at] = (diagonal ? weight : -weight) * own.curvature();
            }
        });
        return new ExpectedLikelihood(new double[] {Arrays.stream(terms).sum()}, residuals, hessians);
    }

    /** Without the likelihood of each draw. */
    private static ExpectedLikelihood ofMeans(LabelTargets targets, ExampleDraws draws) {
        int n = targets.size();
        int c = targets.logits();
        double[] residuals = new double[n * c];
        BlockDiagonal hessians = BlockDiagonal.zeros(n, c);
        double[] terms = new double[n];
        IntStream.range(0, n).parallel().forEach(i -> {
            double[][] logits = draws.logits(i);
            double[][] means = new double[c][draws.count()];
            double weight = targets.weights()[i] / draws.count();
            double known = -Arrays.stream(targets.likelihood().normalizers(logits, means))
                    .sum();
            for (int row = 0; row < c; row++) {
                double t = targets.statistics()[i * c + row];
                known += t == 0 ? 0 : t * Arrays.stream(logits[row]).sum();
                residuals[i * c + row] =
                        weight * (t * draws.count() - Arrays.stream(means[row]).sum());
            }
            terms[i] = weight * known;
            targets.likelihood().addCurvaturesOfPoints(means, weight, hessians.values(), i * c * c);
        });
        return new ExpectedLikelihood(new double[] {Arrays.stream(terms).sum()}, residuals, hessians);
    }

    /** Of logits that are the log odds of labels, each Gaussian: by their means and variances alone. */
    private static ExpectedLikelihood ofLogOdds(LabelTargets targets, double[] mean, BlockDiagonal covariance) {
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
        return new ExpectedLikelihood(new double[] {Arrays.stream(terms).sum()}, residuals, hessians);
    }

    /** E Σ ω log p(y | f). */
    double value() {
        double value = 0;
        for (double likelihood : likelihoods) {
            value += likelihood / likelihoods.length;
        }
        return value;
    }
}
