package org.finitentk.finetune;

/** Training met a loss or gradient that is not a finite number; the message names the epoch and step. */
public final class TrainingDivergedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Constructs the refusal.
     *
     * @param message what happened, where, and what to change
     */
    public TrainingDivergedException(String message) {
        super(message);
    }
}
