package org.finitentk.internal.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How examples go through a network: in which chunks, and how many of these at the same time.
 *
 * <p>Many of ONNX Runtime's operators that move memory (Pad, Slice, Concat, reordering, adding a bias) use one thread,
 * so that chunks side by side, each on one thread, finish sooner than one after the other on all threads. Which worker
 * takes which chunk is fixed, so that sums repeat to the last bit.
 *
 * @param examples how many there are
 * @param size examples in a chunk; the last may have fewer
 * @param workers chunks at a time; 1 when each is to use all threads
 */
public record ChunkPlan(int examples, int size, int workers) {
    /** With fewer bytes than this to go through, starting threads takes longer than it saves. */
    private static final long SMALL_WORK = 4L << 20;

    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final ExecutorService POOL = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "finitentk-chunks-" + THREADS.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    });

    /** What is done with a chunk, possibly at the same time as with others. */
    public interface Work {
        /** Takes examples [from, to). */
        void chunk(int from, int to);
    }

    /**
     * Plans chunks of equal size.
     *
     * @param examples how many there are
     * @param batching bounds chunks, and may fix their size
     * @param cachedBytes with more in a chunk its values leave the caches
     * @param bytesPerExample what an example needs while it is in a chunk
     * @param bytesPerWorker what a worker needs besides
     * @param settings threads and memory
     */
    public static ChunkPlan of(
            int examples,
            Batching batching,
            long cachedBytes,
            long bytesPerExample,
            long bytesPerWorker,
            RunSettings settings) {
        long budget = settings.memoryBudget();
        int most = batching.chunkSize(bytesPerExample, settings.chunkBudget(cachedBytes));
        int threads = settings.workers();
        long work = Math.multiplyHigh(examples, bytesPerExample) > 0 ? Long.MAX_VALUE : examples * bytesPerExample;
        boolean affordable = budget / threads >= bytesPerWorker + bytesPerExample * (batching.isFixed() ? most : 1L);
        if (threads == 1 || work < SMALL_WORK || !affordable) {
            return new ChunkPlan(examples, batching.isFixed() ? most : even(examples, most, 1), 1);
        }
        if (batching.isFixed()) {
            int chunks = (examples + most - 1) / most;
            return new ChunkPlan(examples, most, 2 * chunks >= threads ? Math.min(threads, chunks) : 1);
        }
        int size = even(
                examples,
                batching.chunkSize(bytesPerExample, Math.min(cachedBytes, budget / threads - bytesPerWorker)),
                threads);
        int chunks = (examples + size - 1) / size;
        return 2 * chunks >= threads
                ? new ChunkPlan(examples, size, Math.min(threads, chunks))
                : new ChunkPlan(examples, even(examples, most, 1), 1);
    }

    /** The size at which as many rounds as are needed anyhow are equally full. */
    private static int even(int examples, int most, int workers) {
        long rounds = Math.max(1, (examples + (long) most * workers - 1) / ((long) most * workers));
        return (int) Math.max(1, (examples + rounds * workers - 1) / (rounds * workers));
    }

    /** Does the work on all chunks; returns, or throws what one of them threw, when no worker is busy any more. */
    public void run(Work work) {
        run(0, examples, work);
    }

    /** The same for the chunks of examples [first, end) only; the first of them starts a chunk. */
    public void run(int first, int end, Work work) {
        List<Future<?>> helpers = new ArrayList<>();
        Throwable failure = null;
        try {
            for (int worker = 1; worker < workers; worker++) {
                int own = worker;
                helpers.add(POOL.submit(() -> share(own, first, end, work)));
            }
            share(0, first, end, work);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        for (Future<?> helper : helpers) {
            Throwable late = outcome(helper);
            failure = failure == null ? late : failure;
        }
        NativeHeap.trimNowAndThen();
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    private void share(int worker, int first, int end, Work work) {
        for (long from = first + (long) worker * size; from < end; from += (long) workers * size) {
            work.chunk((int) from, (int) Math.min(end, from + size));
        }
    }

    private static @Nullable Throwable outcome(Future<?> helper) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    helper.get();
                    return null;
                } catch (ExecutionException e) {
                    return e.getCause();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
