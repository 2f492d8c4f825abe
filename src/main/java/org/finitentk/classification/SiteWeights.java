package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.kernel.BoundToNetwork;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.RowSums;
import org.finitentk.internal.linalg.VectorBlock;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * N(ŵ, (λ⁻¹I + Jᵀ D J)⁻¹) by its sites on the training examples. With a factorization of B covariances are exact;
 * without one they are solved for by conjugate gradients, which meet the training examples again.
 */
final class SiteWeights extends WeightPosterior {
    private final Examples training;
    private final BlockDiagonal root;
    private final @Nullable Cholesky cholesky;
    private final ClassificationSettings.Covariance settings;
    private final BoundToNetwork<IterativeSites> kept = new BoundToNetwork<>();
    private final BoundToNetwork<LogitRows> rows = new BoundToNetwork<>();

    SiteWeights(
            double[] mean,
            double lambda,
            Examples training,
            BlockDiagonal root,
            @Nullable Cholesky cholesky,
            ClassificationSettings.Covariance settings) {
        super(mean, lambda);
        this.training = training;
        this.root = root;
        this.cholesky = cholesky;
        this.settings = settings;
    }

    Examples training() {
        return training;
    }

    BlockDiagonal root() {
        return root;
    }

    @Nullable
    Cholesky cholesky() {
        return cholesky;
    }

    /** B⁻¹ of several vectors. */
    private List<double[]> solve(LogitMap map, List<double[]> rights) {
        Cholesky factor = cholesky;
        if (factor == null) {
            return sites(map).solve(rights);
        }
        VectorBlock block = VectorBlock.of(rights);
        factor.solveInPlace(block.elements(), block.count());
        return block.columns();
    }

    private IterativeSites sites(LogitMap map) {
        return kept.get(
                map.network(),
                () -> new IterativeSites(
                        LogitAccess.kernel(map, training, ProgressListener.NONE),
                        lambda(),
                        SitePrecision.ofRoot(root),
                        RandomWeights.NONE,
                        settings.solveTolerance()));
    }

    private LogitRows rows(LogitMap map) {
        return rows.get(map.network(), () -> new LogitRows(map, training, ProgressListener.NONE));
    }

    /** Pathwise: √λ ε − λ Jᵀ R B⁻¹ (R √λ J ε + ξ). */
    @Override
    double[][] drawn(LogitMap map, double[][] standard, int first, long seed) {
        for (double[] draw : standard) {
            Vectors.scale(draw, Math.sqrt(lambda()));
        }
        boolean byRows = LogitRows.serve(map, standard.length) && LogitRows.isKept(map, training.size());
        double[][] products = byRows ? rows(map).products(standard) : map.products(training, standard);
        List<double[]> rights = new ArrayList<>();
        for (int s = 0; s < products.length; s++) {
            double[] noise = RandomWeights.gaussian(products[s].length, RandomWeights.stream(~seed, first + s));
            rights.add(LogPosterior.sum(noise, 1, root.multiply(products[s], 1)));
        }
        double[][] corrections = solve(map, rights).stream()
                .map(solution -> root.multiply(solution, 1))
                .toArray(double[][]::new);
        double[][] weights = byRows ? rows(map).transposed(corrections) : map.transposed(training, corrections);
        for (int s = 0; s < weights.length; s++) {
            Vectors.add(standard[s], -lambda(), weights[s]);
        }
        return standard;
    }

    @Override
    BlockDiagonal covariance(LogitMap map, Examples z) {
        BlockDiagonal blocks = priorBlocks(map, z);
        double[] columns = LogitKernel.cross(map, training, z);
        Cholesky factor = cholesky;
        if (factor != null) {
            int width = z.size() * root.size();
            double[][] rooted = RowSums.of(root.multiply(columns, width), 0, columns.length / width, width);
            DenseSites.explain(factor, lambda(), rooted, blocks, 0);
        } else {
            explain(map, columns, blocks);
        }
        return blocks;
    }

    /**
     * bᵀB⁻¹b' = bᵀx' + xᵀr' + rᵀB⁻¹r' for what is left over by solves, r = b - B x. The last of these is second order
     * in it, and is left out.
     */
    private void explain(LogitMap map, double[] columns, BlockDiagonal blocks) {
        int c = map.classes();
        int width = blocks.blocks() * c;
        List<double[]> rights = new VectorBlock(root.multiply(columns, width), width).columns();
        List<ConjugateGradients.Column> solved = sites(map).columns(rights);
        for (int i = 0; i < blocks.blocks(); i++) {
            for (int a = 0; a < c; a++) {
                double[] right = rights.get(i * c + a);
                double[] solution = solved.get(i * c + a).solution();
                for (int b = 0; b < c; b++) {
                    ConjugateGradients.Column other = solved.get(i * c + b);
                    double explained = Vectors.dot(right, other.solution()) + Vectors.dot(solution, other.remainder());
                    int at = (i * c + a) * c + b;
                    blocks.values()[at] = lambda() * (blocks.values()[at] - lambda() * explained);
                }
            }
        }
    }

    /** Without a factorization each logit of each example is a linear system. */
    @Override
    boolean hasQuickCovariance(LogitMap map) {
        return cholesky != null;
    }

    @Override
    long numbersPerExample(LogitMap map) {
        return 4L * root.blocks() * root.size() * root.size();
    }
}
