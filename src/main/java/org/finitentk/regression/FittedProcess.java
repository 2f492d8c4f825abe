package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;

/**
 * A fitted process and what was found for each of its columns.
 *
 * @param process predicts
 * @param solutions of its columns
 * @param weightsLost whether weights are lost in the network's rounding, while α is not
 */
record FittedProcess(GaussianProcess process, List<GaussianProcess.Solution> solutions, boolean weightsLost) {
    FittedProcess {
        solutions = List.copyOf(solutions);
    }

    /** From solutions α of the function-space system, one for each column. */
    static FittedProcess ofRows(Problem problem, GaussianProcess process, List<double[]> alphas) {
        List<GaussianProcess.Solution> solutions = new ArrayList<>();
        boolean lost = false;
        for (int c = 0; c < alphas.size(); c++) {
            GaussianProcess.Column column = process.columns().get(c);
            double[] right = problem.targets().residuals(c, column.coefficients());
            double diagonal = column.noiseVariance() + process.jitter();
            WeightsOfRows found =
                    WeightsOfRows.of(problem.kernel(), alphas.get(c), right, column.priorVariance(), diagonal);
            // what the solve itself left is no fault of the sum
            lost |= found.error() > WeightsOfRows.GOOD + 2 * process.residual();
            solutions.add(new GaussianProcess.Solution(found.weights(), alphas.get(c)));
        }
        return new FittedProcess(process, solutions, lost);
    }
}
