package org.finitentk.internal.util;

import com.oracle.labs.mlrg.olcut.config.PropertyException;
import org.jspecify.annotations.Nullable;

/** What an exception says to a person. */
public final class Said {
    private Said() {}

    /**
     * A message once: OLCUT adds to its own what the cause says, which is the same.
     *
     * @param e any exception
     * @return its message; of a setting without the setting's name
     */
    public static String by(Throwable e) {
        String message = e instanceof PropertyException property ? property.getMsg() : e.getMessage();
        return withoutCause(message == null ? "" : message, e.getCause());
    }

    /**
     * As much of a message as its cause has not said.
     *
     * @param message of an exception
     * @param cause the exception's
     * @return the message without what the cause says, if that stands at its end
     */
    public static String withoutCause(String message, @Nullable Throwable cause) {
        String added = cause == null ? "" : " (caused by " + cause.getMessage() + ")";
        return !added.isEmpty() && message.endsWith(added)
                ? message.substring(0, message.length() - added.length())
                : message;
    }
}
