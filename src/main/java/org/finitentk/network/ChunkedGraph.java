package org.finitentk.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Graphs derived from a network, run on examples in chunks that suit their memory, some of them at the same time where that is faster. Close it: sessions are native
 * memory.
 */
public final class ChunkedGraph implements AutoCloseable {
    private final List<Graph> graphs;
    private final Batching batching;
    private final ExecutionSettings settings;
    private final BufferPool pool;
    private final @Nullable MovedParameters moved;
    private final long bytesPerExample;
    private final List<GraphRunner> onAllThreads = new ArrayList<>();
    private final List<GraphRunner> onOneThread = new ArrayList<>();

    ChunkedGraph(List<Graph> graphs, Batching batching, ExecutionSettings settings, BufferPool pool, @Nullable MovedParameters moved) {
        this.graphs = graphs;
        this.batching = batching;
        this.settings = settings;
        this.pool = pool;
        this.moved = moved;
        this.bytesPerExample = graphs.stream().mapToLong(MemoryEstimate::bytesPerExample).sum();
    }

    /** Runs a graph on a chunk. */
    @FunctionalInterface
    public interface Run {
        /**
         * Runs the graph once.
         *
         * @param feeds its inputs, but for parameters; what it does not take is left out
         * @return its outputs, which its next run on the same chunk may overwrite
         */
        Map<String, Tensor> of(Map<String, Tensor> feeds);
    }

    /** What is done with a chunk; other chunks may be under way on other threads. */
    @FunctionalInterface
    public interface Step {
        /**
         * Runs the graphs on the chunk as often as it likes.
         *
         * @param chunk the examples
         * @param from the position of the first among all
         * @param runs run the graphs, in their order
         */
        void accept(Examples chunk, int from, List<Run> runs);
    }

    /**
     * Takes all examples through.
     *
     * @param x the examples
     * @param step what to do with each chunk
     * @throws IllegalArgumentException if the graph cannot be run on them
     */
    public void run(Examples x, Step step) {
        ChunkPlan plan = ChunkPlan.of(x.size(), batching, Product.VJP.cachedBytes(), bytesPerExample, 0, settings);
        List<GraphRunner> runners = runners(plan.workers() > 1);
        plan.run((worker, from, to) -> {
            List<Scratch> memory = runners.stream().map(runner -> new Scratch(pool)).toList();
            try {
                List<Run> runs = IntStream.range(0, memory.size()).mapToObj(i -> (Run) feeds -> run(runners.get(i), feeds, memory.get(i))).toList();
                step.accept(x.slice(from, to), from, runs);
            } finally {
                memory.forEach(Scratch::close);
            }
        });
    }

    private Map<String, Tensor> run(GraphRunner runner, Map<String, Tensor> feeds, Scratch memory) {
        memory.reset();
        Map<String, Tensor> all = new HashMap<>(moved == null ? Map.of() : moved.tensors(runner.inputs()));
        all.putAll(feeds);
        all.keySet().retainAll(runner.inputs().stream().map(ValueInfo::name).toList());
        return runner.run(all, runner.outputs().stream().map(ValueInfo::name).toList(), memory);
    }

    private synchronized List<GraphRunner> runners(boolean oneThread) {
        List<GraphRunner> runners = oneThread ? onOneThread : onAllThreads;
        for (int i = runners.size(); i < graphs.size(); i++) {
            runners.add(new GraphRunner(graphs.get(i), oneThread ? settings.withThreads(1) : settings));
        }
        return runners;
    }

    @Override
    public synchronized void close() {
        onAllThreads.forEach(GraphRunner::close);
        onOneThread.forEach(GraphRunner::close);
    }
}
