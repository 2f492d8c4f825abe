package org.finitentk.internal.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.onnx.OperationCount;
import org.finitentk.internal.runtime.ChunkPlan;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.RunSettings;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.network.Examples;
import org.finitentk.network.NotFiniteException;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A network's gradients example by example, run in chunks that suit their memory, some of them at the same time where
 * that is faster. Sessions are the network's, which keeps some of them open; closing this only lets the network close
 * them. Safe for use from several threads.
 */
public final class PerExampleGraph implements AutoCloseable {
    /** Bytes of the gradients of all outputs of an example. */
    private static final long LARGE = 32L << 20;

    private final OpenNetwork network;
    private final PerExampleCache cache;
    private final PerExampleSessions sessions;
    private final AtomicBoolean closed = new AtomicBoolean();

    private final Runnable whenClosed;

    /**
     * Takes over one use of the sessions.
     *
     * @param whenClosed what is to be done then
     */
    PerExampleGraph(OpenNetwork network, PerExampleCache cache, PerExampleSessions sessions, Runnable whenClosed) {
        this.whenClosed = whenClosed;
        this.network = network;
        this.cache = cache;
        this.sessions = sessions;
    }

    /**
     * Opens the graph; null when the network's graphs were made elsewhere, and for small gradients of a network that
     * takes one example at a time, which one product each gives as quickly: what was recorded with it stays as it was.
     */
    static @Nullable PerExampleGraph open(
            OpenNetwork network, PerExample.Choice choice, boolean severalCotangents, Runnable whenClosed) {
        Linearization linearization = network.graphs().linearization();
        if (linearization == null || linearization.takesOneExample() && !isLarge(linearization)) {
            return null;
        }
        PerExampleGraph[] opened = new PerExampleGraph[1];
        network.use(() -> {
            PerExampleCache cache = network.sessions().perExample();
            opened[0] = new PerExampleGraph(
                    network,
                    cache,
                    cache.acquire(linearization, choice, network.isMoved(), severalCotangents),
                    whenClosed);
        });
        return opened[0];
    }

    private static boolean isLarge(Linearization linearization) {
        return (double) linearization.parameterCount() * linearization.outputSize() * Double.BYTES >= LARGE;
    }

    /**
     * How gradients are given.
     *
     * @return the whole graph, from inputs and {@code cotangent}, and each parameter's outputs
     */
    public PerExample structure() {
        return sessions.structure();
    }

    /**
     * What gradients of one example cost, where what does not depend on the cotangent is computed once.
     *
     * @param cotangents of each example
     * @return operations for each cotangent
     */
    public double operations(int cotangents) {
        double all = OperationCount.of(structure().graph()).perExample();
        Stages stages = sessions.stages();
        double once = stages == null ? 0 : OperationCount.of(stages.first()).perExample();
        return all - once + once / cotangents;
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
     * Takes all examples through. The graph comes as one, or as two: what does not depend on the cotangent, and the
     * rest, which takes the outputs of the first.
     *
     * @param x the examples
     * @param step what to do with each chunk
     * @throws IllegalArgumentException if the graph cannot be run on them
     * @throws IllegalStateException if the network or this is closed
     */
    public void run(Examples x, Step step) {
        requireOpen();
        network.use(() -> runOpen(x, step));
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the per-example graph is closed; ask the network for it again to use it");
        }
    }

    /** What is done with a part of the runs on a chunk; other parts and chunks may be under way on other threads. */
    @FunctionalInterface
    public interface PartStep {
        /**
         * Runs the graphs on the chunk for some of the items.
         *
         * @param chunk the examples
         * @param from the position of the first among all
         * @param runs run the graphs, in their order
         * @param first item
         * @param end of the items
         */
        void accept(Examples chunk, int from, List<Run> runs, int first, int end);
    }

