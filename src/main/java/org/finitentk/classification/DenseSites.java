package org.finitentk.classification;

import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
import org.finitentk.internal.linalg.VectorBlock;
import org.jspecify.annotations.Nullable;

/** Sites whose B is factorized: everything is exact. */
final class DenseSites extends SiteSystem {
    /** Columns of B that marginal covariances take at once. */
    private static final int PANEL = 1024;

    private final Cholesky cholesky;
    private final LogitDraws draws;
    private @Nullable BlockDiagonal covariance;

    DenseSites(LogitKernel kernel, double lambda, BlockDiagonal root, LogitDraws draws) {
        super(kernel, lambda, root);
        this.cholesky = factor(kernel.sandwiched(root, lambda), kernel.size(), lambda);
        this.draws = draws;
    }

    /** B has no eigenvalue below 1, but for rounding, which is relative to the largest. */
    private static Cholesky factor(double[] b, int size, double lambda) {
        try {
            return Cholesky.factor(b, size);
        } catch (NotPositiveDefiniteException e) {
            throw new IllegalArgumentException(
                    "the prior variance " + lambda
                            + " is so large that rounding hides what the prior says; expected a smaller priorVariance, "
                            + "or learnPriorVariance from a smaller one on",
                    e);
        }
    }

    Cholesky cholesky() {
        return cholesky;
    }

    @Override
    List<double[]> solve(List<double[]> rights) {
        VectorBlock block = VectorBlock.of(rights);
        cholesky.solveInPlace(block.elements(), block.count());
        return block.columns();
    }

    @Override
    double logDeterminant() {
        return cholesky.logDeterminant();
    }

    /** tr(I − B⁻¹) = tr(D V), V being the training logits' posterior covariance. */
    @Override
    double effectiveParameters() {
        BlockDiagonal r = root();
        BlockDiagonal v = covariance();
        int c = r.size();
        double sum = 0;
        double[] product = new double[c * c];
        for (int i = 0; i < r.blocks(); i++) {
            int at = i * c * c;
            for (int a = 0; a < c; a++) {
                for (int b = 0; b < c; b++) {
                    product[a * c + b] = 0;
                    for (int e = 0; e < c; e++) {
                        product[a * c + b] += r.values()[at + a * c + e] * r.values()[at + e * c + b];
                    }
                    sum += product[a * c + b] * v.values()[at + b * c + a];
                }
            }
        }
        return sum;
    }

    @Override
    double divergenceError() {
        return 0;
    }

    @Override
    double[][] draws(double[] mean) {
        BlockDiagonal spread = covariance().root();
        double[][] logits = new double[draws.count()][];
        IntStream.range(0, logits.length).parallel().forEach(s -> logits[s] = draws.logits(s, mean, spread));
        return logits;
    }

    /** Over a single logit, points that are the same for all examples would err more than sums of its own. */
    @Override
    ExpectedLikelihood expected(LabelTargets targets, double[] mean) {
        return targets.likelihood() instanceof BernoulliLikelihood
                ? ExpectedLikelihood.ofLogOdds(targets, mean, covariance())
                : super.expected(targets, mean);
    }

    /** λ K_ii − λ² K_i R B⁻¹ R K_i of each example. */
    BlockDiagonal covariance() {
        BlockDiagonal known = covariance;
        if (known != null) {
            return known;
        }
        BlockDiagonal v = kernel().diagonalBlocks();
        int c = v.size();
        int step = Math.max(1, PANEL / c);
        for (int from = 0; from < v.blocks(); from += step) {
            double[] columns = kernel().columns(from, Math.min(v.blocks(), from + step));
            explain(root(), cholesky, lambda(), columns, v, from);
        }
        covariance = v;
        return v;
    }

    /**
     * Replaces the blocks of m examples, at first, from K_ii to λ K_ii − λ² K_iX R B⁻¹ R K_Xi; columns are K_XZ, n C ×
     * m C.
     */
    static void explain(
            BlockDiagonal root, Cholesky cholesky, double lambda, double[] columns, BlockDiagonal blocks, int first) {
        int c = root.size();
        int m = columns.length / (root.blocks() * c * c);
        int width = m * c;
        double[] t = root.multiply(columns, width);
        cholesky.forwardInPlace(t, width);
        int rows = t.length / width;
        double[] own = new double[rows * c];
        double[] product = new double[c * c];
        for (int i = 0; i < m; i++) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(t, row * width + i * c, own, row * c, c);
            }
            Blas.gemm(true, false, c, c, rows, 1, own, c, own, c, 0, product, c);
            for (int e = 0; e < c * c; e++) {
                int at = (first + i) * c * c + e;
                blocks.values()[at] = lambda * (blocks.values()[at] - lambda * product[e]);
            }
        }
    }
}
