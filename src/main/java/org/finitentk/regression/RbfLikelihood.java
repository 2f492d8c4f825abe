package org.finitentk.regression;

import org.finitentk.internal.linalg.Cholesky;

/**
 * The logarithm of the marginal likelihood of one dimension's targets as a function of the hyperparameters. The
 * constant mean is the best one at each point, so by the envelope theorem the gradient is that at a fixed mean: ½
 * tr((ααᵀ - K⁻¹) ∂K) (Rasmussen and Williams, equation 5.9).
 *
 * @param x n × d standardized features
 * @param noise the rows' scales
 * @param targets one column, rows scaled
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares likelihoods.
record RbfLikelihood(double[] x, RowNoise noise, Targets targets) {
    /**
     * At one point.
     *
     * @param value logarithm of the likelihood
     * @param byLengthScales derivatives by the logarithms of the length scales
     * @param bySignal derivative by the logarithm of the signal variance
     * @param byNoise derivative by the logarithm of the noise variance
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares points.
    record Slope(double value, double[] byLengthScales, double bySignal, double byNoise) {}

    /**
     * Looks at one point.
     *
     * @throws org.finitentk.internal.linalg.NotPositiveDefiniteException if the kernel matrix is singular but for
     *     rounding
     */
    Slope at(RbfHyperparameters at) {
        int n = targets.rows();
        RbfKernel kernel = new RbfKernel(at.lengthScales());
        double[] signal = kernel.gram(x);
        noise.scaleBoth(signal);
        for (int i = 0; i < signal.length; i++) {
            signal[i] *= at.signal();
        }
        double[] covariance = signal.clone();
        for (int i = 0; i < n; i++) {
            covariance[i * n + i] += at.noise();
        }
        Cholesky factor = Cholesky.factor(covariance, n);
        CholeskyProcess process =
                CholeskyProcess.fit(new DenseFactorization(factor, 0), targets, at.signal(), at.noise());
        GaussianProcess.Column column = process.columns().get(0);
        double[] alpha = process.solve(targets.residuals(0, column.coefficients()), 0);
        double[] inverse = factor.inverseBlocks(n);
        double trace = 0;
        for (int i = 0; i < n; i++) {
            trace += alpha[i] * alpha[i] - inverse[i * n + i];
        }
        double[] rows = new double[n];
        RbfKernel.each(n, (double) n * n).forEach(i -> {
            for (int j = 0; j < n; j++) {
                signal[i * n + j] *= 0.5 * (alpha[i] * alpha[j] - inverse[i * n + j]);
                rows[i] += signal[i * n + j];
            }
        });
        double bySignal = 0;
        for (double row : rows) {
            bySignal += row;
        }
        return new Slope(
                column.evidence().get().logMarginalLikelihood() + noise.logScales(),
                kernel.slopes(x, signal),
                bySignal,
                0.5 * at.noise() * trace);
    }
}
