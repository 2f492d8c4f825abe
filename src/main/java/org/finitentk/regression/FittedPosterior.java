package org.finitentk.regression;

import java.util.List;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.jspecify.annotations.Nullable;

/**
 * All that a fit found out, without the network: what is stored.
 *
 * @param plan how the task's dimensions became kernels and columns of targets
 * @param training the training examples
 * @param noise the rows' noise
 * @param parts a fitted process for each of the plan's kernels
 * @param reason why that solver
 * @param findings what is known besides
 */
record FittedPosterior(
        OutputPlan plan,
        Examples training,
        RowNoise noise,
        List<FittedProcess> parts,
        String reason,
        Findings findings) {
    FittedPosterior {
        parts = List.copyOf(parts);
    }

    /**
     * What no prediction needs.
     *
     * @param counts what became of the rows that were given; of a loaded posterior, those that it has
     * @param leaveOneOut null if the solver knows only approximations, one row is all there is, or the posterior was
     *     stored without
     * @param comparison how AUTO chose the mean; null if it did not compare, or after loading
     */
    record Findings(
            TrainingRows.Counts counts,
            @Nullable LeaveOneOut leaveOneOut,
            @Nullable MeanComparison comparison) {}

    LeaveOneOut requireLeaveOneOut() {
        LeaveOneOut known = findings.leaveOneOut();
        if (known == null) {
            throw new IllegalStateException("the posterior by solver "
                    + parts.get(0).process().solver() + " of " + training.size()
                    + " training examples does not know what it would be without one of them; expected solver "
                    + "DENSE, or PARAMETER_SPACE with no more parameters than rows, at least 2 examples, and a model "
                    + "of version 0.3.0 or later");
        }
        return known;
    }

    /** Whether some weights are lost in the network's rounding, so that means come from covariances. */
    boolean weightsLost() {
        return parts.stream().anyMatch(FittedProcess::weightsLost);
    }

    TrainingKernel kernel(LinearizedNetwork network, int part) {
        List<Outputs> kernels = plan.kernels();
        return new TrainingKernel(network, training, noise, kernels.get(part), kernels.size());
    }

    FittedProcess partOf(int dimension) {
        return parts.get(plan.structure() == OutputStructure.INDEPENDENT ? dimension : 0);
    }

    int columnIndex(int dimension) {
        return plan.structure() == OutputStructure.SHARED ? dimension : 0;
    }

    GaussianProcess.Column columnOf(int dimension) {
        return partOf(dimension).process().columns().get(columnIndex(dimension));
    }

    /** The sum over all dimensions. */
    Evidence evidence() {
        Evidence sum = Evidence.NONE;
        for (FittedProcess part : parts) {
            for (GaussianProcess.Column column : part.process().columns()) {
                sum = sum.plus(column.evidence());
            }
        }
        // The density of the scaled targets times the scale is that of the targets.
        for (double scale : noise.scales()) {
            sum = sum.plus(Math.log(scale) * (plan.structure() == OutputStructure.MATCHED ? 1 : plan.dimensions()));
        }
        return sum;
    }
}
