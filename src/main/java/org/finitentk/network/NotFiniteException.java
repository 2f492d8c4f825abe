package org.finitentk.network;

/**
 * A network's output or Jacobian is NaN or infinite for an example; the message says for which, and which node makes it
 * so.
 */
public final class NotFiniteException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Says what is not finite.
     *
     * @param message the example and the node
     */
    public NotFiniteException(String message) {
        super(message);
    }
}
