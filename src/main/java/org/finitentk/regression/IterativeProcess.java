package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.ConjugateGradients.Status;
import org.finitentk.internal.linalg.Ritz;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.BoundToNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.GaussianProcessProto;
import org.finitentk.protos.IterativeProto;
import org.jspecify.annotations.Nullable;

/**
 * A Gaussian process whose kernel matrix is never made: solves by preconditioned conjugate gradients (Gardner et al. 2018, "GPyTorch: Blackbox Matrix-Matrix Gaussian
 * Process Inference"). Variances take one solve a row of new examples, many at a time; what they need of the training data is computed at the first of them and kept.
 */
final class IterativeProcess extends GaussianProcess {
    private static final Logger LOG = Logger.getLogger(IterativeProcess.class.getName());
    /** An automatic subspace has at least about this dimension. */
    private static final int LEAST_SUBSPACE = 200;
    /** A subspace with fewer numbers than this is stored with a model: 256 MiB; a larger one is built again. */
    private static final long STORED_MOST = 1L << 25;
    /** Right-hand sides that are solved together. */
    private static final int TOGETHER = 32;

    private final int rows;
    private final IterativeSettings settings;
    private final IterativeReport report;
    /** Dimension of the subspace that variances come from; 0 if they are exact. */
    private final int varianceRank;
    private final UnsolvedVariances unsolvedVariances = new UnsolvedVariances();
    private final BoundToNetwork<KernelSystem> kept = new BoundToNetwork<>();
    private @Nullable Ritz subspace;

    private IterativeProcess(int rows, IterativeSettings settings, IterativeReport report, List<Column> columns, @Nullable Ritz subspace, int varianceRank) {
        super(columns);
        this.rows = rows;
        this.settings = settings;
        this.report = report;
        this.subspace = subspace;
        this.varianceRank = varianceRank;
    }

    /** A fitted process and the solutions α of its columns. */
    record Fitted(IterativeProcess process, List<double[]> alphas) {
    }

    static Fitted fit(Setting setting, Targets targets, RegressionSettings settings, ProgressListener progress) {
        if (settings.noiseVariance() == 0) {
            throw new IllegalArgumentException("the noise variance is 0, with which the iterative solver has no preconditioner; raise it, or use the dense solver");
        }
        IterativeSettings iterative = settings.iterative();
        KernelSystem system = KernelSystem.of(setting, KernelSystem.cheapest(setting, expectedVectors(settings, targets), iterative), iterative, progress);
        try {
            if (system.rank() == 0) {
                throw new IllegalArgumentException("the kernel is zero on the training data: no parameter moves the network's output; choose another output");
            }
            List<Column> columns = new ArrayList<>();
            List<double[]> alphas = new ArrayList<>();
            List<IterativeReport> reports = new ArrayList<>();
            for (int c = 0; c < targets.columns(); c++) {
                IterativeFit fit = new StochasticVarianceSearch(system, targets, c, settings).best();
                columns.add(new Column(fit.lambda(), fit.noise(), fit.coefficients(), fit.logMarginalLikelihood()));
                alphas.add(fit.alpha());
                reports.add(new IterativeReport(fit.ended().status(), fit.ended().iterations(), fit.ended().residual(), system.rank(), system.products()));
            }
            IterativeReport worst = reports.stream().reduce(IterativeReport::worse).orElseThrow();
            worst.requireSolved(iterative, variances(columns));
            if (worst.status() != Status.CONVERGED) {
                LOG.warning(worst.advice());
            }
            Ritz subspace = iterative.varianceMethod() == VarianceMethod.CACHED ? system.subspace(setting, largestRatio(columns)) : null;
            IterativeProcess process = new IterativeProcess(targets.rows(), iterative, worst, columns, subspace, subspace == null ? 0 : subspace.rank());
            process.kept.put(system, setting.network());
            return new Fitted(process, alphas);
        } catch (RuntimeException | Error e) {
            system.close();
            throw e;
        }
    }

    /** Of the column that is hardest to solve, as messages name them. */
    static String variances(List<Column> columns) {
        return Collections.max(columns, Comparator.comparingDouble(column -> column.priorVariance() / column.noiseVariance())).variances();
    }

    /** Of λ/σ². */
    private static double largestRatio(List<Column> columns) {
        return columns.stream().mapToDouble(column -> column.priorVariance() / column.noiseVariance()).max().orElse(1);
    }

    /** Vectors that the kernel matrix is multiplied with, roughly. */
    static double expectedVectors(RegressionSettings settings, Targets targets) {
        boolean learns = settings.hyperparameterLearning() != HyperparameterLearning.NONE;
        int subspace = settings.iterative().varianceMethod() == VarianceMethod.CACHED ? Math.max(LEAST_SUBSPACE, settings.iterative().varianceRank()) : 0;
        return subspace + SolverChoice.EXPECTED_ITERATIONS * targets.columns() * (1 + targets.basisSize() + (learns ? SolverChoice.POINTS * (1 + settings.iterative().probes()) : 0));
    }

    static IterativeProcess read(GaussianProcessProto proto, List<Column> columns) {
        IterativeProto stored = proto.getIterative();
        long numbers = (long) proto.getRows() * stored.getSubspaceRank();
        Ritz subspace = stored.getSubspace().isEmpty() ? null
            : Ritz.of(proto.getRows(), StoredNumbers.read("subspace", stored.getSubspace(), numbers), StoredNumbers.read("subspace's products", stored.getImages(), numbers));
        return new IterativeProcess(proto.getRows(), StoredIterative.settings(stored), StoredIterative.report(stored), columns, subspace, stored.getSubspaceRank());
    }

