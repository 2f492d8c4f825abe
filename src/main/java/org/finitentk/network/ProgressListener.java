package org.finitentk.network;

/**
 * Hears how far a long computation is. Called on the computing thread, so it must be quick; may be called from several
 * threads.
 */
@FunctionalInterface
public interface ProgressListener {
    /** Ignores everything. */
    ProgressListener NONE = (stage, done, total) -> {};

    /**
     * Tells of progress.
     *
     * @param stage what is being done, in a few words ("gram", "solve"); the same text throughout one stage
     * @param done units of work finished, from 0 to {@code total}
     * @param total units of work in this stage, or -1 when it is not known
     */
    void progress(String stage, long done, long total);
}
