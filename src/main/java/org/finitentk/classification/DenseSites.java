package org.finitentk.classification;

import java.util.List;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
import org.finitentk.internal.linalg.VectorBlock;
import org.jspecify.annotations.Nullable;

/** Sites whose B is factorized: everything is exact. */
final class DenseSites extends KernelSites {
    /** Columns of B that marginal covariances take at once. */
    private static final int PANEL = 1024;

    private final Cholesky cholesky;
    private final LogitDraws draws;
    /** R K, if it is one panel, until the covariance has met it. */
    private double @Nullable [][] whole;

    private @Nullable BlockDiagonal covariance;

    DenseSites(LogitKernel kernel, double lambda, SitePrecision sites, LogitDraws draws) {
        super(kernel, lambda, sites);
        this.draws = draws;
        this.whole = kernel.size() <= PANEL ? kernel.rooted(root(), 0, kernel.examples()) : null;
        this.cholesky = factor(sandwiched(), kernel.size(), lambda);
    }

    private interface Panel {
        void accept(int from, double[][] rooted);
    }

    /** R K by columns of some examples each, the first of which is told. */
    private void panels(Panel panel) {
        double[][] known = whole;
        if (known != null) {
            panel.accept(0, known);
            return;
        }
        int examples = kernel().examples();
        int step = Math.max(1, PANEL / root().size());
        for (int from = 0; from < examples; from += step) {
            panel.accept(from, kernel().rooted(root(), from, Math.min(examples, from + step)));
        }
    }

    /** I + λ R K R; only its lower triangle is filled. */
    private NativeDoubles sandwiched() {
        int size = kernel().size();
        if (size > CostModel.MAX_SIDE) {
            throw new IllegalArgumentException("a dense system of " + kernel().examples() + " examples and "
                    + kernel().classes() + " classes has " + size + " rows; at most " + CostModel.MAX_SIDE
                    + " are possible, so use the solver ITERATIVE or LOW_RANK");
        }
        NativeDoubles b = new NativeDoubles((long) size * size);
        panels((from, rooted) -> root().sandwich(rooted, from, lambda(), b));
        return b;
    }

    private static Cholesky factor(NativeDoubles b, int size, double lambda) {
        try {
            return Cholesky.factorInPlace(b, size);
        } catch (NotPositiveDefiniteException e) {
            throw tooLarge(lambda, e);
        }
    }

    @Override
    Cholesky factor() {
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
        return root().square().traceOfProduct(covariance());
    }

    @Override
    double divergenceError() {
        return 0;
    }

    @Override
    ExpectedLikelihood expected(LabelTargets targets, double[] mean) {
        return ExpectedLikelihood.of(targets, mean, covariance(), draws);
    }

    /** λ K_ii − λ² K_i R B⁻¹ R K_i of each example. */
    BlockDiagonal covariance() {
        BlockDiagonal known = covariance;
        if (known != null) {
            return known;
        }
        BlockDiagonal v = kernel().diagonalBlocks();
        panels((from, rooted) -> explain(cholesky, lambda(), rooted, v, from));
        whole = null;
        covariance = v;
        return v;
    }

    /**
     * Replaces the blocks of some examples Z, the first ones from some on, from K_ii to λ K_ii − λ² K_iX R B⁻¹ R K_Xi.
     *
     * @param rooted R K_XZ, n C rows of m C
     */
    static void explain(Cholesky cholesky, double lambda, double[][] rooted, BlockDiagonal blocks, int first) {
        int c = blocks.size();
        int width = rooted[0].length;
        try (NativeDoubles t = new NativeDoubles((long) rooted.length * width)) {
            for (int row = 0; row < rooted.length; row++) {
                t.put((long) row * width, rooted[row], 0, width);
            }
            cholesky.forwardInPlace(t, width);
            for (int i = 0; i < width / c; i++) {
                double[] product = Blas.columnProducts(t, width, i * c, c);
                for (int e = 0; e < c * c; e++) {
                    int at = (first + i) * c * c + e;
                    blocks.values()[at] = lambda * (blocks.values()[at] - lambda * product[e]);
                }
            }
        }
    }
}
