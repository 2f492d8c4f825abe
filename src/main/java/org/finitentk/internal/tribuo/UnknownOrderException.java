package org.finitentk.internal.tribuo;

/** Nothing says which feature of the data goes where in the network's inputs. */
public final class UnknownOrderException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** How many numbers one example's inputs have. */
    private final int inputSize;

    /** The inputs in the order in which features are listed, where they are several. */
    private final String inputs;

    /**
     * Says what is not known.
     *
     * @param message names the features
     * @param inputSize how many numbers one example's inputs have
     * @param inputs the inputs in the order in which features are listed; empty if there is one
     */
    public UnknownOrderException(String message, int inputSize, String inputs) {
        super(message);
        this.inputSize = inputSize;
        this.inputs = inputs;
    }

    /**
     * What the features would have to fill.
     *
     * @return how many numbers one example's inputs have
     */
    public int inputSize() {
        return inputSize;
    }

    /**
     * Which inputs the numbers belong to.
     *
     * @return several inputs with how many numbers each has, such as {@code 'numbers' (3), then 'shop' (1)}, or their
     *     names alone where each has one, in the order in which features are listed; empty if there is one
     */
    public String inputs() {
        return inputs;
    }
}
