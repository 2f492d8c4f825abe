package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.network.Outputs;

/**
 * Output structure and mean with everything automatic settled.
 *
 * @param structure MATCHED, INDEPENDENT or SHARED
 * @param mean ZERO, CONSTANT or NETWORK
 * @param treatment of a constant mean
 * @param shared the network output whose kernel SHARED uses, or {@link RegressionSettings#SUM}
 * @param dimensions D, dimensions of the task
 * @param networkOutputs k, outputs of the network
 */
record OutputPlan(
        OutputStructure structure,
        MeanFunction mean,
        MeanTreatment treatment,
        int shared,
        int dimensions,
        int networkOutputs) {
    /** One plan, or those that differ in their mean and are to be compared, the simpler first. */
    static List<OutputPlan> of(RegressionSettings settings, int dimensions, int networkOutputs) {
        boolean equal = dimensions == networkOutputs;
        OutputStructure structure = settings.outputs().structure() != OutputStructure.AUTO
                ? settings.outputs().structure()
                : equal ? OutputStructure.MATCHED : OutputStructure.SHARED;
        if (structure != OutputStructure.SHARED && !equal) {
            throw new IllegalArgumentException(
                    "outputs are " + structure + ", but the data has " + dimensions + " dimensions and the network "
                            + networkOutputs + " outputs; expected as many of each, or outputs SHARED");
        }
        if (structure == OutputStructure.SHARED && settings.outputs().shared() >= networkOutputs) {
            throw new IllegalArgumentException(
                    "the shared output is " + settings.outputs().shared() + ", but the network has " + networkOutputs
                            + " outputs, numbered from 0");
        }
        return means(settings, structure, dimensions, networkOutputs).stream()
                .map(mean -> new OutputPlan(
                        structure,
                        mean,
                        settings.mean().treatment(),
                        settings.outputs().shared(),
                        dimensions,
                        networkOutputs))
                .toList();
    }

    private static List<MeanFunction> means(
            RegressionSettings settings, OutputStructure structure, int dimensions, int networkOutputs) {
        MeanFunction asked = settings.mean().function();
        boolean equal = dimensions == networkOutputs;
        if (asked == MeanFunction.AUTO) {
            if (!equal) {
                return List.of(MeanFunction.CONSTANT);
            }
            return settings.mean().treatment() == MeanTreatment.PLUG_IN
                    ? List.of(MeanFunction.NETWORK)
                    : List.of(MeanFunction.CONSTANT, MeanFunction.NETWORK);
        }
        if (asked == MeanFunction.NETWORK && !equal && !(structure == OutputStructure.SHARED && dimensions == 1)) {
            throw new IllegalArgumentException(
                    "the mean is NETWORK, but the data has " + dimensions + " dimensions and the network "
                            + networkOutputs + " outputs; expected as many of each, or mean CONSTANT or ZERO");
        }
        return List.of(asked);
    }

    /** The kernels, one for each separately factorized process. */
    List<Outputs> kernels() {
        List<Outputs> kernels = new ArrayList<>();
        switch (structure) {
            case INDEPENDENT -> {
                for (int c = 0; c < networkOutputs; c++) {
                    kernels.add(Outputs.single(c));
                }
            }
            case SHARED -> kernels.add(sharedKernel());
            default -> kernels.add(Outputs.all());
        }
        return kernels;
    }

    private Outputs sharedKernel() {
        return shared == RegressionSettings.SUM ? Outputs.summed() : Outputs.single(shared);
    }

    /** Whether the kernel is that of the sum of all outputs. */
    boolean isSummed() {
        return structure == OutputStructure.SHARED && shared == RegressionSettings.SUM;
    }

    /** Rows that one example has in a kernel matrix. */
    int rowsPerExample() {
        return structure == OutputStructure.MATCHED ? networkOutputs : 1;
    }

    /** Columns of targets of one process. */
    int columns() {
        return structure == OutputStructure.SHARED ? dimensions : 1;
    }

    /** The network's own prediction of the task, n × D, from its outputs, n × k. */
    double[] networkMean(double[] outputs) {
        return dimensions == networkOutputs ? outputs : sharedKernel().of(outputs, networkOutputs);
    }

    /** Where row r of an example and column c of process p are among the D dimensions. */
    int dimension(int process, int row, int column) {
        return switch (structure) {
            case INDEPENDENT -> process;
            case SHARED -> column;
            default -> row;
        };
    }
}
