package org.finitentk.classification;

/**
 * q(w) = N(√λ μ, λ diag r²), the mean and the standard deviations in units of the prior's.
 *
 * @param mean μ
 * @param logRatio log r
 * @param logLambda one element: log λ
 */
record MeanFieldState(double[] mean, double[] logRatio, double[] logLambda) {
    double scale() {
        return Math.exp(0.5 * logLambda[0]);
    }

    double[] ratios() {
        double[] ratios = new double[logRatio.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = Math.exp(logRatio[i]);
        }
        return ratios;
    }

    /** √λ (μ + r ∘ ε). */
    double[] weights(double[] noise) {
        double scale = scale();
        double[] weights = new double[mean.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = scale * (mean[i] + Math.exp(logRatio[i]) * noise[i]);
        }
        return weights;
    }

    /** KL(q ‖ prior) = ½ Σ (r² + μ² − 1 − 2 log r). */
    double divergence() {
        double sum = 0;
        for (int i = 0; i < mean.length; i++) {
            sum += Math.expm1(2 * logRatio[i]) + mean[i] * mean[i] - 2 * logRatio[i];
        }
        return 0.5 * sum;
    }
}
