package org.finitentk.regression;

import java.util.Locale;
import java.util.function.Consumer;
import org.finitentk.internal.util.Later;
import org.finitentk.onnx.ElementType;

/**
 * Maximizes the marginal likelihood over λ, σ² or both. All three are searches along the ratio ρ = σ²/λ (for both, the
 * best λ at each ρ is known in closed form), so a grid over all sensible ρ finds the right hill and bisection of the
 * analytic derivative its top.
 */
final class VarianceSearch {
    /** ρ relative to the largest eigenvalue: above, everything is noise. */
    private static final double LARGEST_RATIO = 1e6;
    /** With λ given, σ² beyond this many times the targets' mean square is no explanation of them. */
    private static final double LARGEST_NOISE = 100;
    /** Of the grid, in log ρ. */
    private static final double STEP = 0.29;

    private static final int BISECTIONS = 60;
    /** Noise of no more than this share of the targets' mean square. */
    private static final double NEXT_TO_NOTHING = 1e-3;

    private static final double CLOSE_TO_END = 1e-6;
    /** The largest share of a target's variance in any direction that is no movement of the weights. */
    private static final double NO_MOVEMENT = 1e-3;
    /** Values along the grid that differ by less, relatively, are the same but for rounding. */
    private static final double FLAT = 1e-9;

    /** Targets whose mean square beyond the mean function is this small, relatively, are all rounding. */
    private static final double NOTHING_LEFT = 1e-24;

    private final MarginalLikelihood likelihood;
    private final RegressionSettings settings;
    private final double precision;
    private final Consumer<String> remarks;

    /**
     * The precision is that of the kernel, relative to its largest eigenvalue: at less noise, estimates are of its
     * rounding. Remarks are what users should know of variances that they get: of two prior means that are compared,
     * those of the one that is not taken are nobody's concern.
     */
    VarianceSearch(
            MarginalLikelihood likelihood, RegressionSettings settings, double precision, Consumer<String> remarks) {
        this.likelihood = likelihood;
        this.settings = settings;
        this.precision = precision;
        this.remarks = remarks;
    }

    /** Of a kernel matrix that a network in this type gives. */
    static double precision(ElementType type) {
        return type == ElementType.DOUBLE ? 1e-13 : 1e-8;
    }

    /** At the given variances if none is to be learned. */
    GaussianProcess.Column bestOrGiven() {
        return settings.variances().learning() == HyperparameterLearning.NONE
                ? column(likelihood.at(
                        settings.variances().prior(), settings.variances().noise()))
                : best();
    }

    GaussianProcess.Column best() {
        MarginalLikelihood.Point best = search();
        if (!isNothingLeft()) {
            remarkOnEnd(best.lambda(), best.noise(), slope(best));
        }
        return column(best);
    }

    /** Without a word about the end of the range, for a search that goes on. */
    GaussianProcess.Column start() {
        return column(search());
    }

    private MarginalLikelihood.Point search() {
        if (settings.variances().noise() == 0) {
            requireDefinite();
        }
        if (isNothingLeft()) {
            remarks.accept("the targets equal the mean function, so there is nothing to learn the variances from; "
                    + "they stay as given");
            return likelihood.at(
                    settings.variances().prior(), settings.variances().noise());
        }
        if (settings.variances().noise() == 0) {
            // Only λ is learned, and scales out.
            return likelihood.at(likelihood.bestLambda(0), 0);
        }
        return along();
    }

    private boolean isNothingLeft() {
        double left = likelihood.leftOver();
        return !(left > NOTHING_LEFT * likelihood.meanSquare()) || left == 0;
    }

    private void requireDefinite() {
        if (!(likelihood.smallestEigenvalue() > 1e-13 * likelihood.largestEigenvalue())) {
            throw new IllegalArgumentException(
                    "the kernel matrix is not positive definite with noise variance 0; raise the noise "
                            + "variance, or remove examples that repeat");
        }
    }

