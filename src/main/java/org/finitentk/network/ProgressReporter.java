package org.finitentk.network;

/** Something whose long computations somebody may want to follow. */
public interface ProgressReporter {
    /**
     * Has somebody told how far it is; not part of the configuration.
     *
     * @param listener the listener, {@link ProgressListener#NONE} for nobody
     */
    void setProgressListener(ProgressListener listener);
}
