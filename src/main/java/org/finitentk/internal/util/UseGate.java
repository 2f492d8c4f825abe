package org.finitentk.internal.util;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Lets many threads use a native resource, and lets it be closed only when none does. */
public final class UseGate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final String refusal;
    private boolean closed;

    /**
     * An open gate.
     *
     * @param refusal what those are told who come when it is closed
     */
    public UseGate(String refusal) {
        this.refusal = refusal;
    }

    /**
     * Begins a use; {@link #exit()} must follow in a finally block.
     *
     * @throws IllegalStateException if the resource is closed
     */
    public void enter() {
        lock.readLock().lock();
        if (closed) {
            lock.readLock().unlock();
            throw new IllegalStateException(refusal);
        }
    }

    public void exit() {
        lock.readLock().unlock();
    }

    /** Waits for the uses under way, then runs the release; a second close does nothing. */
    public void close(Runnable release) {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                release.run();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
