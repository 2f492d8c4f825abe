package org.finitentk.backbone;

/** Nothing says which feature of the data goes where in the network's inputs. */
public final class UnknownOrderException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** How many numbers one example's inputs have. */
    private final int inputSize;

    /** The inputs in the order in which features are listed, where they are several. */
    private final String inputs;

    UnknownOrderException(String message, DenseInputs inputs) {
        super(message);
        this.inputSize = inputs.size();
        this.inputs = inputs.sequence();
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
     * @return several inputs with how many numbers each has, such as {@code 'numbers' (3), then 'shop' (1)}, in the
     *     order in which features are listed; empty if there is one, or each has one number
     */
    public String inputs() {
        return inputs;
    }
}
