package org.finitentk.internal.util;

import java.nio.file.Path;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * What is taken away if this JVM is ended by a signal (Ctrl-C, kill) before it is done: files that are being written,
 * folders of temporary files, and folders that nothing was written to. A JVM that is killed outright takes nothing
 * away; {@link Staging} has a second net for that.
 */
public final class Unfinished implements AutoCloseable {
    /** The latest first: files go before the folders that were made for them. */
    private static final Deque<Unfinished> OPEN = new ConcurrentLinkedDeque<>();

    static {
        Thread end = new Thread(() -> OPEN.forEach(each -> each.remove.run()), "removal of unfinished files");
        try {
            Runtime.getRuntime().addShutdownHook(end);
        } catch (IllegalStateException e) {
            OPEN.clear(); // the end has begun before the first file
        }
    }

    private final Runnable remove;

    private Unfinished(Runnable remove) {
        this.remove = remove;
    }

    /**
     * Something that is taken away unless it is closed before.
     *
     * @param remove how; it runs beside threads that may still write
     * @return until it is closed, unfinished
     */
    static Unfinished unless(Runnable remove) {
        Unfinished unfinished = new Unfinished(remove);
        OPEN.addFirst(unfinished);
        return unfinished;
    }

    /**
     * A file or folder of temporary use.
     *
     * @param root of our own making
     * @return until it is closed, unfinished
     */
    public static Unfinished temporary(Path root) {
        return unless(() -> Staging.deleteTree(root));
    }

    /** It is done: nothing is taken away. */
    @Override
    public void close() {
        OPEN.remove(this);
    }
}
