package org.finitentk.classification;

import java.util.function.Supplier;
import org.finitentk.internal.kernel.CostModel;
import org.jspecify.annotations.Nullable;

/**
 * In weight space, where there are few weights: the Gauss-Newton matrix is summed up over the examples and factorized.
 */
final class WeightSpaceCovariance extends SiteCovariance<WeightRows> {
    /** Matrices of a solve: the sum, the factor of the state before and of the next, and inverses of factors. */
    static final int MATRICES = 5;

    /** AUTO takes this way for so many weights at most. */
    private final int mostWeights;

    WeightSpaceCovariance(int mostWeights) {
        this.mostWeights = mostWeights;
    }

    @Override
    public CovarianceSolver solver() {
        return CovarianceSolver.PARAMETER_SPACE;
    }

    @Override
    public CovarianceEstimate estimate(LogitMap map, int n) {
        double weights = (double) map.network().parameterCount() * (map.isShared() ? map.classes() : 1);
        double logits = (double) n * map.classes();
        double bytes = Double.BYTES * (MATRICES * weights * weights + 8 * logits * map.classes());
        boolean fits = weights <= CostModel.MAX_SIDE && CostModel.fitsHeap(CostModel.peak(bytes));
        double operations = logits * weights * weights + CostModel.cholesky(weights);
        boolean soon = weights <= Math.min(mostWeights, logits)
                && CostModel.isMoment(CostModel.seconds(operations, map.network()));
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
        return (lambda, sites) -> new WeightSites(rows, lambda, sites, draws);
    }

    /** Points that are searched for when first asked for: Laplace's method takes none. */
    private static final class Quadrature implements Supplier<LogitDraws> {
        private final LogitProblem problem;
        private @Nullable LogitDraws points;

        Quadrature(LogitProblem problem) {
            this.problem = problem;
        }

        @Override
        public synchronized LogitDraws get() {
            LogitDraws known = points;
            if (known == null) {
                known = LogitDraws.ofQuadrature(problem);
                points = known;
            }
            return known;
        }
    }

    @Override
    SiteFit scored(LogitProblem problem, WeightRows rows, ConjugateVariational variational, SiteFit found) {
        return found;
    }
}
