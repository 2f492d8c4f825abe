package org.finitentk.regression;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.finitentk.internal.util.Later;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * All that a fit found out, without the network: what is stored.
 *
 * @param plan how the task's dimensions became kernels and columns of targets
 * @param training the training examples; {@link #NO_ROWS} after loading, where no process needs them
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
    /** No training examples. */
    static final Examples NO_ROWS = Examples.of("none", Tensor.ofDoubles(new double[0], 0));

    FittedPosterior {
        parts = List.copyOf(parts);
    }

    /** Whether predictions compare with the training examples. */
    boolean needsRows() {
        return parts.stream().anyMatch(part -> part.process().needsRows());
    }

    /** How many examples it was trained on. */
    int trainingSize() {
        return parts.get(0).process().rows() / plan.rowsPerExample();
    }

    /**
     * What no prediction needs.
     *
     * @param counts what became of the rows that were given; of a loaded posterior, those that it has
     * @param leaveOneOut empty if the solver knows only approximations, one row is all there is, or the posterior was
     *     stored without
     * @param comparison how AUTO chose the mean; null if it did not compare, or after loading
     * @param factors by what the variances of each part's columns were multiplied; empty if they stayed, or after
     *     loading
     */
    record Findings(
            TrainingRows.Counts counts,
            Later<Optional<LeaveOneOut>> leaveOneOut,
            MeanFunction.@Nullable Comparison comparison,
            List<List<Double>> factors) {}

    /** Computed when it is first asked for, unless AUTO compared means by it. */
    @Nullable
    LeaveOneOut leaveOneOut() {
        return findings.leaveOneOut().get().orElse(null);
    }

    LeaveOneOut requireLeaveOneOut() {
        LeaveOneOut known = leaveOneOut();
        if (known == null && training.size() == 0) {
            throw new IllegalStateException("the posterior by solver "
                    + parts.get(0).process().solver() + " of " + trainingSize()
                    + " training examples was loaded, and its file has none of them, so that it does not know what it "
                    + "would be without one; expected the posterior as it was fitted, or one by solver DENSE");
        }
        if (known == null) {
            throw new IllegalStateException("the posterior by solver "
                    + parts.get(0).process().solver() + " of " + trainingSize()
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

    /** Of what the processes say of themselves; 0 where it is less. */
    double largest(ToDoubleFunction<GaussianProcess> of) {
        return parts.stream().map(FittedProcess::process).mapToDouble(of).reduce(0, Math::max);
    }

    TrainingKernel kernel(LinearizedNetwork network, int part) {
        List<Outputs> kernels = plan.kernels();
        return new TrainingKernel(network, training, noise, kernels.get(part), kernels.size());
    }

    FittedProcess partOf(int dimension) {
        return parts.get(partIndex(dimension));
    }

    int columnIndex(int dimension) {
        return plan.structure() == OutputStructure.SHARED ? dimension : 0;
    }

    GaussianProcess.Column columnOf(int dimension) {
        return partOf(dimension).process().columns().get(columnIndex(dimension));
    }

    /** By what rows that were left out multiplied a dimension's variances. */
    double factor(int dimension) {
        List<List<Double>> factors = findings.factors();
        return factors.isEmpty() ? 1 : factors.get(partIndex(dimension)).get(columnIndex(dimension));
    }

    private int partIndex(int dimension) {
        return plan.structure() == OutputStructure.INDEPENDENT ? dimension : 0;
    }

    /** The sum over all dimensions. */
    Evidence evidence() {
        Evidence sum = Evidence.NONE;
        for (FittedProcess part : parts) {
            for (GaussianProcess.Column column : part.process().columns()) {
                sum = sum.plus(column.evidence().get());
            }
        }
        // The density of the scaled targets times the scale is that of the targets.
        for (double scale : noise.scales()) {
            sum = sum.plus(Math.log(scale) * (plan.structure() == OutputStructure.MATCHED ? 1 : plan.dimensions()));
        }
        return sum;
    }
}
