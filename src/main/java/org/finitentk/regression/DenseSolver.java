package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.KernelTiles;

/** The whole kernel matrix, factorized in float64. */
abstract sealed class DenseSolver implements PosteriorSolver permits CholeskySolver, EigenSolver {
    private final int matrices;

    /** Takes so many matrices on the Java heap while one is factorized. */
    DenseSolver(int matrices) {
        this.matrices = matrices;
    }

    /** Operations of the factorization of a matrix. */
    abstract double factorization(double rows);

    /** Fits the targets of one prior mean, with remarks on what it found. */
    interface Fit {
        DenseProcess of(Targets targets, Consumer<String> remarks);
    }

    /** Factorizes the scaled kernel matrix, which may be overwritten; what is made of it fits targets. */
    abstract Fit factorized(double[] gram, Problem problem);

    @Override
    public final Solver solver() {
        return Solver.DENSE;
    }

    @Override
    public final Estimate estimate(Problem problem, int iterations) {
        double rows = problem.rows();
        double matrix = Double.BYTES * rows * rows;
        double operations = problem.kernels() * (CostModel.gram(rows, problem.parameters()) + factorization(rows));
        return new Estimate(
                CostModel.fit(operations, problem.network()),
                matrix * (problem.kernels() - 1) + matrix * matrices,
                rows > CostModel.MAX_SIDE ? "at most " + CostModel.MAX_SIDE + " rows" : "");
    }

    @Override
    public final List<FittedProcess> fit(Problem problem, List<Targets> means) {
        TrainingKernel kernel = problem.kernel();
        double[] gram = new KernelTiles(kernel.network(), problem.progress()).gram(kernel.training(), kernel.outputs());
        requireSensible(gram, problem);
        kernel.noise().scaleBoth(gram);
        Fit factorized = factorized(gram, problem);
        problem.progress().progress("factorization", problem.part() + 1L, problem.kernels());
        return means.stream()
                .map(targets -> fitted(problem.with(targets), factorized))
                .toList();
    }

    private static FittedProcess fitted(Problem problem, Fit fit) {
        List<String> remarks = new ArrayList<>();
        DenseProcess process = fit.of(problem.targets(), remarks::add);
        return FittedProcess.ofRows(problem, process, solutions(process, problem.targets()))
                .with(remarks);
    }

    /** α of each column, and what is known of its mean. */
    static List<FittedProcess.RowSolution> solutions(DenseProcess process, Targets targets) {
        List<FittedProcess.RowSolution> solutions = new ArrayList<>();
        for (int c = 0; c < targets.columns(); c++) {
            double[] alpha =
                    process.solve(targets.residuals(c, process.columns().get(c).coefficients()), c);
            double[][] basis = new double[targets.basisSize()][];
            for (int b = 0; b < basis.length; b++) {
                basis[b] = process.solve(targets.basisFunction(b), c);
            }
            solutions.add(new FittedProcess.RowSolution(
                    alpha, basis.length == 0 ? null : ConstantFit.ofRows(basis, targets)));
        }
        return solutions;
    }

    /** A kernel of zeros means that no parameter moves the chosen output, e.g. the sum of softmax probabilities. */
    private static void requireSensible(double[] gram, Problem problem) {
        double sum = 0;
        for (double entry : gram) {
            sum += Math.abs(entry);
        }
        if (!Double.isFinite(sum)) {
            throw new IllegalArgumentException("the kernel matrix " + problem.part()
                    + " of the training data is not finite; look for extreme features or broken weights");
        }
        int rows = problem.kernel().rows();
        double largest = 0;
        for (int i = 0; i < rows; i++) {
            largest = Math.max(largest, gram[i * rows + i]);
        }
        if (!(largest > 0)) {
            throw new IllegalArgumentException(
                    "the kernel is zero on the training data: no parameter moves the network's "
                            + (problem.plan().isSummed()
                                    ? "summed outputs; choose one output instead of the sum"
                                    : "output"));
        }
    }
}
