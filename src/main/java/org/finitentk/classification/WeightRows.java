package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
import org.finitentk.internal.linalg.SymmetricSum;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the training logits' Jacobian J, for many passes over them: sums and products in weight space, in an
 * order of the weights. Rows that take little memory are kept; others are made again, some examples at a time, in each
 * pass, and products with single vectors then are the network's own, in its precision. Close it.
 */
final class WeightRows implements PriorCovariance {
    /** Numbers that are kept at most: 512 MiB. */
    private static final long MOST_KEPT = 1L << 26;
    /** Share of the network's memory budget that they may take. */
    private static final double SHARE = 0.25;
    /** Examples that tell which weights are a logit's own. */
    private static final int TELLING = 256;
    /** Numbers of their rows. */
    private static final long TELLING_NUMBERS = 1L << 23;

    private final LogitProblem problem;
    private final WeightColumns columns;
    private final @Nullable List<RowChunk> kept;
    private final @Nullable Subspace subspace;

    private WeightRows(
            LogitProblem problem, WeightColumns columns, @Nullable List<RowChunk> kept, @Nullable Subspace subspace) {
        this.problem = problem;
        this.columns = columns;
        this.kept = kept;
        this.subspace = subspace;
    }

    /**
     * Where weights are those of some coordinates.
     *
     * @param basis of the coordinates
     * @param rest the prior covariance of what the training logits have outside, for λ = 1
     */
    private record Subspace(InducingExamples basis, BlockDiagonal rest) {}

    static WeightRows of(LogitProblem problem) {
        WeightColumns columns = columns(problem);
        long perExample = columns.ownWidth() + (long) columns.logits() * columns.commonSize();
        double numbers = (double) perExample * problem.x().size();
        double most =
                Math.min(MOST_KEPT, SHARE * problem.map().network().settings().effectiveMemoryBudget() / Double.BYTES);
        WeightRows rows = new WeightRows(problem, columns, numbers <= most ? new ArrayList<>() : null, null);
        List<RowChunk> own = rows.kept;
        if (own != null) {
            try {
                rows.make(problem.progress(), own::add);
            } catch (RuntimeException | Error e) {
                rows.close();
                throw e;
            }
        }
        return rows;
    }

    /** In the coordinates of a subspace; always kept. */
    static WeightRows of(LogitProblem problem, InducingExamples basis) {
        LogitMap map = problem.map();
        int n = problem.x().size();
        BlockDiagonal rest = BlockDiagonal.zeros(n, map.classes());
        List<RowChunk> kept = new ArrayList<>();
        WeightRows rows = new WeightRows(problem, basis.columns(map), kept, new Subspace(basis, rest));
        try {
            for (int from = 0; from < n; from += basis.step(map)) {
                int to = Math.min(n, from + basis.step(map));
                Examples some = problem.x().slice(from, to);
                try (NativeDoubles own = basis.rows(map, some)) {
                    kept.add(RowChunk.of(own, from, to, rows.columns));
                    InducingExamples.addRest(map, own, WeightPosterior.priorBlocks(map, some), 1, rest, from);
                }
                problem.progress().progress("rows in a subspace", to, n);
            }
            return rows;
        } catch (RuntimeException | Error e) {
            rows.close();
            throw e;
        }
    }

    private static WeightColumns columns(LogitProblem problem) {
        LogitMap map = problem.map();
        int p = Math.toIntExact(map.network().parameterCount());
        int c = map.classes();
        if (map.isShared() || c == 1) {
            return WeightColumns.shared(c, p);
        }
        int some = (int) Math.min(Math.min(TELLING, problem.x().size()), Math.max(1, TELLING_NUMBERS / p / c));
        List<WeightColumns> told = new ArrayList<>();
        new JacobianRows(map.network(), ProgressListener.NONE)
                .forEach(
                        problem.x().slice(0, some),
                        map.outputs(),
                        (from, to, rows) -> told.add(WeightColumns.of(rows, (to - from) * c, p, c)));
        return told.get(0);
    }

