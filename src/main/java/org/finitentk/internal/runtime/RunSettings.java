package org.finitentk.internal.runtime;

/**
 * How sessions run, every number being in force.
 *
 * @param cuda on a GPU rather than the CPU
 * @param deviceId which GPU
 * @param threads of one operator on the CPU; 0 for all cores
 * @param memoryBudget bytes for intermediate values and for what is kept
 * @param deterministic whether kernels are asked for that repeat bit for bit
 */
public record RunSettings(boolean cuda, int deviceId, int threads, long memoryBudget, boolean deterministic) {
    private static final int MOST_ON_CPU = 4096;
    private static final int MOST_ON_GPU = 1 << 17;

    /** Runs that stay on the thread that calls them. */
    public RunSettings onOneThread() {
        return new RunSettings(cuda, deviceId, 1, memoryBudget, deterministic);
    }

    /** Chunks that may run at the same time. */
    public int workers() {
        int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        return cuda ? 1 : cores;
    }

    /** Examples after which a larger chunk is no faster. */
    public int mostInChunk() {
        return cuda ? MOST_ON_GPU : MOST_ON_CPU;
    }

    /**
     * Bytes of a chunk; on a CPU with more than {@code cachedBytes} its values leave the caches, a GPU is the faster
     * the more there is to do at once.
     */
    public long chunkBudget(long cachedBytes) {
        return cuda ? memoryBudget : Math.min(cachedBytes, memoryBudget);
    }
}
