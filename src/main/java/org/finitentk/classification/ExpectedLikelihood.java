package org.finitentk.classification;

import java.util.stream.IntStream;

/**
 * The mean of the log likelihood and of its derivatives over draws of the logits. Examples are independent given their
 * logits, and go to several threads; every sum is taken in the order of the draws, so that the result does not depend
 * on how many.
 *
 * @param value E Σ ω log p(y | f)
 * @param residuals E ω (y − p), n × C
 * @param hessians E ω (diag p − p pᵀ)
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares these.
record ExpectedLikelihood(double value, double[] residuals, BlockDiagonal hessians) {
    static ExpectedLikelihood of(SoftmaxTargets targets, double[][] draws) {
        int n = targets.size();
        int classes = targets.classes();
        double[] residuals = new double[n * classes];
        BlockDiagonal hessians = BlockDiagonal.zeros(n, classes);
        double[][] terms = new double[draws.length][n];
        IntStream.range(0, n).parallel().forEach(i -> {
            double[] p = new double[classes];
            for (int s = 0; s < draws.length; s++) {
                double normalizer = SoftmaxTargets.logSumExp(draws[s], i * classes, classes);
                terms[s][i] = targets.weights()[i] * (draws[s][i * classes + targets.labels()[i]] - normalizer);
                for (int c = 0; c < classes; c++) {
                    p[c] = Math.exp(draws[s][i * classes + c] - normalizer);
                }
                add(targets, i, p, draws.length, residuals, hessians.values());
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

    private static void add(
            SoftmaxTargets targets, int i, double[] p, int draws, double[] residuals, double[] hessians) {
        int classes = p.length;
        double weight = targets.weights()[i];
        double scale = 1.0 / draws * weight;
        for (int c = 0; c < classes; c++) {
            residuals[i * classes + c] += weight * ((c == targets.labels()[i] ? 1 : 0) - p[c]) / draws;
            double own = scale * p[c];
            int at = (i * classes + c) * classes;
            for (int d = 0; d < classes; d++) {
                hessians[at + d] -= own * p[d];
            }
            hessians[at + c] += own;
        }
    }
}
