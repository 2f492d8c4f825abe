package org.finitentk.regression;

import java.util.List;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;

/**
 * All that a fit found out, without the network: what is stored.
 *
 * @param plan how the task's dimensions became kernels and columns of targets
 * @param training the training examples
 * @param noise the rows' noise
 * @param parts a fitted process for each of the plan's kernels
 * @param reason why that solver
 * @param counts what became of the rows that were given; of a loaded posterior, those that it has
 */
record FittedPosterior(
        OutputPlan plan,
        Examples training,
        RowNoise noise,
        List<FittedProcess> parts,
        String reason,
        TrainingRows.Counts counts) {
    FittedPosterior {
        parts = List.copyOf(parts);
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
    double logMarginalLikelihood() {
        double sum = 0;
        for (FittedProcess part : parts) {
            for (GaussianProcess.Column column : part.process().columns()) {
                sum += column.logMarginalLikelihood();
            }
        }
        // The density of the scaled targets times the scale is that of the targets.
        for (double scale : noise.scales()) {
            sum += Math.log(scale) * (plan.structure() == OutputStructure.MATCHED ? 1 : plan.dimensions());
        }
        return sum;
    }
}
