package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.util.Later;
import org.jspecify.annotations.Nullable;

/**
 * PARAMETER_SPACE where JᵀJ is too large: systems with JᵀS²J + σ²/λ I by conjugate gradients with Fisher-vector
 * products (Maddox et al. 2021, section 3.2). Only if asked for.
 */
final class FisherSolver implements PosteriorSolver {
    /** Vectors of conjugate gradients for each right-hand side, products and copies of single precision included. */
    private static final double VECTORS = 14;
    /** Products of a solve besides those of its iterations: with the right-hand sides, and for residuals. */
    private static final int CHECKS = 3;

    @Override
    public Solver solver() {
        return Solver.PARAMETER_SPACE;
    }

    @Override
    public boolean isFor(Problem problem) {
        return problem.settings().solver() == Solver.PARAMETER_SPACE;
    }

    @Override
    public boolean isExact() {
        return false;
    }

    /** Vectors of weights are what takes memory: some for each column, and all weights that are found. */
    @Override
    public Estimate estimate(Problem problem, int iterations) {
        double p = problem.parameters();
        int together = 1 + problem.targets().basisSize();
        int columns = problem.targets().columns() * problem.kernels();
        double vectors = ((double) iterations + CHECKS) * together * columns;
        double operations =
                vectors * CostModel.networkProduct(problem.kernel().training().size(), problem.network())
                        + problem.kernels() * CostModel.lowRank(problem.rows(), WeightSystem.rank(problem), p);
        if (problem.learns()) {
            operations += problem.kernels() * KernelSystem.operations(problem, CostModel.EXPECTED_ITERATIONS);
        }
        return new Estimate(
                "by Fisher products, if " + iterations + " iterations are enough, ",
                CostModel.fit(operations, problem.network()),
                Double.BYTES * p * (VECTORS * together + columns),
                p * together > Integer.MAX_VALUE ? "too many parameters" : "");
    }

    /** What came out for one column. */
    private record ColumnFit(
            GaussianProcess.Column column, GaussianProcess.Solution solution, Solver.Iterations report) {}

    @Override
    public List<FittedProcess> fit(Problem problem, List<Targets> means) {
        return means.stream().map(targets -> fitted(problem.with(targets))).toList();
    }

    private static FittedProcess fitted(Problem problem) {
        Targets targets = problem.targets();
        RegressionSettings settings = problem.settings();
        List<GaussianProcess.Column> variances = variances(problem);
        WeightSystem system = new WeightSystem(problem.kernel(), settings.iterative(), problem.progress());
        requireMoving(system.rank());
        List<ColumnFit> fits = new ArrayList<>();
        for (int c = 0; c < targets.columns(); c++) {
            fits.add(column(system, targets, c, variances.get(c), settings));
        }
        List<GaussianProcess.Column> columns =
                fits.stream().map(ColumnFit::column).toList();
        Solver.Iterations worst =
                Convergence.requireSolved(fits.stream().map(ColumnFit::report).toList(), settings.iterative(), columns);
        return new FittedProcess(
                new FisherProcess(problem, system, worst, columns),
                fits.stream().map(ColumnFit::solution).toList(),
                false);
    }

    /** Those that were given, or those that the search in function space finds; without a mean. */
    private static List<GaussianProcess.Column> variances(Problem problem) {
        int columns = problem.targets().columns();
        if (!problem.learns()) {
            RegressionSettings.Variances given = problem.settings().variances();
            return IntStream.range(0, columns)
                    .mapToObj(c -> new GaussianProcess.Column(
                            given.prior(), given.noise(), new double[0], Later.of(() -> evidence(problem, c))))
                    .toList();
        }
        try (KernelSystem system = KernelSystem.of(problem)) {
            requireMoving(system.rank());
            return IntStream.range(0, columns)
                    .mapToObj(c -> inFunctionSpace(problem, c, system).column())
                    .toList();
        }
    }

    private static Evidence evidence(Problem problem, int c) {
        try (KernelSystem system = KernelSystem.of(problem)) {
            return inFunctionSpace(problem, c, system).evidence().get();
        }
    }

    /** The marginal likelihood is that of the function space, and so is its search. */
    private static IterativeFit inFunctionSpace(Problem problem, int c, KernelSystem system) {
        return new StochasticVarianceSearch(system, problem.targets(), c, problem.settings()).best();
    }

    private static void requireMoving(int rank) {
        if (rank == 0) {
            throw new IllegalArgumentException(
                    "the kernel is zero on the training data: no parameter moves the network's output; "
                            + "choose another output");
        }
    }

    /**
     * Targets and the mean's basis functions together; K⁻¹b = (b - S J A⁻¹JᵀS b)/σ² gives the basis's coefficients by
     * generalized least squares.
     */
    private static ColumnFit column(
            WeightSystem system,
            Targets targets,
            int c,
            GaussianProcess.Column variances,
            RegressionSettings settings) {
        double lambda = variances.priorVariance();
        double noise = variances.noiseVariance();
        List<double[]> right = new ArrayList<>(List.of(targets.column(c)));
        for (int b = 0; b < targets.basisSize(); b++) {
            right.add(targets.basisFunction(b));
        }
        SolvedWeights solved = SolvedWeights.of(system, noise / lambda, right, settings.iterative(), "Fisher products");
        ConstantFit constant = constant(right, solved, noise);
        double[] coefficients = coefficients(right, solved.explained().get(0), constant, noise);
        double[] weights = solved.weights().get(0).clone();
        for (int b = 0; b < coefficients.length; b++) {
            for (int i = 0; i < weights.length; i++) {
                weights[i] -= coefficients[b] * solved.weights().get(1 + b)[i];
            }
        }
        GaussianProcess.Column column = new GaussianProcess.Column(lambda, noise, coefficients, variances.evidence());
        return new ColumnFit(
                column,
                new GaussianProcess.Solution(weights, new double[0], constant),
                new Solver.Iterations(
                        solved.status(),
                        solved.iterations(),
                        solved.residual(),
                        system.rank(),
                        Solver.Iterations.Products.NETWORK));
    }

    /** K⁻¹b = (b - S J w)/σ² for the weights w = A⁻¹JᵀS b, which are λ Jᵀ S K⁻¹b; null without basis functions. */
    private static @Nullable ConstantFit constant(List<double[]> right, SolvedWeights solved, double noise) {
        int size = right.size() - 1;
        double[] precision = new double[size * size];
        for (int a = 0; a < size; a++) {
            double[] function = right.get(1 + a);
            for (int b = 0; b <= a; b++) {
                double[] explained = solved.explained().get(1 + b);
                for (int i = 0; i < function.length; i++) {
                    precision[a * size + b] += function[i] * (right.get(1 + b)[i] - explained[i]) / noise;
                }
            }
        }
        return size == 0
                ? null
                : ConstantFit.of(solved.weights().subList(1, 1 + size).toArray(double[][]::new), precision);
    }

    private static double[] coefficients(
            List<double[]> right, double[] explained, @Nullable ConstantFit constant, double noise) {
        double[] products = new double[right.size() - 1];
        for (int a = 0; a < products.length; a++) {
            double[] function = right.get(1 + a);
            for (int i = 0; i < function.length; i++) {
                products[a] += function[i] * (right.get(0)[i] - explained[i]) / noise;
            }
        }
        return constant == null ? products : constant.coefficients(products);
    }
}
