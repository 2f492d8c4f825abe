package org.finitentk.internal.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Direct buffers to use again. The JVM frees a direct buffer only when its tiny heap object is collected, so allocating
 * one for every run would let native memory grow to the JVM's limit; and zeroing megabytes for every run costs time.
 */
public final class BufferPool {
    private static final int GRANULE = 4096;
    /**
     * A cache line, which is also the widest vector: {@code malloc} gives large buffers 16 bytes after its start, so
     * that every wide store would touch two lines.
     */
    public static final int LINE = 64;

    private final long mostFreeBytes;
    private final List<ByteBuffer> free = new ArrayList<>();
    private long freeBytes;

    /** A pool that keeps so much for later: less than a run takes, and every run would allocate the rest anew. */
    public BufferPool(long mostFreeBytes) {
        this.mostFreeBytes = mostFreeBytes;
    }

    /** A buffer of exactly this many bytes, little endian, contents undefined. */
    public synchronized ByteBuffer take(int bytes) {
        int wanted = (int) Math.min(Integer.MAX_VALUE - LINE, (bytes + (GRANULE - 1L)) / GRANULE * GRANULE);
        if (wanted < bytes) {
            throw new IllegalArgumentException("a tensor of " + bytes
                    + " bytes is asked for; a Java buffer has at most " + wanted + "; use smaller batches");
        }
        for (Iterator<ByteBuffer> i = free.iterator(); i.hasNext(); ) {
            ByteBuffer candidate = i.next();
            if (candidate.capacity() >= wanted && candidate.capacity() / 2 <= wanted) {
                i.remove();
                freeBytes -= candidate.capacity();
                return candidate.clear().limit(bytes).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        return ByteBuffer.allocateDirect(wanted + LINE)
                .alignedSlice(LINE)
                .slice(0, wanted)
                .limit(bytes)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Gives back what {@link #take} gave; nobody may hold it, or a tensor over it, any longer. The oldest go when there
     * is too much.
     */
    public synchronized void give(ByteBuffer buffer) {
        free.add(buffer);
        freeBytes += buffer.capacity();
        while (freeBytes > mostFreeBytes) {
            freeBytes -= free.remove(0).capacity();
        }
    }
}
