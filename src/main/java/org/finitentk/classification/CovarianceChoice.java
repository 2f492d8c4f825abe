package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The way to a posterior's covariance, by estimates of time and memory; which one was chosen and why goes into the
 * provenance.
 *
 * @param method infers
 * @param reason a few words
 */
record CovarianceChoice(CovarianceMethod method, String reason) {
    /** All there are; of those that fit, the first that is done soon enough, or the last. */
    private static List<CovarianceMethod> all(int mostWeights) {
        return List.of(
                new ClasswiseCovariance(mostWeights),
                new WeightSpaceCovariance(mostWeights),
                new DenseCovariance(),
                new InducedCovariance(mostWeights),
                new IterativeCovariance(),
                new LowRankCovariance());
    }

    CovarianceSolver solver() {
        return method.solver();
    }

    /**
     * Chooses.
     *
     * @param inference FULL_COVARIANCE or LAPLACE, or MAP for the evidence of LAPLACE alone
     * @param likelihood of the labels
     * @param settings a solver, or AUTO and for how many weights that may be PARAMETER_SPACE
     * @param map from weights to logits
     * @param n training examples
     * @throws IllegalArgumentException if the solver asked for, or the last one, needs more memory than there is
     */
    static CovarianceChoice of(
            Inference inference,
            Likelihood likelihood,
            ClassificationSettings.Covariance settings,
            LogitMap map,
            int n) {
        CovarianceSolver asked = settings.solver();
        List<CovarianceMethod> ways = all(settings.mostWeights()).stream()
                .filter(way ->
                        way.isFor(inference, likelihood) && (asked == CovarianceSolver.AUTO || way.solver() == asked))
                .toList();
        List<String> obstacles = new ArrayList<>();
        double least = Double.POSITIVE_INFINITY;
        for (CovarianceMethod way : ways) {
            CovarianceEstimate estimate = way.estimate(inference, map, n);
            least = Math.min(least, estimate.bytes());
            boolean last = way == ways.get(ways.size() - 1);
            if (estimate.fits() && (last || estimate.soon() || asked != CovarianceSolver.AUTO)) {
                String why = asked != CovarianceSolver.AUTO
                        ? "as asked"
                        : estimate.merit().isEmpty() ? String.join(", and ", obstacles) : estimate.merit();
                return new CovarianceChoice(way, why + ": " + size(map, n));
            }
            if (last) {
                throw tooLarge(
                        way.solver(), asked == CovarianceSolver.AUTO ? estimate.bytes() : least, n, map.classes());
            }
            if (!estimate.obstacle().isEmpty()) {
                obstacles.add(estimate.obstacle());
            }
        }
        throw new IllegalArgumentException("inference " + inference + " has no solver " + asked);
    }

    /**
     * The way by Gaussian sites of the training logits that is done soon enough, or that was asked for and fits, for
     * mean-field inference.
     *
     * @return null if there is none
     */
    static @Nullable SiteCovariance<?> sites(
            Likelihood likelihood, ClassificationSettings.Covariance settings, LogitMap map, int n) {
        CovarianceSolver asked = settings.solver();
        for (CovarianceMethod way : all(settings.mostWeights())) {
            if (way instanceof SiteCovariance<?> sites
                    && way.isFor(Inference.MEAN_FIELD, likelihood)
                    && (asked == CovarianceSolver.AUTO || way.solver() == asked)) {
                CovarianceEstimate estimate = way.estimate(Inference.MEAN_FIELD, map, n);
                if (estimate.fits() && (asked != CovarianceSolver.AUTO || estimate.soon())) {
                    return sites;
                }
            }
        }
        return null;
    }

    private static String size(LogitMap map, int n) {
        return String.format(
                Locale.ROOT,
                "%d examples of %d classes, %.2f GiB dense",
                n,
                map.classes(),
                DenseCovariance.bytes(map, n) / (1 << 30));
    }

    private static IllegalArgumentException tooLarge(CovarianceSolver solver, double bytes, int n, int classes) {
        return new IllegalArgumentException(String.format(
                Locale.ROOT,
                "the solver %s needs %.2f GiB for %d examples of %d classes, more than the heap of %.2f GiB allows; "
                        + "use fewer examples, inference MAP or MEAN_FIELD, or LAPLACE with the solver "
                        + "LOW_RANK, or give Java more memory (-Xmx)",
                solver,
                bytes / (1 << 30),
                n,
                classes,
                Runtime.getRuntime().maxMemory() / (double) (1 << 30)));
    }
}
