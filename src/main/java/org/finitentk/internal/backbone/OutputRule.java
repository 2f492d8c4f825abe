package org.finitentk.internal.backbone;

import java.util.List;
import org.finitentk.backbone.OutputOrder;

/**
 * What a trainer was told about outputs.
 *
 * @param order what stands for a list
 * @param outputNames names in the order of the network's outputs, or empty
 * @param use what the names are for
 * @param positiveLabel the label whose log odds a network's only output is, or empty
 */
record OutputRule(OutputOrder order, List<String> outputNames, OutputUse use, String positiveLabel) {
    OutputRule {
        outputNames = List.copyOf(outputNames);
    }

    /** Where names are as many as outputs or not, {@link OutputUse#MEAN} means one or the other. */
    OutputRule settled(boolean equal) {
        return use == OutputUse.MEAN
                ? new OutputRule(order, outputNames, equal ? OutputUse.MATCHED : OutputUse.SHARED, positiveLabel)
                : this;
    }
}
