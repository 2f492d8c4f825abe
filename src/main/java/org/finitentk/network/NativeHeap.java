package org.finitentk.network;

import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;

/**
 * Has the C library give memory back that is free. ONNX Runtime allocates and frees intermediate values at every run, from several threads; glibc keeps what was freed in an
 * arena for each thread, and hours of products would make the process several gigabytes larger than what it uses.
 */
final class NativeHeap {
    /** A trim takes some 100 ms where there is much to give back. */
    private static final long INTERVAL_NANOS = 10_000_000_000L;
    private static final AtomicLong LAST = new AtomicLong(System.nanoTime());

    private NativeHeap() {
    }

    /** Trims if the last time is long enough ago. */
    static void trimNowAndThen() {
        long now = System.nanoTime();
        long last = LAST.get();
        if (now - last > INTERVAL_NANOS && LAST.compareAndSet(last, now)) {
            Pointer.trimMemory();
        }
    }
}
