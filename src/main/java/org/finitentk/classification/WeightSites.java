package org.finitentk.classification;

import java.util.function.Supplier;
import org.finitentk.internal.linalg.Vectors;
import org.jspecify.annotations.Nullable;

/**
 * Sites that are met in weight space: A = I + λ Jᵀ D J is factorized, whose determinant is B's, and whose trace tells
 * B's. Everything is exact, whatever the number of examples; in a subspace of the weights, for a posterior that is the
 * prior outside.
 */
final class WeightSites extends SiteSystem {
    private final WeightRows rows;
    private final WeightFactor factor;
    private final Supplier<LogitDraws> draws;
    private @Nullable BlockDiagonal covariance;

    WeightSites(WeightRows rows, double lambda, SitePrecision sites, Supplier<LogitDraws> draws) {
        super(lambda, sites);
        this.rows = rows;
        this.draws = draws;
        this.factor = rows.factor(sites.precision(), lambda);
    }

    /** b − D J w of the weights w = λ A⁻¹ Jᵀ b. */
    @Override
    double[] alpha(double[] b) {
        double[] w = rows.transposed(b);
        Vectors.scale(w, lambda());
        factor.cholesky().solveInPlace(w, 1);
        double[] alpha = b.clone();
        Vectors.add(alpha, -1, sites().precision().multiply(rows.product(w), 1));
        return alpha;
    }

    @Override
    double[] logits(double[] alpha) {
        double[] logits = rows.multiply(alpha);
        Vectors.scale(logits, lambda());
        return logits;
    }

    @Override
    double logDeterminant() {
        return factor.cholesky().logDeterminant();
    }

    @Override
    double effectiveParameters() {
        return sites().precision().traceOfProduct(covariance());
    }

    @Override
    double divergenceError() {
        return 0;
    }

    @Override
    ExpectedLikelihood expected(LabelTargets targets, double[] mean) {
        return ExpectedLikelihood.quickly(targets, mean, rows.withRest(covariance(), lambda()), draws.get());
    }

    /** How much of the variance of the training logits a subspace leaves out. */
    WeightRows.LeftOut leftOut() {
        return rows.leftOut(covariance(), lambda());
    }

    private BlockDiagonal covariance() {
        BlockDiagonal known = covariance;
        if (known == null) {
            known = rows.covariance(factor, lambda());
            covariance = known;
        }
        return known;
    }

    @Override
    WeightPosterior posterior(LogitProblem problem, double[] alpha) {
        double[] mean = rows.transposed(alpha);
        Vectors.scale(mean, lambda());
        return rows.posterior(mean, lambda(), factor);
    }
}
