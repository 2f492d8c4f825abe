package org.finitentk.onnx;

/** A model, graph or bundle that cannot be used; the message is one sentence that names the file or node and the reason. */
public final class InvalidModelException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Constructs the refusal.
     *
     * @param message what was found, what was expected, and what to do
     */
    public InvalidModelException(String message) {
        super(message);
    }

    /**
     * Constructs the refusal with its cause.
     *
     * @param message what was found, what was expected, and what to do
     * @param cause the underlying failure
     */
    public InvalidModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
