package org.finitentk.classification;

import java.util.Locale;

/**
 * What {@link Inference#AUTO} is, by sizes alone. Where the network's own logits are the prior mean, Laplace's
 * approximation is as good as any and the quickest. Where the network never saw the classes, the logits that the data
 * want are far from the prior's, labels become nearly certain, and the likelihood has hardly any curvature there: the
 * approximation then takes for unknown what the data have settled, and its probabilities are much too modest (measured
 * in {@code provenance/rivals} and {@code provenance/transfer}).
 *
 * @param inference never AUTO
 * @param reason why, in a few words; empty if it was asked for
 */
record InferenceChoice(Inference inference, String reason) {
    /**
     * Side of the largest matrix that FULL_COVARIANCE factorizes if it was not asked for, some 60 times: a minute on
     * two cores. It is a number of the data, not seconds of a machine: the choice changes results.
     */
    private static final int LARGEST_SIDE = 2000;

    /**
     * Chooses.
     *
     * @param settings the choices
     * @param map from weights to logits
     * @param prior the logits before anything was learned, never AUTO
     * @param targets labels of the training examples
     */
    static InferenceChoice of(ClassificationSettings settings, LogitMap map, PriorLogits prior, LabelTargets targets) {
        ClassificationSettings.Method method = settings.method();
        if (method.inference() != Inference.AUTO) {
            return new InferenceChoice(method.inference(), "");
        }
        if (prior == PriorLogits.NETWORK) {
            return new InferenceChoice(Inference.LAPLACE, "the prior logits are the network's own");
        }
        if (method.covariance().solver() != CovarianceSolver.AUTO) {
            return new InferenceChoice(
                    Inference.LAPLACE, "the solver " + method.covariance().solver() + " was asked for");
        }
        double side = side(settings, map, targets);
        return side <= LARGEST_SIDE
                ? new InferenceChoice(Inference.FULL_COVARIANCE, unseen(prior))
                : new InferenceChoice(
                        Inference.MAP,
                        String.format(
                                Locale.ROOT,
                                "%s, and FULL_COVARIANCE would factorize matrices of %.0f rows",
                                unseen(prior),
                                side));
    }

    private static String unseen(PriorLogits prior) {
        return "the prior logits are " + prior + ", not the network's";
    }

    /**
     * The side of the matrix that is factorized: of all training logits, or of all weights where these are fewer.
     * Labels that are independent of each other have a matrix each, as much work as one of this side.
     */
    private static double side(ClassificationSettings settings, LogitMap map, LabelTargets targets) {
        double logits = (double) targets.size()
                * (ClasswiseCovariance.keepsApart(map, targets.likelihood())
                        ? Math.cbrt(map.classes())
                        : map.classes());
        double weights = (double) map.network().parameterCount() * (map.isShared() ? map.classes() : 1);
        return weights <= settings.method().covariance().mostWeights() ? Math.min(weights, logits) : logits;
    }

    /** What is to be said of an inference that was chosen, as the end of the reason for its solver. */
    Inference.Report said(Inference.Report report) {
        return reason.isEmpty()
                ? report
                : new Inference.Report(
                        report.objective(),
                        report.objectiveError(),
                        report.history(),
                        report.steps(),
                        report.converged(),
                        report.solver(),
                        report.reason() + (report.reason().isEmpty() ? "" : "; ") + "inference " + inference
                                + " by AUTO, since " + reason,
                        report.gradient());
    }
}
