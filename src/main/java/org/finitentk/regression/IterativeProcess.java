package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.kernel.BoundToNetwork;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.Ritz;
import org.finitentk.internal.linalg.VectorBlock;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.protos.GaussianProcessProto;
import org.finitentk.protos.IterativeProto;
import org.jspecify.annotations.Nullable;

/**
 * A Gaussian process whose kernel matrix is never made: solves by preconditioned conjugate gradients (Gardner et al.
 * 2018, "GPyTorch: Blackbox Matrix-Matrix Gaussian Process Inference"). Variances take one solve a row of new examples,
 * many at a time; what they need of the training data is computed at the first of them and kept.
 */
final class IterativeProcess extends GaussianProcess {
    /** A subspace with fewer numbers than this is stored with a model: 256 MiB; a larger one is built again. */
    private static final long STORED_MOST = 1L << 25;
    /** Right-hand sides that are solved together. */
    private static final int TOGETHER = 32;

    private final RegressionSettings.Iterative settings;
    private final Solver.Iterations report;
    /** Dimension of the subspace that variances come from; 0 if they are exact. */
    private final int varianceRank;

    private final UnsolvedVariances unsolvedVariances = new UnsolvedVariances();
    private final BoundToNetwork<KernelSystem> kept = new BoundToNetwork<>();
    private @Nullable Ritz subspace;

    private IterativeProcess(
            int rows,
            RegressionSettings.Iterative settings,
            Solver.Iterations report,
            List<Column> columns,
            @Nullable Ritz subspace,
            int varianceRank) {
        super(Solver.ITERATIVE, rows, columns);
        this.settings = settings;
        this.report = report;
        this.subspace = subspace;
        this.varianceRank = varianceRank;
    }

    /** A fitted one, for which the system is kept; it belongs to the process from now on. */
    static IterativeProcess of(Problem problem, KernelSystem system, Solver.Iterations report, List<Column> columns) {
        RegressionSettings.Iterative settings = problem.settings().iterative();
        boolean cached = settings.variances().method() == VarianceMethod.CACHED;
        Ritz subspace = cached ? system.subspace(largestRatio(columns)) : null;
        int rank = subspace == null ? 0 : subspace.rank();
        IterativeProcess process =
                new IterativeProcess(problem.targets().rows(), settings, report, columns, subspace, rank);
        process.kept.put(system, problem.network());
        return process;
    }

    /** Of λ/σ². */
    private static double largestRatio(List<Column> columns) {
        return columns.stream()
                .mapToDouble(column -> column.priorVariance() / column.noiseVariance())
                .max()
                .orElse(1);
    }

    static IterativeProcess read(GaussianProcessProto proto, List<Column> columns) {
        IterativeProto stored = proto.getIterative();
        long numbers = (long) proto.getRows() * stored.getSubspaceRank();
        Ritz subspace = stored.getSubspace().isEmpty()
                ? null
                : Ritz.of(
                        proto.getRows(),
                        StoredNumbers.read("subspace", stored.getSubspace(), numbers),
                        StoredNumbers.read("subspace's products", stored.getImages(), numbers));
        return new IterativeProcess(
                proto.getRows(),
                StoredIterative.settings(stored),
                StoredIterative.report(stored),
                columns,
                subspace,
                stored.getSubspaceRank());
    }

    @Override
    Solver.Iterations report() {
        return report;
    }

    @Override
    VarianceMethod varianceMethod() {
        return settings.variances().method();
    }

    @Override
    int varianceRank() {
        return varianceRank;
    }

    /** Whether something that only variances and samples need is in memory. */
    synchronized boolean isPrepared() {
        return kept.isPresent();
    }

    @Override
    long numbersPerRow() {
        return settings.variances().method() == VarianceMethod.CACHED ? rows() : 2L * rows();
    }

    @Override
    synchronized List<Moments> moments(TrainingKernel kernel, Examples z, List<Solution> solutions) {
        double[] prior = kernel.prior(z);
        double[] cross = cross(kernel, z);
        List<double[]> means = means(cross, prior.length, solutions);
        List<Moments> moments = new ArrayList<>();
        for (int c = 0; c < columns().size(); c++) {
            Column column = columns().get(c);
            Moments own = settings.variances().method() == VarianceMethod.CACHED
                    ? cached(subspace(kernel), column, prior, cross, means.get(c))
                    : exact(system(kernel), column, prior, new VectorBlock(cross, prior.length), means.get(c));
            ConstantFit constant = solutions.get(c).constant();
            if (constant != null) {
                constant.addTo(own.variance(), explained(constant, cross, prior.length, c));
            }
            moments.add(own);
        }
        return moments;
    }

