package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Influences of training examples on a mean. The mean at x is linear in the targets, cᵀy with c = K⁻¹k + K⁻¹B C (h -
 * BᵀK⁻¹k), and to leave out row i is to replace its target by what the others say of it, which is yᵢ less what the
 * closed form of leaving out finds.
 */
final class Influences {
    private Influences() {}

    /**
     * Those that change the mean the most.
     *
     * @param example one example
     * @throws IllegalStateException if the solver keeps no solution for each row
     */
    static List<LeaveOneOut.Influence> of(
            LinearizedNetwork network, FittedPosterior fitted, Examples example, int dimension, int count) {
        int dimensions = fitted.plan().dimensions();
        if (example.size() != 1 || dimension < 0 || dimension >= dimensions || count < 1) {
            throw new IllegalArgumentException("influences of " + count + " training examples on " + example.size()
                    + " examples, dimension " + dimension + " of " + dimensions
                    + ", were asked for; expected at least 1 on 1 example, and a dimension from 0 to "
                    + (dimensions - 1));
        }
        int side = fitted.plan().rowsPerExample();
        int part = fitted.plan().structure() == OutputStructure.INDEPENDENT ? dimension : 0;
        int row = side == 1 ? 0 : dimension;
        int column = fitted.columnIndex(dimension);
        GaussianProcess process = fitted.parts().get(part).process();
        GaussianProcess.Solution solution = fitted.parts().get(part).solutions().get(column);
        LeaveOneOut left = fitted.leaveOneOut();
        if (left == null || solution.alpha().length == 0) {
            throw new IllegalStateException("influences take a solution for each training row, which solver "
                    + process.solver() + " does not keep, and a model of version 0.3.0 or later; expected a model by "
                    + "solver DENSE, of at least 2 training examples");
        }
        TrainingKernel kernel = fitted.kernel(network, part);
        double lambda = process.columns().get(column).priorVariance();
        double[] cross = process.cross(kernel, example);
        double[] k = new double[solution.alpha().length];
        for (int i = 0; i < k.length; i++) {
            k[i] = lambda * cross[i * side + row];
        }
        double[] smoother = smoother(process.solve(kernel, k, column), k, solution.constant(), row);
        List<LeaveOneOut.Influence> all = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
            double contribution = 0;
            double change = 0;
            for (int r = 0; r < side; r++) {
                int at = i * left.dimensions() + fitted.plan().dimension(part, r, column);
                contribution += solution.alpha()[i * side + r] * k[i * side + r];
                change -= smoother[i * side + r] * kernel.scale(i * side + r) * (left.targets()[at] - left.mean()[at]);
            }
            all.add(new LeaveOneOut.Influence(left.rows()[i], contribution, change));
        }
        all.sort(Comparator.comparingDouble((LeaveOneOut.Influence influence) -> -Math.abs(influence.change())));
        return List.copyOf(all.subList(0, Math.min(count, all.size())));
    }

    private static double[] smoother(double[] solved, double[] k, @Nullable ConstantFit constant, int row) {
        if (constant == null) {
            return solved;
        }
        double[] rest = new double[constant.size()];
        for (int b = 0; b < rest.length; b++) {
            rest[b] = b == row ? 1 : 0;
            for (int i = 0; i < k.length; i++) {
                rest[b] -= constant.solved()[b][i] * k[i];
            }
        }
        double[] added = constant.combined(constant.coefficients(rest));
        for (int i = 0; i < solved.length; i++) {
            solved[i] += added[i];
        }
        return solved;
    }
}
