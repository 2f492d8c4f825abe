package org.finitentk.regression;

import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.KernelAccess;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.LowRank;
import org.finitentk.internal.linalg.Ritz;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * The kernel matrix of the training data as an operator, with its preconditioner, for solves at any λ and σ². Close it:
 * both are native memory.
 */
final class KernelSystem implements AutoCloseable {
    /** Vectors of a subspace that share a product. */
    private static final int BLOCK = 64;

    private static final int MOST_AUTOMATIC = 2000;
    /** An automatic subspace has at least about this dimension. */
    private static final int LEAST_SUBSPACE = 200;
    /**
     * What an automatic subspace may leave of the prior variances, on average, beside the noise: more than what it
     * leaves of the posterior ones.
     */
    private static final double LEFT = 1e-3;
    /** A preconditioner's share of the memory budget. */
    private static final int SHARE = 4;
    /** True residuals of a solve: of the start of its last stretch, and of its end. */
    private static final int CHECKS = 2;

    private final TrainingKernel kernel;
    private final LinearOperator operator;
    private final Solver.Iterations.Products products;
    private final LowRank lowRank;
    private final RegressionSettings.Iterative settings;
    private final ProgressListener progress;

    private KernelSystem(
            TrainingKernel kernel,
            LinearOperator operator,
            Solver.Iterations.Products products,
            LowRank lowRank,
            RegressionSettings.Iterative settings,
            ProgressListener progress) {
        this.kernel = kernel;
        this.operator = operator;
        this.products = products;
        this.lowRank = lowRank;
        this.settings = settings;
        this.progress = progress;
    }

    /** For the solves of a fit. */
    static KernelSystem of(Problem problem) {
        KernelAccess.Form form = access(problem).cheapest(expectedVectors(problem, CostModel.EXPECTED_ITERATIONS));
        return of(problem.kernel(), form, problem.settings().iterative(), problem.progress());
    }

    /** For more solves with a kernel that was multiplied in some form when the process was fitted. */
    static KernelSystem of(
            TrainingKernel kernel, Solver.Iterations.Products products, RegressionSettings.Iterative settings) {
        KernelAccess.Form form = KernelAccess.Form.valueOf(products.name());
        return of(kernel, form, settings, ProgressListener.NONE);
    }

    private static KernelSystem of(
            TrainingKernel kernel,
            KernelAccess.Form form,
            RegressionSettings.Iterative settings,
            ProgressListener progress) {
        KernelAccess.Opened opened =
                KernelAccess.open(form, kernel.network(), kernel.training(), kernel.outputs(), progress);
        LinearOperator operator = opened.operator();
        try {
            return new KernelSystem(
                    kernel,
                    operator,
                    Solver.Iterations.Products.valueOf(opened.form().name()),
                    KernelApproximation.of(kernel, operator, settings, progress),
                    settings,
                    progress);
        } catch (RuntimeException | Error e) {
            operator.close();
            throw e;
        }
    }

    /** How the kernel of a problem would be multiplied with. */
    static KernelAccess access(Problem problem) {
        return problem.kernel()
                .access(solvedTogether(problem), problem.settings().iterative().tolerance());
    }

    /** Right-hand sides of a column of targets: its own, the mean's basis functions, a search's random vectors. */
    private static int solvedTogether(Problem problem) {
        return 1 + problem.targets().basisSize() + (problem.learns() ? probes(problem) : 0);
    }

    /** What a fit takes, or the search for variances, if each solve takes so many iterations. */
    static double operations(Problem problem, double iterations) {
        double products = access(problem)
                .operations(
                        expectedVectors(problem, CostModel.EXPECTED_ITERATIONS),
                        expectedVectors(problem, iterations),
                        solves(problem) * CHECKS);
        int rank = KernelApproximation.rank(problem);
        return products + CostModel.lowRank(problem.rows(), rank, problem.parameters());
    }

    /** Vectors that the kernel is multiplied with, roughly, if each solve takes so many iterations. */
    private static double expectedVectors(Problem problem, double iterations) {
        RegressionSettings.Iterative iterative = problem.settings().iterative();
        int subspace = iterative.variances().method() == VarianceMethod.CACHED
                ? Math.max(LEAST_SUBSPACE, iterative.variances().rank())
                : 0;
        return subspace + iterations * solves(problem);
    }

    /** Right-hand sides of all columns and all points of the search for variances, roughly. */
    private static int solves(Problem problem) {
        int searched = problem.learns() ? CostModel.POINTS * (1 + probes(problem)) : 0;
        return problem.targets().columns() * (1 + problem.targets().basisSize() + searched);
    }

    private static int probes(Problem problem) {
        return problem.settings().iterative().probes();
    }

    int rank() {
        return lowRank.rank();
    }

    /** Of the kernel, relative to its largest eigenvalue. */
    double precision() {
        return VarianceSearch.precision(kernel.network().elementType());
    }

    Solver.Iterations.Products products() {
        return products;
    }

    /** Of S K S without λ and σ². */
    LowRank lowRank() {
        return lowRank;
    }

    LowRank.Sampled preconditioner(double lambda, double noise) {
        return lowRank.preconditioner(lambda, noise);
    }

    private NoisyKernel noisy(double lambda, double shift) {
        return new NoisyKernel(operator, kernel.noise(), lambda, shift);
    }

    /** (λ S K S + σ² I)⁻¹ of some vectors. */
    synchronized List<ConjugateGradients.Column> solve(
            double lambda, double noise, List<double[]> right, @Nullable List<double[]> start, String what) {
        ConjugateGradients.Listener listener =
                (iteration, residual) -> progress.progress(what, iteration, settings.maxIterations());
        return new ConjugateGradients(settings.tolerance(), settings.maxIterations(), listener)
                .solve(noisy(lambda, noise), preconditioner(lambda, noise), right, start);
    }

    /**
     * A subspace for variances.
     *
     * @param ratio the largest λ/σ²
     */
    synchronized Ritz subspace(double ratio) {
        int rows = operator.size();
        double[] diagonal = operator.diagonal();
        double[] prior = diagonal == null ? kernel.prior(kernel.training()) : diagonal;
        double total = IntStream.range(0, rows)
                .mapToDouble(i -> kernel.scale(i) * kernel.scale(i) * prior[i])
                .sum();
        long most = Math.max(1, kernel.network().settings().effectiveMemoryBudget() / SHARE / 2 / Double.BYTES / rows);
        if (settings.variances().rank() > SHARE * most) {
            throw new IllegalArgumentException("the variance rank is "
                    + settings.variances().rank() + ", for which a subspace of " + rows
                    + " rows takes " + 2L * Double.BYTES * settings.variances().rank() * rows / (1 << 20)
                    + " MiB; the memory budget allows " + SHARE * most);
        }
        int limit =
                settings.variances().rank() > 0 ? settings.variances().rank() : (int) Math.min(MOST_AUTOMATIC, most);
        return Ritz.of(noisy(1, 0), lowRank, limit, BLOCK, (rank, trace) -> {
            progress.progress("variance cache", rank, limit);
            return settings.variances().rank() == 0 && ratio * (total - trace) <= LEFT * rows;
        });
    }

    @Override
    public void close() {
        operator.close();
        lowRank.close();
    }
}
