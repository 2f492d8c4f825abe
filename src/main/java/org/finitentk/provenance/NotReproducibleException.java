package org.finitentk.provenance;

/** A model cannot be trained again from its provenance; the message is one sentence that says why. */
public final class NotReproducibleException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * With a sentence.
     *
     * @param message what is missing or changed
     */
    public NotReproducibleException(String message) {
        super(message);
    }

    /**
     * With a sentence and what led to it.
     *
     * @param message what is missing or changed
     * @param cause the failure underneath
     */
    public NotReproducibleException(String message, Throwable cause) {
        super(message, cause);
    }
}
