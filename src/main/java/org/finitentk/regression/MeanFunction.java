package org.finitentk.regression;

import org.jspecify.annotations.Nullable;

/** The prior mean of the function that is learned. */
public enum MeanFunction {
    /**
     * {@link #NETWORK} if the task has as many dimensions as the network has outputs and the log density of the
     * training rows, each left out, is better with it by more than one standard error of the paired differences; else
     * {@link #CONSTANT}, the simpler. A solver that leaves out no rows is told the mean by at most 1,000 rows at
     * random. With a single training example, which cannot be left out, NETWORK. Under {@link MeanTreatment#PLUG_IN} it
     * is NETWORK whenever there are as many dimensions as outputs.
     */
    AUTO,
    /** Zero. */
    ZERO,
    /** One constant a dimension, found by generalized least squares. */
    CONSTANT,
    /** The network's own output, so that the posterior is its first-order Taylor expansion. */
    NETWORK;

    /**
     * How {@link MeanFunction#AUTO} chose a prior mean: by the log densities of the training rows, each left out.
     * CONSTANT is the simpler, and stays unless NETWORK is better by more than one standard error of the paired
     * differences.
     *
     * @param constant average log density of a row with the mean CONSTANT
     * @param network the same with the mean NETWORK
     * @param standardError of the average difference
     * @param rows how many rows were compared: of many, where the solver leaves out none, some at random
     */
    public record Comparison(double constant, double network, double standardError, int rows) {
        /** Null where a row was not to be left out. */
        static @Nullable Comparison of(@Nullable LeaveOneOut constant, @Nullable LeaveOneOut network) {
            if (constant == null || network == null) {
                return null;
            }
            double[] differences = network.logDensity().clone();
            for (int i = 0; i < differences.length; i++) {
                differences[i] -= constant.logDensity()[i];
            }
            return new Comparison(
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
}
