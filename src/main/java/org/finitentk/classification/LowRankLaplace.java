package org.finitentk.classification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.logging.Logger;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.network.ProgressListener;

/**
 * Laplace's approximation in weight space by the largest eigenvalues of λ Jᵀ H J at the most probable weights, for data
 * whose kernel matrix cannot be made: along their eigenvectors the covariance is the posterior's, elsewhere the
 * prior's. λ, if learned, maximizes the marginal likelihood, in which what the eigenvalues leave out is estimated
 * ({@link CurvatureRest}).
 */
final class LowRankLaplace {
    private static final Logger LOG = Logger.getLogger(LowRankLaplace.class.getName());
    /** How well log λ is known. */
    private static final double WIDTH = 0.05;
    /**
     * Directions along which the data say more than the prior matter to predictions: eigenvalues should go down to
     * here.
     */
    private static final double ENOUGH = 1;

    private final MostProbable mostProbable;
    private final DoubleFunction<LogPosterior> posterior;
    private final int rank;
    private final long seed;
    private final ProgressListener progress;
    private final List<Double> history = new ArrayList<>();
    private double[] latest;

    /** Finds the most probable weights at one λ. */
    interface MostProbable {
        /** From some weights on. */
        MapFit at(double lambda, double[] start);
    }

    LowRankLaplace(
            MostProbable mostProbable,
            DoubleFunction<LogPosterior> posterior,
            int weights,
            int rank,
            long seed,
            ProgressListener progress) {
        this.mostProbable = mostProbable;
        this.posterior = posterior;
        this.rank = rank;
        this.seed = seed;
        this.progress = progress;
        this.latest = new double[weights];
    }

    /**
     * Laplace's approximation at one λ.
     *
     * @param map the most probable weights
     * @param evidence the approximate log marginal likelihood
     * @param error its standard error
     */
    record Fit(MapFit map, double lambda, LanczosCurvature curvature, double evidence, double error) {
        LowRankWeights weights() {
            return LowRankWeights.of(map.weights(), lambda, curvature);
        }

        /** For the report. */
        String words() {
            return String.format(
                    Locale.ROOT,
                    "%d eigenvalues, the smallest %.2g of the prior precision",
                    curvature.values().length,
                    smallest());
        }

        double smallest() {
            return curvature.values().length == 0 ? 0 : curvature.values()[curvature.values().length - 1];
        }
    }

    /** At one λ, or at the best one. */
    Fit fit(double start, ClassificationSettings.Prior choices) {
        boolean learn = choices.learned();
        double lambda = learn
                ? new PriorVarianceSearch(
                                value ->
                                        at(value, CurvatureRest.Effort.SEARCHED).evidence(),
                                WIDTH)
                        .from(start, choices.minimum())
                : start;
        Fit fit = at(lambda, learn ? CurvatureRest.Effort.SEARCHED : CurvatureRest.Effort.REPORTED);
        if (fit.smallest() > ENOUGH && fit.curvature().values().length == rank) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "LAPLACE by the %d largest eigenvalues ends at %.2g times the prior precision; "
                            + "expected less than %.0f, since along all other "
                            + "directions the posterior is taken to be as wide as the prior: raise rank, or "
                            + "use the solver ITERATIVE, or a smaller priorVariance",
                    rank,
                    fit.smallest(),
                    ENOUGH));
        }
        return fit;
    }

    /** The evidence at each λ that was tried. */
    List<Double> history() {
        return List.copyOf(history);
    }

    private Fit at(double lambda, CurvatureRest.Effort effort) {
        MapFit map = mostProbable.at(lambda, latest);
        latest = map.weights();
        LinearOperator scaled = posterior.apply(lambda).scaledCurvature(map.logits());
        LanczosCurvature curvature = LanczosCurvature.of(scaled, rank, seed, progress);
        CurvatureRest rest = CurvatureRest.of(scaled, curvature, effort, seed, progress);
        double logDeterminant =
                Arrays.stream(curvature.values()).map(Math::log1p).sum() + rest.logDeterminant();
        Fit fit = new Fit(map, lambda, curvature, map.objective() - 0.5 * logDeterminant, 0.5 * rest.error());
        history.add(fit.evidence());
        return fit;
    }
}
