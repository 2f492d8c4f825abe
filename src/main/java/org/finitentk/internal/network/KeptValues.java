package org.finitentk.internal.network;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.onnx.Tensor;

/**
 * What does not depend on the vectors of products, for each chunk of some examples: computed by the first product and
 * kept for the others.
 */
final class KeptValues implements AutoCloseable {
    private final Map<Integer, Map<String, Tensor>> chunks = new ConcurrentHashMap<>();
    /**
     * From the network's pool: new memory is gone through once more, by the operating system. What nobody closes is the
     * garbage collector's.
     */
    private final Scratch memory;

    KeptValues(Scratch memory) {
        this.memory = memory;
    }

    /** The values of the chunk that starts at an example. */
    Map<String, Tensor> of(int from, Function<IntFunction<ByteBuffer>, Map<String, Tensor>> compute) {
        return chunks.computeIfAbsent(from, start -> compute.apply(this::take));
    }

    private synchronized ByteBuffer take(int bytes) {
        return memory.apply(bytes);
    }

    /** Gives the memory back; no product may be under way, or come. */
    @Override
    public synchronized void close() {
        chunks.clear();
        memory.close();
    }
}
