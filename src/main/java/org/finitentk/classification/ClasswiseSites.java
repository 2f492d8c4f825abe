package org.finitentk.classification;

import java.util.function.Supplier;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.Preconditioner;
import org.finitentk.internal.linalg.Vectors;
import org.jspecify.annotations.Nullable;

/**
 * Sites of many classes that share a kernel, class by class: everything is exact. A Newton step is solved for by
 * conjugate gradients, each of whose products takes n² C operations and a factorization n³ C.
 */
final class ClasswiseSites extends SiteSystem {
    /** Iterations that take about as long as a factorization, as a share of n. */
    private static final double BUDGET = 0.25;

    private final LogitKernel kernel;
    private final ClasswiseCurvature curvature;
    private final Supplier<LogitDraws> draws;
    private @Nullable ClasswiseFactor factor;
    private @Nullable BlockDiagonal covariance;

    ClasswiseSites(LogitKernel kernel, double lambda, SitePrecision sites, Supplier<LogitDraws> draws) {
        super(lambda, sites);
        this.kernel = kernel;
        this.curvature = sites.classwise();
        this.draws = draws;
    }

    private ClasswiseFactor factor() {
        ClasswiseFactor known = factor;
        if (known == null) {
            known = ClasswiseFactor.of(kernel.matrix(), curvature, lambda());
            factor = known;
        }
        return known;
    }

    /** The determinant alone keeps no factor, of which a search for λ has no use. */
    @Override
    double logDeterminant() {
        return factor == null
                ? ClasswiseFactor.logDeterminant(kernel.matrix(), curvature, lambda())
                : factor.logDeterminant();
    }

    @Override
    double effectiveParameters() {
        return curvature.traceOfProduct(covariance());
    }

    @Override
    double divergenceError() {
        return 0;
    }

    @Override
    ExpectedLikelihood expected(LabelTargets targets, double[] mean) {
        return ExpectedLikelihood.quickly(targets, mean, covariance(), draws.get());
    }

    private BlockDiagonal covariance() {
        BlockDiagonal known = covariance;
        if (known == null) {
            int n = kernel.examples();
            double[] diagonal = new double[n];
            for (int i = 0; i < n; i++) {
                diagonal[i] = kernel.matrix()[i * (n + 1)];
            }
            known = factor().covariance(kernel.matrix(), diagonal);
            covariance = known;
        }
        return known;
    }

    @Override
    double[] logits(double[] alpha) {
        double[] logits = kernel.multiply(alpha);
        Vectors.scale(logits, lambda());
        return logits;
    }

    @Override
    double[] alpha(double[] b) {
        return LogPosterior.sum(b, -1, factor().explaining(logits(b)));
    }

    /** b − R B⁻¹ Rᵀ λ K b with B = I + λ Rᵀ K R. */
    @Override
    double[] step(double[] b) {
        if (factor != null) {
            return alpha(b);
        }
        int budget = (int) Math.max(10, BUDGET * kernel.examples());
        double[] right = curvature.rootedTransposed(logits(b));
        double[] solution = new InexactStep(
                        operator(), Preconditioner.identity(right.length), curvature::rooted, budget)
                .solve(right, Vectors.norm(b));
        return solution == null ? alpha(b) : LogPosterior.sum(b, -1, curvature.rooted(solution));
    }

    private LinearOperator operator() {
        return new LinearOperator() {
            @Override
            public int size() {
                return kernel.size();
            }

            @Override
            public void multiply(double[] x, int columns, double[] y) {
                if (columns != 1) {
                    throw new IllegalArgumentException("one vector at a time, not " + columns);
                }
                double[] product = curvature.rootedTransposed(kernel.multiply(curvature.rooted(x), 1));
                for (int i = 0; i < y.length; i++) {
                    y[i] = x[i] + lambda() * product[i];
                }
            }
        };
    }

    @Override
    WeightPosterior posterior(LogitProblem problem, double[] alpha) {
        double[] mean = problem.map().transposed(problem.x(), alpha);
        Vectors.scale(mean, lambda());
        return new ClasswiseWeights(mean, lambda(), problem.x(), kernel.matrix(), curvature);
    }
}
