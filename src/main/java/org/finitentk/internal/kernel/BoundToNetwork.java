package org.finitentk.internal.kernel;

import java.util.function.Supplier;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Something that was computed on an open network, runs it, and is kept for later: a model whose network was closed and
 * opened again must not meet the closed one. Asked for on another network than it was made on, it is made anew; what
 * was kept is left to whoever still uses it, and its memory to the garbage collector.
 *
 * @param <T> what is kept
 */
public final class BoundToNetwork<T> {
    private @Nullable T kept;
    private @Nullable LinearizedNetwork network;

    /** Nothing is kept yet. */
    public BoundToNetwork() {}

    /**
     * Keeps what was made already.
     *
     * @param made what is kept
     * @param on the network that it was made on
     */
    public synchronized void put(T made, LinearizedNetwork on) {
        kept = made;
        network = on;
    }

    /**
     * What is kept, if it was made on this network.
     *
     * @param on an open network
     * @param make makes it on that network; others wait until it is made
     * @return what belongs to that network
     */
    public synchronized T get(LinearizedNetwork on, Supplier<T> make) {
        T known = kept;
        if (known == null || network != on) {
            known = make.get();
            put(known, on);
        }
        return known;
    }

    /**
     * Whether anything is kept, whatever network it was made on.
     *
     * @return false until something was made
     */
    public synchronized boolean isPresent() {
        return kept != null;
    }
}
