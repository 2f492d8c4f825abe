package org.finitentk.regression;

import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.ConjugateGradients.Status;

/**
 * Weights A⁻¹JᵀS b for some vectors b of rows, A = JᵀS²J + c I.
 *
 * <p>A residual r of the weights is a residual S J r/c of the function-space system (λSKS + σ²I)α = b, c = σ²/λ. The
 * latter is what tolerances and reports are about, as for the iterative solver: small residuals of the weights alone
 * would promise much less.
 *
 * @param weights the weights
 * @param explained S J of them
 * @param status how the worst of the solves ended
 * @param iterations all that it took
 * @param residual the largest ‖Kα - b‖/‖b‖
 */
record SolvedWeights(
        List<double[]> weights,
        List<double[]> explained,
        Solver.Iterations.Status status,
        int iterations,
        double residual) {
    /** How often a solve goes on with a smaller tolerance. */
    private static final int REFINEMENTS = 6;
    /** Of what would be enough if both residuals fell together. */
    static final double SAFELY = 0.5;

    static final double LEAST_TOLERANCE = 1e-13;

    static SolvedWeights of(
            WeightSystem system,
            double shift,
            List<double[]> right,
            RegressionSettings.Iterative settings,
            String what) {
        List<double[]> projected = List.of(system.weightsOf(right.toArray(double[][]::new)));
        List<double[]> solution = List.of();
        double tolerance = settings.tolerance();
        int iterations = 0;
        for (int refinement = 0; ; refinement++) {
            List<ConjugateGradients.Column> solves = system.solve(shift, tolerance, projected, solution, what);
            solution = solves.stream().map(ConjugateGradients.Column::solution).toList();
            iterations += solves.stream()
                    .mapToInt(ConjugateGradients.Column::iterations)
                    .max()
                    .orElse(0);
            List<double[]> explained = List.of(system.rowsOf(solution.toArray(double[][]::new)));
            double residual = residual(system, shift, right, explained, projected, solution);
            boolean stuck = solves.stream().anyMatch(solve -> solve.status() != Status.CONVERGED);
            if (residual <= settings.tolerance()
                    || stuck
                    || refinement == REFINEMENTS
                    || tolerance <= LEAST_TOLERANCE) {
                Status worst = solves.stream()
                        .map(ConjugateGradients.Column::status)
                        .filter(status -> status != Status.CONVERGED)
                        .findFirst()
                        .orElse(Status.STAGNATED);
                Status status = residual <= settings.tolerance() ? Status.CONVERGED : worst;
                return new SolvedWeights(
                        solution, explained, Solver.Iterations.Status.of(status), iterations, residual);
            }
            tolerance = Math.max(LEAST_TOLERANCE, SAFELY * tolerance * settings.tolerance() / residual);
        }
    }

    /** ‖S J r‖/(c‖b‖) with r = JᵀS b - A w = JᵀS(b - S J w) - c w. */
    private static double residual(
            WeightSystem system,
            double shift,
            List<double[]> right,
            List<double[]> explained,
            List<double[]> projected,
            List<double[]> solution) {
        double[][] left = new double[right.size()][];
        double[][] inside = system.weightsOf(explained.toArray(double[][]::new));
        for (int j = 0; j < left.length; j++) {
            left[j] = new double[projected.get(j).length];
            for (int i = 0; i < left[j].length; i++) {
                left[j][i] = projected.get(j)[i] - inside[j][i] - shift * solution.get(j)[i];
            }
        }
        double[][] rows = system.rowsOf(left);
        double worst = 0;
        for (int j = 0; j < left.length; j++) {
            double norm = norm(right.get(j));
            worst = Math.max(worst, norm == 0 ? 0 : norm(rows[j]) / shift / norm);
        }
        return worst;
    }

    static double norm(double[] vector) {
        return Math.sqrt(Arrays.stream(vector).map(value -> value * value).sum());
    }
}
