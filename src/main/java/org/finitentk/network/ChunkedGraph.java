package org.finitentk.network;

import java.util.HashMap;
import java.util.Map;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A graph derived from a network, run on examples in chunks that suit its memory, some of them at the same time where that is faster. Close it: sessions are native
 * memory.
 */
public final class ChunkedGraph implements AutoCloseable {
    private final Graph graph;
    private final Batching batching;
    private final ExecutionSettings settings;
    private final BufferPool pool;
    private final @Nullable MovedParameters moved;
    private final long bytesPerExample;
    private @Nullable GraphRunner onAllThreads;
    private @Nullable GraphRunner onOneThread;

    ChunkedGraph(Graph graph, Batching batching, ExecutionSettings settings, BufferPool pool, @Nullable MovedParameters moved) {
        this.graph = graph;
        this.batching = batching;
        this.settings = settings;
        this.pool = pool;
        this.moved = moved;
        this.bytesPerExample = MemoryEstimate.bytesPerExample(graph);
    }

    /** Runs the graph on a chunk. */
    @FunctionalInterface
    public interface Run {
        /**
         * Runs the graph once.
         *
         * @param feeds its inputs, but for parameters
         * @return its outputs, which the next run on the same chunk may overwrite
         */
        Map<String, Tensor> of(Map<String, Tensor> feeds);
    }

    /** What is done with a chunk; other chunks may be under way on other threads. */
    @FunctionalInterface
    public interface Step {
        /**
         * Runs the graph on the chunk as often as it likes.
         *
         * @param chunk the examples
         * @param from the position of the first among all
         * @param run runs the graph
         */
        void accept(Examples chunk, int from, Run run);
    }

    /**
     * Takes all examples through.
     *
     * @param x the examples
     * @param step what to do with each chunk
     * @throws IllegalArgumentException if the graph cannot be run on them
     */
    public void run(Examples x, Step step) {
        ChunkPlan plan = ChunkPlan.of(x.size(), batching, bytesPerExample, 0, settings);
        GraphRunner runner = runner(plan.workers() > 1);
        Map<String, Tensor> parameters = moved == null ? Map.of() : moved.tensors(runner.inputs());
        plan.run((worker, from, to) -> {
            try (Scratch scratch = new Scratch(pool)) {
                step.accept(x.slice(from, to), from, feeds -> {
                    scratch.reset();
                    Map<String, Tensor> all = new HashMap<>(feeds);
                    all.putAll(parameters);
                    return runner.run(all, runner.outputs().stream().map(ValueInfo::name).toList(), scratch);
                });
            }
        });
    }

    private synchronized GraphRunner runner(boolean oneThread) {
        GraphRunner known = oneThread ? onOneThread : onAllThreads;
        if (known != null) {
            return known;
        }
        GraphRunner opened = new GraphRunner(graph, oneThread ? settings.withThreads(1) : settings);
        if (oneThread) {
            onOneThread = opened;
        } else {
            onAllThreads = opened;
        }
        return opened;
    }

    @Override
    public synchronized void close() {
        for (GraphRunner runner : new @Nullable GraphRunner[] {onAllThreads, onOneThread}) {
            if (runner != null) {
                runner.close();
            }
        }
    }
}
