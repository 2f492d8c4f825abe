package org.finitentk.backbone;

import java.util.List;

/**
 * What a trainer was told about outputs.
 *
 * @param order what stands for a list
 * @param outputNames names in the order of the network's outputs, or empty
 * @param use what the names are for
 */
public record OutputRule(OutputOrder order, List<String> outputNames, Use use) {
    /** What a model does with the network's outputs. */
    public enum Use {
        /** MATCHED where that is possible and meant; SHARED where there are other counts of names than outputs. */
        AUTO,
        /** Each name is an output, SHARED being another possibility. */
        MATCHED,
        /** Names have nothing to do with outputs. */
        SHARED,
        /** Each name is an output, whose weights are trained to be so. */
        TRAINED,
        /** Each name is an output as it is; there is no SHARED. */
        AS_IT_IS
    }

    /**
     * Copies the list.
     *
     * @param order what stands for a list
     * @param outputNames names in the order of the network's outputs, or empty
     * @param use what the names are for
     */
    public OutputRule {
        outputNames = List.copyOf(outputNames);
    }
}
