package org.finitentk.classification;

import java.util.Locale;
import org.finitentk.internal.kernel.CostModel;

/**
 * In a subspace of the weights that the gradients of some training examples span, where there are too many weights and
 * examples for exact ways; for the variational method only, whose bound is then that of a posterior that is the prior
 * outside: a lower bound still.
 */
final class InducedCovariance extends SiteCovariance<WeightRows> {
    /** Of the weights that AUTO factorizes; a step takes the cube of their number, and there are some dozens. */
    private static final int SHARE = 2;

    /** Examples that AUTO wants at least, if there are as many: fewer say little of what the weights may do. */
    private static final int LEAST = 100;

    private final int mostWeights;

    /** With a share of the most weights that PARAMETER_SPACE factorizes. */
    InducedCovariance(int mostWeights) {
        this.mostWeights = mostWeights;
    }

    @Override
    public CovarianceSolver solver() {
        return CovarianceSolver.LOW_RANK;
    }

    @Override
    public boolean isFor(Inference inference) {
        return inference == Inference.FULL_COVARIANCE && mostWeights > 0;
    }

    /** How many examples span the subspace. */
    private int examples(LogitMap map, int n) {
        return Math.max(1, Math.min(n, mostWeights / SHARE / map.classes()));
    }

    @Override
    public CovarianceEstimate estimate(LogitMap map, int n) {
        int m = examples(map, n);
        double coordinates = (double) m * map.classes();
        double logits = (double) n * map.classes();
        double bytes = Double.BYTES
                * (WeightSpaceCovariance.MATRICES * coordinates * coordinates
                        + logits * (8.0 * map.classes() + (map.isShared() ? (double) m / map.classes() : coordinates)));
        boolean fits = coordinates <= CostModel.MAX_SIDE && CostModel.fitsHeap(CostModel.peak(bytes));
        String obstacle = fits
                ? "the gradients of " + m + " examples span too small a subspace"
                : "its rows in a subspace do not fit";
        String merit =
                String.format(Locale.ROOT, "too large to factorize, in the subspace of %d examples' gradients", m);
        return new CovarianceEstimate(bytes, fits, fits && m >= Math.min(n, LEAST), merit, obstacle);
    }

    @Override
    WeightRows covariance(LogitProblem problem) {
        int m = examples(problem.map(), problem.x().size());
        return WeightRows.of(problem, InducingExamples.of(problem, m));
    }

    @Override
    SiteFactory systems(LogitProblem problem, WeightRows rows) {
        LogitDraws draws = LogitDraws.ofQuadrature(problem);
        return (lambda, sites) -> new WeightSites(rows, lambda, sites, () -> draws);
    }

    @Override
    SiteFit scored(LogitProblem problem, WeightRows rows, ConjugateVariational variational, SiteFit found) {
        return found;
    }
}
