package org.finitentk.regression;

import java.util.logging.Logger;

/**
 * Maximizes the marginal likelihood over λ, σ² or both. All three are searches along the ratio ρ = σ²/λ (for both, the best λ at each ρ is known in closed form), so a
 * grid over all sensible ρ finds the right hill and bisection of the analytic derivative its top.
 */
final class VarianceSearch {
    private static final Logger LOG = Logger.getLogger(VarianceSearch.class.getName());

    /** Bounds of ρ relative to the largest eigenvalue: below, float32 kernels are rounding; above, everything is noise. */
    private static final double SMALLEST_RATIO = 1e-8;
    static final double LARGEST_RATIO = 1e6;

    private static final int GRID = 113;
    private static final int BISECTIONS = 60;

    /** Targets whose mean square beyond the mean function is this small, relatively, are all rounding. */
    private static final double NOTHING_LEFT = 1e-24;

    private final MarginalLikelihood likelihood;
    private final RegressionSettings settings;

    VarianceSearch(MarginalLikelihood likelihood, RegressionSettings settings) {
        this.likelihood = likelihood;
        this.settings = settings;
    }

    /** At the given variances if none is to be learned. */
    GaussianProcess.Column bestOrGiven() {
        return settings.learning() == HyperparameterLearning.NONE ? column(likelihood.at(settings.priorVariance(), settings.noiseVariance())) : best();
    }

    GaussianProcess.Column best() {
        double left = likelihood.leftOver();
        if (!(left > NOTHING_LEFT * likelihood.meanSquare()) || left == 0) {
            LOG.warning("the targets equal the mean function, so there is nothing to learn the variances from; they stay as given");
            return column(likelihood.at(settings.priorVariance(), settings.noiseVariance()));
        }
        if (settings.noiseVariance() == 0) {
            return column(noiseless());
        }
        return column(along());
    }

    private static GaussianProcess.Column column(MarginalLikelihood.Point point) {
        return new GaussianProcess.Column(point.lambda(), point.noise(), point.coefficients(), point.value());
    }

    /** Only λ is learned, and scales out. */
    private MarginalLikelihood.Point noiseless() {
        if (!(likelihood.smallestEigenvalue() > 1e-13 * likelihood.largestEigenvalue())) {
            throw new IllegalArgumentException("the kernel matrix is not positive definite with noise variance 0; raise the noise variance, or remove examples that repeat");
        }
        return likelihood.at(likelihood.bestLambda(0), 0);
    }

    private MarginalLikelihood.Point along() {
        double low = Math.log(SMALLEST_RATIO * likelihood.largestEigenvalue());
        double high = Math.log(LARGEST_RATIO * likelihood.largestEigenvalue());
        double step = (high - low) / (GRID - 1);
        MarginalLikelihood.Point best = at(low);
        double bestLog = low;
        for (int i = 1; i < GRID; i++) {
            MarginalLikelihood.Point point = at(low + i * step);
            if (point.value() > best.value()) {
                best = point;
                bestLog = low + i * step;
            }
        }
        MarginalLikelihood.Point top = bisect(Math.max(low, bestLog - step), Math.min(high, bestLog + step));
        return top.value() >= best.value() ? top : best;
    }

    private MarginalLikelihood.Point bisect(double from, double to) {
        double low = from;
        double high = to;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = 0.5 * (low + high);
            if (slope(at(middle)) > 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return at(0.5 * (low + high));
    }

    private MarginalLikelihood.Point at(double logRatio) {
        double ratio = Math.exp(logRatio);
        return switch (settings.learning()) {
            case PRIOR -> likelihood.at(settings.noiseVariance() / ratio, settings.noiseVariance());
            case NOISE -> likelihood.at(settings.priorVariance(), ratio * settings.priorVariance());
            default -> {
                double lambda = likelihood.bestLambda(ratio);
                yield likelihood.at(lambda, ratio * lambda);
            }
        };
    }

    /** The derivative by log ρ along the path; where λ is the best one, moving it does not count. */
    private double slope(MarginalLikelihood.Point point) {
        return settings.learning() == HyperparameterLearning.PRIOR ? -point.byLogLambda() : point.byLogNoise();
    }
}
