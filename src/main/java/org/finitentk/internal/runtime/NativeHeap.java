package org.finitentk.internal.runtime;

import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.bytedeco.javacpp.Pointer;

/**
 * Has the C library give memory back that is free. ONNX Runtime allocates and frees intermediate values at every run,
 * from several threads; glibc keeps what was freed in an arena for each thread, and hours of products would make the
 * process several gigabytes larger than what it uses.
 */
final class NativeHeap {
    private static final Logger LOG = Logger.getLogger(NativeHeap.class.getName());
    private static final long LEAST_PAUSE_NANOS = 500_000_000L;
    /** A trim takes some 100 ms where there is much to give back; the pause after it is this many times as long. */
    private static final long PAUSE = 30;

    private static final AtomicLong NEXT = new AtomicLong(System.nanoTime() + LEAST_PAUSE_NANOS);

    private NativeHeap() {}

    /** Trims if the last time is long enough ago for that to cost three percent. */
    static void trimNowAndThen() {
        long now = System.nanoTime();
        long next = NEXT.get();
        if (now - next > 0 && NEXT.compareAndSet(next, now + LEAST_PAUSE_NANOS)) {
            trim();
            long end = System.nanoTime();
            NEXT.set(end + Math.max(LEAST_PAUSE_NANOS, PAUSE * (end - now)));
        }
    }

    /** Without the native library the memory is used as it is. */
    private static void trim() {
        try {
            Pointer.trimMemory();
        } catch (LinkageError | RuntimeException e) {
            LOG.log(Level.FINE, "memory is not given back: JavaCPP's native library does not load", e);
        }
    }
}
