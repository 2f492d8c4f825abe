package org.finitentk.internal.report;

import org.jspecify.annotations.Nullable;

/** Pictures cannot be drawn here, as in a Java runtime without fonts. */
public final class PlotException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PlotException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
