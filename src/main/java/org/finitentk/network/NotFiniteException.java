package org.finitentk.network;

/**
 * A network's output or Jacobian is NaN or infinite for an example; the message says for which, and which node makes it
 * so.
 */
public final class NotFiniteException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    NotFiniteException(String message) {
        super(message);
    }
}
