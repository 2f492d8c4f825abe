package org.finitentk.kernel;

import java.util.Locale;

/** A linear system was not solved: its residual is so large that the vector found is no answer. */
public final class UnsolvedException extends IllegalArgumentException {
    /** The largest relative residual ‖b - A x‖ / ‖b‖ of an answer; 0 as an answer has 1. */
    public static final double LARGEST_RESIDUAL = 0.1;

    private static final long serialVersionUID = 1L;

    /**
     * Says what was found.
     *
     * @param message which system, its residual, and what to change
     */
    public UnsolvedException(String message) {
        super(message);
    }

    /**
     * Refuses a residual that is too large, or no number.
     *
     * @param what the system and how its solver ended
     * @param residual the true relative residual
     * @param advice what to change
     * @throws UnsolvedException if the residual is above {@link #LARGEST_RESIDUAL}
     */
    public static void require(String what, double residual, String advice) {
        if (!(residual <= LARGEST_RESIDUAL)) {
            throw new UnsolvedException(String.format(
                    Locale.ROOT,
                    "%s left a relative residual of %.2g; expected at most %s, so %s",
                    what,
                    residual,
                    LARGEST_RESIDUAL,
                    advice));
        }
    }
}
