package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.kernel.CostModel;

/** ITERATIVE: preconditioned conjugate gradients on products with the kernel. */
final class IterativeSolver implements PosteriorSolver {
    @Override
    public Solver solver() {
        return Solver.ITERATIVE;
    }

    @Override
    public boolean isExact() {
        return false;
    }

    @Override
    public Estimate estimate(Problem problem, int iterations) {
        double rows = problem.rows();
        int kernels = problem.kernels();
        return new Estimate(
                CostModel.fit(kernels * KernelSystem.operations(problem, iterations), problem.network()),
                Double.BYTES * rows * (20.0 + problem.targets().columns() * 3)
                        + Double.BYTES * kernels * problem.parameters(),
                problem.isNoiseless() ? "needs noise" : "");
    }

    @Override
    public List<FittedProcess> fit(Problem problem, List<Targets> means) {
        return means.stream().map(targets -> fitted(problem.with(targets))).toList();
    }

    private static FittedProcess fitted(Problem problem) {
        Targets targets = problem.targets();
        RegressionSettings settings = problem.settings();
        KernelSystem system = KernelSystem.of(problem);
        try {
            if (system.rank() == 0) {
                throw new IllegalArgumentException("the kernel is zero on the training data: no parameter moves the "
                        + "network's output; choose another output");
            }
            List<GaussianProcess.Column> columns = new ArrayList<>();
            List<FittedProcess.RowSolution> solutions = new ArrayList<>();
            List<Solver.Iterations> reports = new ArrayList<>();
            for (int c = 0; c < targets.columns(); c++) {
                IterativeFit fit = new StochasticVarianceSearch(system, targets, c, settings).best();
                columns.add(fit.column());
                solutions.add(fit.solution());
                reports.add(fit.ended().report(system));
            }
            Solver.Iterations worst = Convergence.requireSolved(reports, settings.iterative(), columns);
            return FittedProcess.ofRows(problem, IterativeProcess.of(problem, system, worst, columns), solutions);
        } catch (RuntimeException | Error e) {
            system.close();
            throw e;
        }
    }
}
