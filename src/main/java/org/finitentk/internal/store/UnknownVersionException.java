package org.finitentk.internal.store;

import java.io.Serial;

/** A stored object of a version that this release does not know: nothing is wrong with it. */
public final class UnknownVersionException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnknownVersionException(String message) {
        super(message);
    }
}