    /**
     * The same where each chunk has many runs, of which none needs the results of another: where there are too few
     * chunks for all threads, each chunk's runs are shared out among them.
     *
     * @param x the examples
     * @param items runs on each chunk, such as one for each cotangent
     * @param step what to do with some items of a chunk
     * @throws IllegalArgumentException if the graph cannot be run on them
     * @throws IllegalStateException if the network or this is closed
     */
    public void run(Examples x, int items, PartStep step) {
        ChunkPlan plan = network.plan(x, Product.VJP.cachedBytes(), sessions.bytesPerExample(), 0);
        int parts = plan.workers() > 1 ? 1 : Math.min(items, affordable(plan));
        if (parts <= 1) {
            run(x, (chunk, from, runs) -> step.accept(chunk, from, runs, 0, items));
            return;
        }
        requireOpen();
        network.use(() -> plan.run((from, to) -> new ChunkPlan(parts, 1, parts)
                .run((part, next) -> run(
                        sessions.runners(true),
                        x.slice(from, to),
                        from,
                        (chunk, first, runs) ->
                                step.accept(chunk, first, runs, (int) ((long) items * part / parts), (int)
                                        ((long) items * next / parts))))));
    }

    /**
     * The same gradients of one example, some parameters after others.
     *
     * @param gradientBytes what each parameter's outputs take for each cotangent, as far as these depend on it
     * @param budget bytes for each cotangent
     * @param cotangents gives each of them by its number, k numbers
     * @return runs them; null where the gradients cannot be had in pieces of this size
     */
    public @Nullable SegmentedGradients segments(
            List<Map<String, Long>> gradientBytes, long budget, IntFunction<double[]> cotangents) {
        Stages stages = sessions.stages();
        ValueInfo batch = structure().graph().inputs().get(0);
        if (stages == null || network.elementType() != ElementType.FLOAT || batch.isFixed(0) && batch.dim(0) != 1) {
            return null;
        }
        List<Segment> segments = Segment.of(stages, gradientBytes, budget);
        return segments == null
                ? null
                : new SegmentedGradients(
                        network,
                        this,
                        new SegmentedGradients.Pieces(segments, affordable(new ChunkPlan(1, 1, 1))),
                        sessions.first(),
                        cotangents);
    }

    /** Threads that can go through a chunk side by side. */
    private int affordable(ChunkPlan plan) {
        RunSettings settings = network.sessions().runSettings();
        return (int) Math.min(
                settings.workers(), settings.memoryBudget() / Math.max(1, sessions.bytesPerExample() * plan.size()));
    }

    private void runOpen(Examples x, Step step) {
        ChunkPlan plan = network.plan(x, Product.VJP.cachedBytes(), sessions.bytesPerExample(), 0);
        List<GraphRunner> runners = sessions.runners(plan.workers() > 1);
        plan.run((from, to) -> run(runners, x.slice(from, to), from, step));
    }

    private void run(List<GraphRunner> runners, Examples chunk, int from, Step step) {
        List<Scratch> memory = runners.stream().map(runner -> network.scratch()).toList();
        try {
            List<Run> runs = IntStream.range(0, memory.size())
                    .mapToObj(i -> (Run) feeds -> run(runners.get(i), feeds, memory.get(i)))
                    .toList();
            step.accept(chunk, from, runs);
        } finally {
            memory.forEach(Scratch::close);
        }
    }

    /** Runs a graph on what it takes of the feeds; its outputs are valid until the memory is reset. */
    Map<String, Tensor> run(GraphRunner runner, Map<String, Tensor> feeds, Scratch memory) {
        memory.reset();
        Map<String, Tensor> all = new HashMap<>(network.movedParameters(runner.inputs()));
        all.putAll(feeds);
        all.keySet().retainAll(runner.inputs().stream().map(ValueInfo::name).toList());
        return runner.run(all, runner.outputs().stream().map(ValueInfo::name).toList(), memory);
    }

    /**
     * Refuses gradients that are not finite, as the graph of each example's own gives them.
     *
     * @param gradients one row an example, or anything else that has the examples along its first axis
     * @param x the examples, and their cotangent u
     * @param u n·k numbers
     * @throws NotFiniteException if a number is NaN or infinite, naming its example, and the node that makes it so
     */
    public void requireFinite(Tensor gradients, Examples x, double[] u) {
        long at = NotFinite.first(gradients);
        if (at >= 0) {
            throw new CheckedProducts(network)
                    .blame(x)
                    .product((int) (at / (gradients.size() / gradients.shape()[0])), Product.VJP, u);
        }
    }

    /** Lets the network close the sessions; may be repeated. */
    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            cache.release(sessions);
            whenClosed.run();
        }
    }
}
