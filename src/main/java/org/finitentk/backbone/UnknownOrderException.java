package org.finitentk.backbone;

/** Nothing says which feature of the data goes where in the network's inputs. */
public final class UnknownOrderException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** How many numbers one example's inputs have. */
    private final int inputSize;

    UnknownOrderException(String message, int inputSize) {
        super(message);
        this.inputSize = inputSize;
    }

    /**
     * What the features would have to fill.
     *
     * @return how many numbers one example's inputs have
     */
    public int inputSize() {
        return inputSize;
    }
}
