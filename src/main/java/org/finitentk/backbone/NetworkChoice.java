package org.finitentk.backbone;

import java.util.List;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InputValues;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a backbone takes of its file.
 *
 * @param inputShape sizes of one example of an only input; empty for the network's own
 * @param transformer makes all inputs, or null
 * @param values what inputs are that are the same for all examples, as in {@code sr=16000}
 * @param layer the output; empty for the file's
 * @param pooling of an output [n, T, d]
 * @param mask the input that weights positions; empty for the one that is called so
 */
record NetworkChoice(
        List<Integer> inputShape,
        @Nullable InputTransformer transformer,
        List<String> values,
        String layer,
        Pooling pooling,
        String mask) {
    NetworkChoice {
        inputShape = List.copyOf(inputShape);
        values = List.copyOf(values);
        InputValues.parse(values);
        if (!mask.isEmpty() && pooling != Pooling.MASKED_MEAN) {
            throw new RejectedSetting(
                    "poolingMask",
                    "poolingMask is '" + mask + "' but pooling is " + pooling + "; it belongs to MASKED_MEAN");
        }
    }

    /** The output that was chosen, and the sizes and values that were given for inputs of a file. */
    NetworkView of(List<ValueInfo> inputs) {
        InputValues constants = InputValues.parse(values);
        List<ValueInfo> others = inputs.stream()
                .filter(input -> !constants.values().containsKey(input.name()))
                .toList();
        return new NetworkView(sizes(others), constants, layer, pooling, mask);
    }

    private InputSizes sizes(List<ValueInfo> inputs) {
        if (transformer != null) {
            return transformer.sizes(inputs);
        }
        return inputShape.isEmpty() || inputs.size() != 1
                ? InputSizes.NONE
                : InputSizes.ofExample(inputs.get(0).name(), inputShape);
    }
}
