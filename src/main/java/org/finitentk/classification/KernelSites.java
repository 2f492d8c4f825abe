package org.finitentk.classification;

import java.util.List;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.Vectors;
import org.jspecify.annotations.Nullable;

/** Sites that are met in function space, through B. */
abstract sealed class KernelSites extends SiteSystem permits DenseSites, IterativeSites {
    private final LogitKernel kernel;

    KernelSites(LogitKernel kernel, double lambda, SitePrecision sites) {
        super(lambda, sites);
        this.kernel = kernel;
    }

    final LogitKernel kernel() {
        return kernel;
    }

    /** R. */
    final BlockDiagonal root() {
        return sites().root();
    }

    /** B⁻¹ of several vectors. */
    abstract List<double[]> solve(List<double[]> rights);

    /** Of B, if it was factorized. */
    abstract @Nullable Cholesky factor();

    @Override
    final double[] alpha(double[] b) {
        double[] right = root().multiply(kernel.multiply(b), 1);
        Vectors.scale(right, lambda());
        double[] correction = root().multiply(solve(List.of(right)).get(0), 1);
        double[] alpha = new double[b.length];
        for (int i = 0; i < alpha.length; i++) {
            alpha[i] = b[i] - correction[i];
        }
        return alpha;
    }

    @Override
    final double[] logits(double[] alpha) {
        double[] logits = kernel.multiply(alpha);
        Vectors.scale(logits, lambda());
        return logits;
    }

    @Override
    final SiteWeights posterior(LogitProblem problem, double[] alpha) {
        double[] mean = problem.map().transposed(problem.x(), alpha);
        Vectors.scale(mean, lambda());
        return new SiteWeights(
                mean,
                lambda(),
                problem.x(),
                root(),
                factor(),
                problem.settings().method().covariance());
    }
}
