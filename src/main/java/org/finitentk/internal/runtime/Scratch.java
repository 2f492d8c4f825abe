package org.finitentk.internal.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Buffers taken from a pool for a while. Tensors over them must not be used after {@link #close}. */
public final class Scratch implements IntFunction<ByteBuffer>, AutoCloseable {
    private final BufferPool pool;
    private final List<ByteBuffer> taken = new ArrayList<>();

    public Scratch(BufferPool pool) {
        this.pool = pool;
    }

    @Override
    public ByteBuffer apply(int bytes) {
        ByteBuffer buffer = pool.take(bytes);
        taken.add(buffer);
        return buffer;
    }

    /** Gives back what was taken so far; more may be taken. */
    public void reset() {
        taken.forEach(pool::give);
        taken.clear();
    }

    @Override
    public void close() {
        reset();
    }
}
