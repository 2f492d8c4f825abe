package org.finitentk.onnx;

/**
 * A model, graph or bundle that cannot be used; the message is one sentence that names the file or node and the reason.
 */
public final class InvalidModelException extends IllegalArgumentException {
    private static final int MAX_LENGTH = 2500;

    private static final long serialVersionUID = 1L;

    /**
     * Constructs the refusal.
     *
     * @param message what was found, what was expected, and what to do
     */
    public InvalidModelException(String message) {
        super(oneLine(message));
    }

    /**
     * Constructs the refusal with its cause.
     *
     * @param message what was found, what was expected, and what to do
     * @param cause the underlying failure
     */
    public InvalidModelException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /** Names come from the file: whatever they contain, the message stays one line of bounded length. */
    private static String oneLine(String message) {
        StringBuilder line = new StringBuilder();
        message.codePoints().limit(MAX_LENGTH).forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        return message.length() > MAX_LENGTH ? line + "…" : line.toString();
    }
}