    @Override
    IterativeReport report() {
        return report;
    }

    @Override
    VarianceMethod varianceMethod() {
        return settings.varianceMethod();
    }

    int varianceRank() {
        return varianceRank;
    }

    /** Whether something that only variances and samples need is in memory. */
    synchronized boolean isPrepared() {
        return kept.isPresent();
    }

    @Override
    Solver solver() {
        return Solver.ITERATIVE;
    }

    @Override
    int rows() {
        return rows;
    }

    @Override
    long numbersPerRow() {
        return settings.varianceMethod() == VarianceMethod.CACHED ? rows : 2L * rows;
    }

    @Override
    double jitter() {
        return 0;
    }

    @Override
    synchronized List<Moments> moments(Setting setting, Examples z, List<Solution> solutions) {
        double[] prior = new KernelTiles(setting.network()).diagonal(z, setting.outputs());
        double[] cross = DenseProcess.cross(setting, z, prior.length, columns());
        if (settings.varianceMethod() == VarianceMethod.CACHED) {
            return cached(setting, prior, cross, solutions);
        }
        KernelSystem system = system(setting);
        List<double[]> right = IntStream.range(0, prior.length).mapToObj(r -> column(cross, prior.length, r)).toList();
        List<Moments> moments = new ArrayList<>();
        for (int c = 0; c < columns().size(); c++) {
            double lambda = columns().get(c).priorVariance();
            double[] mean = DenseProcess.products(cross, solutions.get(c).alpha(), prior.length);
            double[] means = Arrays.stream(mean).map(value -> lambda * value).toArray();
            moments.add(exact(system, columns().get(c), prior, right, means));
        }
        return moments;
    }

    /** λ (k** - λ kᵀ (λSKS + σ²I)⁻¹ k), what is subtracted being too small by at most the error. */
    private List<Moments> cached(Setting setting, double[] prior, double[] cross, List<Solution> solutions) {
        Ritz ritz = subspace(setting);
        List<Moments> moments = new ArrayList<>();
        for (int c = 0; c < columns().size(); c++) {
            double lambda = columns().get(c).priorVariance();
            double[] mean = DenseProcess.products(cross, solutions.get(c).alpha(), prior.length);
            Ritz.Forms explained = ritz.forms(lambda, columns().get(c).noiseVariance(), cross, prior.length);
            double[] variance = new double[prior.length];
            double[] error = new double[prior.length];
            for (int r = 0; r < prior.length; r++) {
                mean[r] *= lambda;
                variance[r] = lambda * (prior[r] - lambda * explained.values()[r]);
                error[r] = lambda * lambda * explained.bounds()[r];
                requireUseful(error[r], lambda * prior[r], columns().get(c), settings);
            }
            moments.add(new Moments(mean, variance, error));
        }
        return moments;
    }

    private Ritz subspace(Setting setting) {
        Ritz ritz = subspace;
        if (ritz == null) {
            ritz = system(setting).subspace(setting, largestRatio(columns()));
            subspace = ritz;
        }
        return ritz;
    }

    private KernelSystem system(Setting setting) {
        return kept.get(setting.network(), () -> KernelSystem.of(setting, report.products(), settings, ProgressListener.NONE));
    }

    @Override
    synchronized double[] solve(Setting setting, double[] right, int column) {
        Column own = columns().get(column);
        ConjugateGradients.Column solved = system(setting).solve(own.priorVariance(), own.noiseVariance(), List.of(right), null, "samples").get(0);
        UnsolvedException.require(solved.ending("a sample"), solved.residual(), IterativeReport.change(settings, solved.status(), own.variances()));
        return solved.solution();
    }

    /** bᵀA⁻¹b = bᵀx + xᵀr + rᵀA⁻¹r for what is left over by a solve, r = b - A x. The last of these is not known, but at most rᵀr/σ². */
    private Moments exact(KernelSystem system, Column column, double[] prior, List<double[]> right, double[] mean) {
        double lambda = column.priorVariance();
        double[] variance = new double[prior.length];
        double[] error = new double[prior.length];
        for (int from = 0; from < prior.length; from += TOGETHER) {
            List<double[]> some = right.subList(from, Math.min(prior.length, from + TOGETHER));
            List<ConjugateGradients.Column> solves = system.solve(lambda, column.noiseVariance(), some, null, "variances");
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
            UnsolvedException.require(solve.ending("a variance"), solve.residual(), IterativeReport.change(settings, solve.status(), column.variances()));
            unsolvedVariances.report(solve);
        }
    }

    private static double[] column(double[] matrix, int columns, int j) {
        double[] column = new double[matrix.length / columns];
        for (int i = 0; i < column.length; i++) {
            column[i] = matrix[i * columns + j];
        }
        return column;
    }

    @Override
    long storedNumbers() {
        long numbers = 2L * varianceRank * rows;
        return numbers <= STORED_MOST ? numbers : 0;
    }

    @Override
    synchronized GaussianProcessProto.Builder toProto() {
        IterativeProto.Builder iterative = StoredIterative.write(settings, report).setSubspaceRank(varianceRank);
        if (subspace != null && storedNumbers() > 0) {
            iterative.setSubspace(StoredNumbers.write(subspace.vectors())).setImages(StoredNumbers.write(subspace.images()));
        }
        return GaussianProcessProto.newBuilder().setRows(rows).setSolver(Solver.ITERATIVE.name()).setIterative(iterative);
    }
}
