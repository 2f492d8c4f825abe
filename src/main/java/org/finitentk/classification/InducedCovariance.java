package org.finitentk.classification;

import java.util.Locale;
import java.util.logging.Logger;
import org.finitentk.internal.kernel.CostModel;

/**
 * In a subspace of the weights that the gradients of some training examples span, where there are too many weights and
 * examples for exact ways; for the variational method only, whose bound is then that of a posterior that is the prior
 * outside: a lower bound still.
 */
final class InducedCovariance extends SiteCovariance<WeightRows> {
    private static final Logger LOG = Logger.getLogger(InducedCovariance.class.getName());

    /** Of the posterior variance of the training logits: deviations are then some 5 % too wide at most. */
    private static final double MUCH = 0.1;

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
    public boolean isFor(Inference inference, Likelihood likelihood) {
        return inference == Inference.FULL_COVARIANCE && mostWeights > 0;
    }

    /** How many examples span the subspace. */
    private int examples(LogitMap map, int n) {
        return Math.max(1, Math.min(n, mostWeights / SHARE / map.classes()));
    }

    @Override
    public CovarianceEstimate estimate(Inference inference, LogitMap map, int n) {
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

    /** The posterior is the prior outside the subspace: how much of it that is tells how coarse it is. */
    @Override
    String remark(LogitProblem problem, SiteFit fit) {
        if (!(fit.system() instanceof WeightSites sites)) {
            return "";
        }
        WeightRows.LeftOut left = sites.leftOut();
        int n = problem.x().size();
        int m = examples(problem.map(), n);
        if (left.posterior() > MUCH) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "the subspace of solver LOW_RANK, which the gradients of %d of %d examples span, is small: %.0f %% of "
                            + "the variance of the training logits is prior variance that it leaves out, so that "
                            + "predictions are less certain than the data make them; raise mostWeights, now %d, up to %d "
                            + "(a step takes the cube of it)",
                    m,
                    n,
                    100 * left.posterior(),
                    mostWeights,
                    (long) SHARE * n * problem.map().classes()));
        }
        return String.format(
                Locale.ROOT,
                "; the subspace leaves out %.2g %% of the training logits' prior variance, which is %.2g %% of their "
                        + "posterior variance",
                100 * left.prior(),
                100 * left.posterior());
    }
}
