package org.finitentk.internal.network;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.finitentk.internal.runtime.BufferPool;
import org.finitentk.internal.runtime.ChunkPlan;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.onnx.Tensor;

/**
 * The sum of the gradients of many chunks, in float64. A round of chunks leaves its gradients where the runtime wrote
 * them, and they are added up together, each thread taking a share of the parameters: adding them one by one would go
 * through the sum, which no cache holds, once a chunk. Chunks are added in the order of their examples, so that the
 * last bit does not depend on which thread was first.
 */
final class GradientSum implements AutoCloseable {
    /** What the gradients of a round may take. */
    private static final long ROUND_BYTES = 64L << 20;

    private static final int MOST_A_WORKER = 8;

    private final double[] sum;
    private final Scratch memory;
    /** The gradients of this round's chunks, by first example. */
    private final NavigableMap<Integer, Tensor> gradients = new TreeMap<>();

    GradientSum(long parameters, BufferPool pool) {
        this.sum = new double[Math.toIntExact(parameters)];
        this.memory = new Scratch(pool);
    }

    /** How many chunks make a round. */
    int chunksPerRound(int workers, long memoryBudget) {
        long gradient = Math.max(1, (long) sum.length * Double.BYTES);
        long most = Math.min(ROUND_BYTES, memoryBudget / 8) / gradient / workers;
        return workers * (int) Math.max(1, Math.min(MOST_A_WORKER, most));
    }

    /** Memory for the gradient of one chunk, until the end of the round. */
    synchronized ByteBuffer memory(int bytes) {
        return memory.apply(bytes);
    }

    /** Takes a chunk's gradient; the tensor must stay as it is until the end of the round. */
    synchronized void add(int from, Tensor gradient) {
        gradients.put(from, gradient);
    }

    /** Adds the gradients of this round. No chunk may be running. */
    synchronized void endRound(int workers) {
        List<Tensor> all = List.copyOf(gradients.values());
        int share = (sum.length + workers - 1) / workers;
        new ChunkPlan(sum.length, share, workers).run((from, to) -> Reals.accumulate(all, sum, from, to));
        gradients.clear();
        memory.reset();
    }

    /** The sum so far, not a copy. */
    double[] total() {
        return sum;
    }

    @Override
    public void close() {
        memory.close();
    }
}
