package org.finitentk.internal.util;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Lets many threads use a native resource, and lets it be closed only when none does. */
public final class UseGate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final String name;
    private boolean closed;

    public UseGate(String name) {
        this.name = name;
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
            throw new IllegalStateException(name + " is closed; open it again to use it");
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