    private void make(ProgressListener progress, Consumer<RowChunk> consumer) {
        LogitMap map = problem.map();
        new JacobianRows(map.network(), progress)
                .forEach(
                        problem.x(),
                        map.outputs(),
                        (from, to, rows) -> consumer.accept(RowChunk.of(rows, from, to, columns)));
    }

    /** All rows, some examples at a time. */
    private void forEach(Consumer<RowChunk> consumer) {
        List<RowChunk> own = kept;
        if (own != null) {
            own.forEach(consumer);
            return;
        }
        make(problem.progress(), chunk -> {
            try (chunk) {
                consumer.accept(chunk);
            }
        });
    }

    WeightColumns columns() {
        return columns;
    }

    /** Jᵀ u of n C numbers, in the columns' order. */
    double[] transposed(double[] u) {
        List<RowChunk> own = kept;
        if (own == null) {
            return columns.ordered(problem.jacobian().transposed(u));
        }
        double[] sums = new double[columns.size()];
        own.forEach(chunk -> chunk.addTransposed(u, sums));
        return sums;
    }

    /** J w of weights in the columns' order, n C numbers. */
    double[] product(double[] w) {
        List<RowChunk> own = kept;
        if (own == null) {
            return problem.jacobian().product(columns.original(w));
        }
        double[] f = new double[problem.priorLogits().length];
        own.forEach(chunk -> chunk.product(w, f));
        return f;
    }

    @Override
    public double[] multiply(double[] alpha) {
        return product(transposed(alpha));
    }

    /**
     * A = I + λ Jᵀ D J, factorized.
     *
     * @throws IllegalArgumentException if λ is so large that rounding hides the identity
     */
    WeightFactor factor(BlockDiagonal d, double lambda) {
        try (SymmetricSum sum = new SymmetricSum(columns.size())) {
            forEach(chunk -> CurvatureSum.add(chunk, d, lambda, sum));
            return new WeightFactor(columns, sum.factorWithIdentity());
        } catch (NotPositiveDefiniteException e) {
            throw SiteSystem.tooLarge(lambda, e);
        }
    }

    /** λ J_i A⁻¹ J_iᵀ of each example. */
    BlockDiagonal covariance(WeightFactor factor, double lambda) {
        BlockDiagonal blocks = BlockDiagonal.zeros(problem.x().size(), columns.logits());
        NativeDoubles inverse = factor.inverse();
        forEach(chunk -> chunk.covariance(inverse, lambda, blocks));
        return blocks;
    }

    /** With what a subspace leaves out of it. */
    BlockDiagonal withRest(BlockDiagonal covariance, double lambda) {
        if (subspace == null) {
            return covariance;
        }
        double[] whole = covariance.values().clone();
        Vectors.add(whole, lambda, subspace.rest().values());
        return new BlockDiagonal(covariance.blocks(), covariance.size(), whole);
    }

    /**
     * How much of the variance of the training logits, summed over all, is what a subspace leaves out: of their prior
     * variance, and of a posterior one, in which that part keeps its prior.
     *
     * @param prior between 0 and 1
     * @param posterior between 0 and 1
     */
    record LeftOut(double prior, double posterior) {}

    /** Given λ J_i A⁻¹ J_iᵀ of each example. */
    LeftOut leftOut(BlockDiagonal covariance, double lambda) {
        if (subspace == null) {
            return new LeftOut(0, 0);
        }
        double rest = subspace.rest().trace();
        double prior = WeightPosterior.priorBlocks(problem.map(), problem.x()).trace();
        return new LeftOut(rest / prior, lambda * rest / (covariance.trace() + lambda * rest));
    }

    /** Of a mean in the columns' order. */
    WeightPosterior posterior(double[] mean, double lambda, WeightFactor factor) {
        if (subspace == null) {
            return new FactoredWeights(columns.original(mean), lambda, factor);
        }
        double[] weights = subspace.basis().weights(problem.map(), mean);
        return new InducedWeights(weights, lambda, subspace.basis(), factor);
    }

    @Override
    public void close() {
        if (kept != null) {
            kept.forEach(RowChunk::close);
        }
    }
}
