package org.finitentk.onnx;

/**
 * What is taken of a network's file.
 *
 * @param inputs sizes for axes that the file leaves open
 * @param values what inputs are that are the same for all examples
 * @param output which of the file's outputs, or which node's output, is the network's; empty for the first
 *     floating-point one
 * @param pooling how an output [n, T, d] becomes [n, d]
 * @param mask under MASKED_MEAN the input that weights positions; empty for the one with 'mask' in its name
 */
public record NetworkView(InputSizes inputs, InputValues values, String output, Pooling pooling, String mask) {
    /** All as in the file. */
    public static final NetworkView WHOLE = new NetworkView(InputSizes.NONE, InputValues.NONE, "", Pooling.NONE, "");

    /**
     * Whether this chooses an output, or pools it.
     *
     * @return false if outputs are the file's
     */
    public boolean isOfOutput() {
        return !output.isEmpty() || pooling != Pooling.NONE;
    }
}
