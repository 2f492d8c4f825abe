package org.finitentk.regression;

import org.jspecify.annotations.Nullable;

/**
 * How {@link MeanFunction#AUTO} chose a prior mean: by the log densities of the training rows, each left out. CONSTANT
 * is the simpler, and stays unless NETWORK is better by more than one standard error of the paired differences.
 *
 * @param constant average log density of a row with the mean CONSTANT
 * @param network the same with the mean NETWORK
 * @param standardError of the average difference
 * @param rows how many rows were compared: of many, where the solver leaves out none, some at random
 */
public record MeanComparison(double constant, double network, double standardError, int rows) {
    /** Null where a row was not to be left out. */
    static @Nullable MeanComparison of(@Nullable LeaveOneOut constant, @Nullable LeaveOneOut network) {
        if (constant == null || network == null) {
            return null;
        }
        double[] differences = network.logDensity().clone();
        for (int i = 0; i < differences.length; i++) {
            differences[i] -= constant.logDensity()[i];
        }
        return new MeanComparison(
                constant.averageLogDensity(),
                network.averageLogDensity(),
                LeaveOneOut.standardError(differences),
                differences.length);
    }

    /**
     * The choice.
     *
     * @return CONSTANT or NETWORK
     */
    public MeanFunction chosen() {
        return network - constant > standardError ? MeanFunction.NETWORK : MeanFunction.CONSTANT;
    }
}
