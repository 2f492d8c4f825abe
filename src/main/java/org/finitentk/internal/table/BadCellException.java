package org.finitentk.internal.table;

/** A cell that makes a row unusable. */
public final class BadCellException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Says which.
     *
     * @param complaint what is wrong with it
     */
    public BadCellException(String complaint) {
        super(complaint);
    }
}
