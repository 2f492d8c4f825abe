package org.finitentk.regression;

/**
 * The logarithm of the marginal likelihood of one column of targets as a function of λ and σ², in the eigenbasis of K,
 * where λK + σ²I is diagonal: O(n) a point. The mean's coefficients are the best ones at each point, so by the envelope
 * theorem the gradient is that at fixed coefficients.
 */
final class MarginalLikelihood {
    private final double[] spectrum;
    private final double[] targets;
    private final double[] basis;
    private final int basisSize;

    /**
     * Takes everything in the eigenbasis.
     *
     * @param spectrum eigenvalues of K, at least 0
     * @param targets coordinates of the targets
     * @param basis coordinates of the mean's basis functions, n × basisSize
     * @param basisSize number of basis functions
     */
    MarginalLikelihood(double[] spectrum, double[] targets, double[] basis, int basisSize) {
        this.spectrum = spectrum;
        this.targets = targets;
        this.basis = basis;
        this.basisSize = basisSize;
    }

    /**
     * The likelihood at one point.
     *
     * @param lambda λ
     * @param noise σ²
     * @param value logarithm of the likelihood
     * @param byLogLambda derivative by log λ
     * @param byLogNoise derivative by log σ²
     * @param coefficients of the mean
     */
    record Point(
            double lambda, double noise, double value, double byLogLambda, double byLogNoise, double[] coefficients) {}

    Point at(double lambda, double noise) {
        double[] residuals = targets.clone();
        double[] coefficients =
                LeastSquares.subtractFit(basis, basisSize, residuals, i -> 1 / (lambda * spectrum[i] + noise));
        double value = -0.5 * spectrum.length * Math.log(2 * Math.PI);
        double byLambda = 0;
        double byNoise = 0;
        for (int i = 0; i < spectrum.length; i++) {
            double d = lambda * spectrum[i] + noise;
            double fit = residuals[i] * residuals[i] / d;
            value -= 0.5 * (fit + Math.log(d));
            byLambda += 0.5 * lambda * spectrum[i] / d * (fit - 1);
            byNoise += 0.5 * noise / d * (fit - 1);
        }
        return new Point(lambda, noise, value, byLambda, byNoise, coefficients);
    }

    /** The best λ for a ratio σ²/λ, in closed form. */
    double bestLambda(double ratio) {
        double[] residuals = targets.clone();
        LeastSquares.subtractFit(basis, basisSize, residuals, i -> 1 / (spectrum[i] + ratio));
        double sum = 0;
        for (int i = 0; i < spectrum.length; i++) {
            sum += residuals[i] * residuals[i] / (spectrum[i] + ratio);
        }
        return sum / spectrum.length;
    }

    /** Mean square of the targets' distance from the span of the basis. */
    double leftOver() {
        double[] residuals = targets.clone();
        LeastSquares.subtractFit(basis, basisSize, residuals, i -> 1);
        return meanSquare(residuals);
    }

    /** Mean square of the targets. */
    double meanSquare() {
        return meanSquare(targets);
    }

    private static double meanSquare(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum / values.length;
    }

    double largestEigenvalue() {
        return spectrum[spectrum.length - 1];
    }

    double smallestEigenvalue() {
        return spectrum[0];
    }
}
