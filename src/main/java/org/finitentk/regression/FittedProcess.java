package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A fitted process and what was found for each of its columns.
 *
 * @param process predicts
 * @param solutions of its columns
 * @param weightsLost whether weights are lost in the network's rounding, while α is not
 * @param remarks warnings for whoever gets this process, in whole sentences; none after loading
 */
record FittedProcess(
        GaussianProcess process, List<GaussianProcess.Solution> solutions, boolean weightsLost, List<String> remarks) {
    FittedProcess {
        solutions = List.copyOf(solutions);
        remarks = List.copyOf(remarks);
    }

    FittedProcess(GaussianProcess process, List<GaussianProcess.Solution> solutions, boolean weightsLost) {
        this(process, solutions, weightsLost, List.of());
    }

    /**
     * A solution of the function-space system.
     *
     * @param alpha α
     * @param constant of the mean's coefficients, null without any
     */
    record RowSolution(double[] alpha, @Nullable ConstantFit constant) {}

    /** From solutions of the function-space system, one for each column. */
    static FittedProcess ofRows(Problem problem, GaussianProcess process, List<RowSolution> solved) {
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        boolean lost = false;
        for (int c = 0; c < solved.size(); c++) {
            double[] alpha = solved.get(c).alpha();
            GaussianProcess.Column column = process.columns().get(c);
            double[] right = problem.targets().residuals(c, column.coefficients());
            double diagonal = column.noiseVariance() + process.jitter();
            WeightsOfRows found = WeightsOfRows.of(problem.kernel(), alpha, right, column.priorVariance(), diagonal);
            // what the solve itself left is no fault of the sum
            lost |= found.error() > WeightsOfRows.GOOD + 2 * process.residual();
            solutions.add(new GaussianProcess.Solution(
                    found.weights(), alpha, solved.get(c).constant()));
        }
        return new FittedProcess(process, solutions, lost);
    }

    /** The same with remarks on it. */
    FittedProcess with(List<String> others) {
        return new FittedProcess(process, solutions, weightsLost, others);
    }

    /** The same with column c's variances multiplied by factors[c]. */
    FittedProcess widened(List<Double> factors) {
        List<GaussianProcess.Solution> wider = IntStream.range(0, solutions.size())
                .mapToObj(c -> process.widened(solutions.get(c), factors.get(c)))
                .toList();
        return new FittedProcess(process.widened(factors), wider, weightsLost, remarks);
    }

    /** The same with the mean's coefficients taken as known. */
    FittedProcess pluggedIn() {
        return new FittedProcess(
                process,
                solutions.stream().map(GaussianProcess.Solution::pluggedIn).toList(),
                weightsLost,
                remarks);
    }
}