    /** Less noise beside the prior variance would be likelier, but is not looked for; or all is noise. */
    void remarkOnEnd(double lambda, double noise, double slope) {
        if (lambda * likelihood.largestEigenvalue() < NO_MOVEMENT * noise) {
            remarks.accept(String.format(
                    Locale.ROOT,
                    "the data want no movement of the weights: the prior variance that was found, %.3g, is next to "
                            + "nothing beside the noise variance, %.3g, so that predictions are the mean function's; "
                            + "look at the targets, or compare with another mean",
                    lambda,
                    noise));
        }
        double logRatio = Math.log(noise / lambda);
        if (logRatio > Double.NEGATIVE_INFINITY && logRatio <= least() + CLOSE_TO_END && slope < -FLAT) {
            remarks.accept(String.format(
                    Locale.ROOT,
                    "the marginal likelihood still rises where the ratio of noise to prior variance is "
                            + "%.3g, but less is below the kernel's rounding; %s",
                    Math.exp(logRatio),
                    switch (settings.variances().learning()) {
                        case PRIOR ->
                            "beside the prior variance that these targets ask for, rounding hides the "
                                    + "noise variance that was given, "
                                    + settings.variances().noise()
                                    + ", and variances may come out too small: raise it, or learn both";
                        case NOISE ->
                            "the prior variance that was given, "
                                    + settings.variances().prior()
                                    + ", is so large that rounding hides the noise that these targets ask "
                                    + "for, and variances may come out too large: lower it, or learn both";
                        default -> found(lambda, noise);
                    }));
        }
    }

    /** Little noise beside the prior variance is not always little beside the targets. */
    private String found(double lambda, double noise) {
        double share = noise / likelihood.leftOver();
        return share <= NEXT_TO_NOTHING
                ? String.format(
                        Locale.ROOT,
                        "the targets have next to no noise: its variance, %.3g, is %.2g of theirs",
                        noise,
                        share)
                : String.format(
                        Locale.ROOT,
                        "the noise variance that was found, %.3g, is %.2g of the targets' own variance, "
                                + "and the prior variance is %.3g: the network's gradients explain these targets "
                                + "by large weights only, so look at the data and the network, or give the variances",
                        noise,
                        share,
                        lambda);
    }

    /** The least log ρ that is looked at. */
    double least() {
        return Math.log(precision * likelihood.largestEigenvalue());
    }

    /** The greatest log ρ that is looked at. With λ given, σ² has to reach the scale of the targets. */
    double most() {
        double most = LARGEST_RATIO * likelihood.largestEigenvalue();
        return Math.log(
                settings.variances().learning() == HyperparameterLearning.NOISE
                        ? Math.max(
                                most,
                                LARGEST_NOISE
                                        * likelihood.leftOver()
                                        / settings.variances().prior())
                        : most);
    }

    private static GaussianProcess.Column column(MarginalLikelihood.Point point) {
        return new GaussianProcess.Column(
                point.lambda(), point.noise(), point.coefficients(), Later.known(Evidence.exact(point.value())));
    }

    private MarginalLikelihood.Point along() {
        double low = least();
        double high = most();
        int points = 1 + (int) Math.ceil((high - low) / STEP);
        double step = (high - low) / (points - 1);
        MarginalLikelihood.Point best = at(low);
        double worst = best.value();
        double bestLog = low;
        for (int i = 1; i < points; i++) {
            MarginalLikelihood.Point point = at(low + i * step);
            worst = Math.min(worst, point.value());
            if (point.value() > best.value()) {
                best = point;
                bestLog = low + i * step;
            }
        }
        if (best.value() - worst <= FLAT * Math.max(1, Math.abs(best.value()))) {
            return at(Math.max(
                    low,
                    Math.min(
                            high,
                            Math.log(settings.variances().noise()
                                    / settings.variances().prior()))));
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
        return switch (settings.variances().learning()) {
            case PRIOR ->
                likelihood.at(
                        settings.variances().noise() / ratio,
                        settings.variances().noise());
            case NOISE ->
                likelihood.at(
                        settings.variances().prior(),
                        ratio * settings.variances().prior());
            default -> {
                double lambda = likelihood.bestLambda(ratio);
                yield likelihood.at(lambda, ratio * lambda);
            }
        };
    }

    /** The derivative by log ρ along the path; where λ is the best one, moving it does not count. */
    private double slope(MarginalLikelihood.Point point) {
        return settings.variances().learning() == HyperparameterLearning.PRIOR
                ? -point.byLogLambda()
                : point.byLogNoise();
    }
}
