package org.finitentk.regression;

import java.util.List;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;

/**
 * What a solver is given: y = B β + Σ fᵢ + noise for the training rows, each fᵢ having a prior covariance λ Kᵢ, and the
 * noise being Gaussian with a variance for each row. Today there is one fᵢ, the linearized network.
 *
 * @param operators the kernels Kᵢ of the training rows
 * @param noise the rows' noise
 * @param targets y and B, rows scaled to equal noise
 * @param plan how the task's dimensions become kernels and columns of targets
 * @param part which of the plan's kernels this is
 * @param settings the choices
 * @param progress told how far it is
 */
record Problem(
        List<TrainingKernel> operators,
        RowNoise noise,
        Targets targets,
        OutputPlan plan,
        int part,
        RegressionSettings settings,
        ProgressListener progress) {
    Problem {
        operators = List.copyOf(operators);
    }

    /** The only kernel. */
    TrainingKernel kernel() {
        return operators.get(0);
    }

    /** The same with other targets. */
    Problem with(Targets others) {
        return new Problem(operators, noise, others, plan, part, settings, progress);
    }

    LinearizedNetwork network() {
        return kernel().network();
    }

    /** Kernels that are fitted like this one, one after the other. */
    int kernels() {
        return kernel().kernels();
    }

    double rows() {
        return kernel().rows();
    }

    double parameters() {
        return kernel().parameters();
    }

    boolean learns() {
        return settings.variances().learning() != HyperparameterLearning.NONE;
    }

    boolean isNoiseless() {
        return settings.variances().noise() == 0;
    }
}