    /** λ (k** - λ kᵀ (λSKS + σ²I)⁻¹ k), what is subtracted being too small by at most the error. */
    private Moments cached(Ritz ritz, Column column, double[] prior, double[] cross, double[] mean) {
        double lambda = column.priorVariance();
        Ritz.Forms explained = ritz.forms(lambda, column.noiseVariance(), cross, prior.length);
        double[] variance = new double[prior.length];
        double[] error = new double[prior.length];
        for (int r = 0; r < prior.length; r++) {
            variance[r] = lambda * (prior[r] - lambda * explained.values()[r]);
            error[r] = lambda * lambda * explained.bounds()[r];
            requireUseful(error[r], lambda * prior[r], column, settings);
        }
        return new Moments(mean, variance, error);
    }

    private Ritz subspace(TrainingKernel kernel) {
        Ritz ritz = subspace;
        if (ritz == null) {
            ritz = system(kernel).subspace(largestRatio(columns()));
            subspace = ritz;
        }
        return ritz;
    }

    private KernelSystem system(TrainingKernel kernel) {
        return kept.get(kernel.network(), () -> KernelSystem.of(kernel, report.products(), settings));
    }

    @Override
    synchronized double[] solve(TrainingKernel kernel, double[] right, int column) {
        Column own = columns().get(column);
        ConjugateGradients.Column solved = system(kernel)
                .solve(own.priorVariance(), own.noiseVariance(), List.of(right), null, "samples")
                .get(0);
        UnsolvedException.require(
                solved.ending("a sample"),
                solved.residual(),
                Convergence.change(settings, Solver.Iterations.Status.of(solved.status()), own.variances()));
        return solved.solution();
    }

    /**
     * bᵀA⁻¹b = bᵀx + xᵀr + rᵀA⁻¹r for what is left over by a solve, r = b - A x. The last of these is not known, but at
     * most rᵀr/σ².
     */
    private Moments exact(KernelSystem system, Column column, double[] prior, VectorBlock right, double[] mean) {
        double lambda = column.priorVariance();
        double[] variance = new double[prior.length];
        double[] error = new double[prior.length];
        for (int from = 0; from < prior.length; from += TOGETHER) {
            List<double[]> some = right.columns(from, Math.min(prior.length, from + TOGETHER));
            List<ConjugateGradients.Column> solves =
                    system.solve(lambda, column.noiseVariance(), some, null, "variances");
            requireSolved(solves, column);
            for (int j = 0; j < some.size(); j++) {
                double explained = 0;
                double left = 0;
                for (int i = 0; i < some.get(j).length; i++) {
                    double rest = solves.get(j).remainder()[i];
                    explained += (some.get(j)[i] + rest) * solves.get(j).solution()[i];
                    left += rest * rest;
                }
                variance[from + j] = lambda * (prior[from + j] - lambda * Math.max(0, explained));
                error[from + j] = lambda * lambda * left / column.noiseVariance();
                requireUseful(error[from + j], lambda * prior[from + j], column, settings);
            }
        }
        return new Moments(mean, variance, error);
    }

    private void requireSolved(List<ConjugateGradients.Column> solves, Column column) {
        for (ConjugateGradients.Column solve : solves) {
            UnsolvedException.require(
                    solve.ending("a variance"),
                    solve.residual(),
                    Convergence.change(settings, Solver.Iterations.Status.of(solve.status()), column.variances()));
            unsolvedVariances.report(solve);
        }
    }

    @Override
    long storedNumbers() {
        long numbers = 2L * varianceRank * rows();
        return numbers <= STORED_MOST ? numbers : 0;
    }

    @Override
    synchronized GaussianProcessProto.Builder toProto() {
        IterativeProto.Builder iterative =
                StoredIterative.write(settings, report).setSubspaceRank(varianceRank);
        if (subspace != null && storedNumbers() > 0) {
            iterative
                    .setSubspace(StoredNumbers.write(subspace.vectors()))
                    .setImages(StoredNumbers.write(subspace.images()));
        }
        return GaussianProcessProto.newBuilder()
                .setRows(rows())
                .setSolver(Solver.ITERATIVE.name())
                .setIterative(iterative);
    }
}
