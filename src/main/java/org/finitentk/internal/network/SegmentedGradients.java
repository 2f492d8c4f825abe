package org.finitentk.internal.network;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.linalg.NativeFloats;
import org.finitentk.internal.network.Segment.Handover;
import org.finitentk.internal.runtime.ChunkPlan;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.RunSettings;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of one example along many cotangents, some parameters after others: all cotangents go through a piece
 * of the way back before any goes on, so that only these parameters' gradients, and what goes on, are in memory
 * together, and nothing is made twice.
 */
public final class SegmentedGradients {
    private final OpenNetwork network;
    private final PerExampleGraph graph;
    private final Pieces pieces;
    private final GraphRunner first;
    private final IntFunction<double[]> cotangents;

    /**
     * How the second stage runs.
     *
     * @param segments its pieces
     * @param workers that may run one at the same time
     */
    record Pieces(List<Segment> segments, int workers) {}

    /**
     * Of a graph's second stage in pieces.
     *
     * @param network runs them
     * @param graph the whole
     * @param pieces of the second stage
     * @param first runs the first stage
     * @param cotangents by their numbers
     */
    SegmentedGradients(
            OpenNetwork network,
            PerExampleGraph graph,
            Pieces pieces,
            GraphRunner first,
            IntFunction<double[]> cotangents) {
        this.network = network;
        this.graph = graph;
        this.pieces = pieces;
        this.first = first;
        this.cotangents = cotangents;
    }

    /** Takes gradients in. */
    public interface Sink {
        /**
         * A piece of the way back begins.
         *
         * @param gradients names of the graph's outputs that it makes
         */
        void begin(Set<String> gradients);

        /**
         * The piece is through for one cotangent; may be called from several threads.
         *
         * @param results what it made, and all that does not depend on the cotangent; valid during the call
         * @param item number of the cotangent
         */
        void take(Map<String, Tensor> results, int item);

        /** All cotangents are through. */
        void end();
    }

    /**
     * How many pieces there are.
     *
     * @return 1 if all gradients fit the memory
     */
    public int count() {
        return pieces.segments().size();
    }

    /**
     * Takes all cotangents through all pieces.
     *
     * @param x one example
     * @param items number of cotangents
     * @param sink what to do with the gradients
     */
    public void run(Examples x, int items, Sink sink) {
        network.use(() -> {
            try (Scratch memory = network.scratch()) {
                Map<String, Tensor> known = new HashMap<>(x.inputs());
                known.putAll(graph.run(first, known, memory));
                Map<String, NativeFloats> carried = new HashMap<>();
                try {
                    for (Segment segment : pieces.segments()) {
                        sink.begin(segment.gradients());
                        through(segment, new Items(x, items, known), carried, sink);
                        sink.end();
                    }
                } finally {
                    carried.values().forEach(NativeFloats::close);
                }
            }
        });
    }

    /** Cotangents of an example, and what does not depend on them. */
    private record Items(Examples x, int count, Map<String, Tensor> known) {
        int start(int share, int shares) {
            return (int) ((long) count * share / shares);
        }
    }

    /** Takes all cotangents through one piece, and replaces what the piece before handed over. */
    private void through(Segment segment, Items items, Map<String, NativeFloats> carried, Sink sink) {
        Map<String, NativeFloats> next = new HashMap<>();
        RunSettings settings = network.sessions().runSettings();
        int shares = Math.min(items.count(), pieces.workers());
        try (GraphRunner runner = new GraphRunner(segment.graph(), shares > 1 ? settings.onOneThread() : settings)) {
            for (Handover value : segment.carriedOut()) {
                next.put(value.name(), new NativeFloats(items.count() * value.elements()));
            }
            Pass pass = new Pass(segment, runner, items, carried, next);
            new ChunkPlan(shares, 1, shares)
                    .run((share, end) -> through(pass, sink, items.start(share, shares), items.start(end, shares)));
        } catch (RuntimeException | Error e) {
            next.values().forEach(NativeFloats::close);
            throw e;
        }
        carried.values().forEach(NativeFloats::close);
        carried.clear();
        carried.putAll(next);
    }

    /** All cotangents' way through one piece. */
    private record Pass(
            Segment segment,
            GraphRunner runner,
            Items items,
            Map<String, NativeFloats> carriedIn,
            Map<String, NativeFloats> carriedOut) {}

    private void through(Pass pass, Sink sink, int from, int to) {
        Items items = pass.items();
        Map<String, Tensor> known = new HashMap<>(items.known());
        try (Scratch handedOver = network.scratch();
                Scratch memory = network.scratch()) {
            for (int item = from; item < to; item++) {
                handedOver.reset();
                double[] u = cotangents.apply(item);
                known.put(Linearization.COTANGENT, Tensor.ofReals(ElementType.FLOAT, u, 1, u.length));
                for (Handover value : pass.segment().carriedIn()) {
                    known.put(value.name(), read(pass.carriedIn().get(value.name()), value, item, handedOver));
                }
                Map<String, Tensor> results = graph.run(pass.runner(), known, memory);
                for (Tensor result : results.values()) {
                    graph.requireFinite(result, items.x(), u);
                }
                Map<String, Tensor> all = new HashMap<>(items.known());
                all.putAll(results);
                sink.take(all, item);
                for (Handover value : pass.segment().carriedOut()) {
                    // what only passes this piece, as a shortcut's cotangent does, is handed on as it came
                    Tensor handed =
                            results.containsKey(value.name()) ? results.get(value.name()) : known.get(value.name());
                    write(handed, pass.carriedOut().get(value.name()), item);
                }
            }
        }
    }

    private static Tensor read(@Nullable NativeFloats source, Handover value, int item, Scratch scratch) {
        int size = Math.toIntExact(value.elements());
        ByteBuffer memory = scratch.apply(Math.multiplyExact(size, Float.BYTES));
        float[] numbers = new float[size];
        Objects.requireNonNull(source).get((long) item * size, numbers, 0, size);
        memory.asFloatBuffer().put(numbers);
        long[] shape = value.sizes().stream().mapToLong(Long::longValue).toArray();
        return new Tensor(ElementType.FLOAT, shape, memory);
    }

    private static void write(@Nullable Tensor source, @Nullable NativeFloats target, int item) {
        float[] numbers =
                new float[Math.toIntExact(Objects.requireNonNull(source).size())];
        source.data().asFloatBuffer().get(numbers);
        Objects.requireNonNull(target).put((long) item * numbers.length, numbers, 0, numbers.length);
    }
}
