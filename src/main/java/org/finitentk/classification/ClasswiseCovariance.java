package org.finitentk.classification;

import java.util.function.Supplier;
import org.finitentk.internal.kernel.CostModel;

/**
 * Of many classes that share a kernel, class by class: what {@link DenseCovariance} computes, with C factorizations of
 * n × n in the place of one of n C × n C. For curvatures that keep classes apart: those of independent labels, and
 * those of the softmax at a point; its expectations, which the variational method takes, are of no such form.
 */
final class ClasswiseCovariance extends SiteCovariance<LogitKernel> {
    /**
     * Classes from which on this way is taken. It is quicker for fewer ones, too; but models of these were recorded
     * before there was this way, and are to be reproduced bit for bit.
     */
    static final int MANY = 11;
    /** A Cholesky factorization and the inverse, relative to the former. */
    private static final double INVERSE = 3;

    /** What PARAMETER_SPACE may factorize. */
    private final int mostWeights;

    ClasswiseCovariance(int mostWeights) {
        this.mostWeights = mostWeights;
    }

    @Override
    public CovarianceSolver solver() {
        return CovarianceSolver.DENSE;
    }

    @Override
    public boolean isFor(Inference inference, Likelihood likelihood) {
        return inference == Inference.LAPLACE || inference == Inference.MAP || likelihood.areLogOdds();
    }

    /** Whether every inference has labels of this kind class by class. */
    static boolean keepsApart(LogitMap map, Likelihood likelihood) {
        return likelihood.areLogOdds() && map.isShared() && map.classes() >= MANY;
    }

    /** Of the kernel, its factorizations, and vectors; the evidence alone keeps no factorization. */
    private static double bytes(Inference inference, LogitMap map, int n) {
        double classes = map.classes();
        double kept = inference == Inference.MAP ? ClasswiseFactor.TOGETHER : classes + ClasswiseFactor.TOGETHER;
        double blocks = inference == Inference.FULL_COVARIANCE || inference == Inference.MEAN_FIELD ? 3 * classes : 0;
        return Double.BYTES * ((kept + 3) * n * n + (20 + blocks) * n * classes);
    }

    static double operations(LogitMap map, int n) {
        return INVERSE * map.classes() * CostModel.cholesky(n);
    }

    @Override
    public CovarianceEstimate estimate(Inference inference, LogitMap map, int n) {
        if (!map.isShared() || map.classes() < MANY) {
            return new CovarianceEstimate(Double.POSITIVE_INFINITY, false, false, "", "");
        }
        double bytes = bytes(inference, map, n);
        boolean fits = n <= CostModel.MAX_SIDE && CostModel.fitsHeap(CostModel.peak(bytes));
        double operations = operations(map, n);
        boolean quickest = !(new WeightSpaceCovariance(mostWeights)
                        .estimate(inference, map, n)
                        .soon()
                && WeightSpaceCovariance.operations(map, n) < operations);
        boolean soon = quickest && CostModel.isMoment(CostModel.seconds(operations, map.network()));
        return new CovarianceEstimate(bytes, fits, soon, "small enough to factorize class by class", "");
    }

    @Override
    LogitKernel covariance(LogitProblem problem) {
        return LogitKernel.dense(problem.map(), problem.x(), problem.progress());
    }

    @Override
    SiteFactory systems(LogitProblem problem, LogitKernel kernel) {
        Supplier<LogitDraws> draws = new Quadrature(problem);
        return SiteFactory.fromLogits((lambda, sites) -> new ClasswiseSites(kernel, lambda, sites, draws));
    }

    @Override
    SiteFit scored(LogitProblem problem, LogitKernel kernel, ConjugateVariational variational, SiteFit found) {
        return found;
    }
}
