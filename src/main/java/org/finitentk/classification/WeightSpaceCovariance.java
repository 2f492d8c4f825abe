package org.finitentk.classification;

import java.util.function.Supplier;
import org.finitentk.internal.kernel.CostModel;

/**
 * In weight space, where there are few weights: the Gauss-Newton matrix is summed up over the examples and factorized.
 */
final class WeightSpaceCovariance extends SiteCovariance<WeightRows> {
    /** Matrices of a solve: the sum, the factor of the state before and of the next, and inverses of factors. */
    static final int MATRICES = 5;

    /**
     * Weights from which on a factorization is long enough to save some of them. What was recorded of fewer is
     * reproduced bit for bit.
     */
    private static final int SLOW = 256;

    /** AUTO takes this way for so many weights at most. */
    private final int mostWeights;

    WeightSpaceCovariance(int mostWeights) {
        this.mostWeights = mostWeights;
    }

    @Override
    public CovarianceSolver solver() {
        return CovarianceSolver.PARAMETER_SPACE;
    }

    /** Of one sum and its factorization. */
    static double operations(LogitMap map, int n) {
        double weights = weights(map);
        return (double) n * map.classes() * weights * weights + CostModel.cholesky(weights);
    }

    private static double weights(LogitMap map) {
        return (double) map.network().parameterCount() * (map.isShared() ? map.classes() : 1);
    }

    @Override
    public CovarianceEstimate estimate(Inference inference, LogitMap map, int n) {
        double weights = weights(map);
        double logits = (double) n * map.classes();
        double bytes = Double.BYTES * (MATRICES * weights * weights + 8 * logits * map.classes());
        boolean fits = weights <= CostModel.MAX_SIDE && CostModel.fitsHeap(CostModel.peak(bytes));
        boolean soon = weights <= Math.min(mostWeights, logits)
                && CostModel.isMoment(CostModel.seconds(operations(map, n), map.network()));
        return new CovarianceEstimate(
                bytes, fits, soon, (long) weights + " weights, few enough to factorize their precision", "");
    }

    @Override
    WeightRows covariance(LogitProblem problem) {
        return WeightRows.of(problem);
    }

    @Override
    SiteFactory systems(LogitProblem problem, WeightRows rows) {
        Supplier<LogitDraws> draws = new Quadrature(problem);
        SiteFactory systems = (lambda, sites) -> new WeightSites(rows, lambda, sites, draws);
        return rows.columns().size() < SLOW ? systems : SiteFactory.fromLogits(systems);
    }

    @Override
    SiteFit scored(LogitProblem problem, WeightRows rows, ConjugateVariational variational, SiteFit found) {
        return found;
    }
}
