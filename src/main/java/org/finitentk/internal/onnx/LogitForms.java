package org.finitentk.internal.onnx;

/**
 * Which activations are taken off a network's output, so that its outputs are logits.
 *
 * @param last a Sigmoid, Softmax or LogSoftmax that the network ends in
 * @param opposite if {@code last}, one Sigmoid too of which the network ends in 1 - p and p, or in 1 - p
 */
public record LogitForms(boolean last, boolean opposite) {
    /** None: the network stays what it is. */
    public static final LogitForms NONE = new LogitForms(false, false);
}
