package org.finitentk.internal.tabular;

import java.util.Arrays;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.internal.onnx.OpenRow;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.tribuo.ModelContent;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ValueInfo;

/** Networks whose file leaves the length of a row open: the table's columns say it. */
final class OpenColumns {
    private OpenColumns() {}

    /**
     * The outputs of an example.
     *
     * @param network the backbone's, open
     * @param backbone the network and the sizes that were given
     * @param columns which features the table has, named or not
     * @param named whether somebody named them
     * @return how many
     * @throws IllegalArgumentException if the network does not take rows of so many numbers
     */
    static int outputSize(LinearizedNetwork network, OnnxBackbone backbone, List<String> columns, boolean named) {
        List<ValueInfo> inputs = network.inputs();
        long[] shape = inputs.size() == 1 ? OpenRow.shape(inputs.get(0), columns.size()) : null;
        if (shape == null) {
            return network.outputSize();
        }
        String input = inputs.get(0).name();
        ModelContent file = ModelContent.read(backbone.path());
        ModelContent viewed = file.viewed(backbone.view(file.graph().inputs()));
        InputSizes sizes =
                InputSizes.ofExample(input, Arrays.stream(shape).boxed().toList());
        try (LinearizedNetwork sized =
                viewed.sized(sizes).network(backbone.selection(), backbone.executionSettings())) {
            return sized.outputSize();
        } catch (InvalidModelException e) {
            String found = named
                    ? "the " + columns.size() + " columns that were named, " + Columns.quoted(columns)
                    : columns.size() + " columns of numbers, " + Columns.quoted(columns);
            throw new IllegalArgumentException(
                    "the network's input '" + input + "' of shape "
                            + inputs.get(0).dims()
                            + " leaves open how many columns it takes, but cannot take " + found
                            + "; name those that it was trained with, in its order, by --features ("
                            + e.getMessage() + ")",
                    e);
        }
    }
}
