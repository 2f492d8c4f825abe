package org.finitentk.internal.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.util.UseGate;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * One graph in one ONNX Runtime session. Safe for use from several threads. Close it: the session's memory is native.
 * Closing waits for the runs under way, may be repeated, and makes later runs fail with {@link IllegalStateException}.
 *
 * <p>Direct tensors go in without copying. An output whose shape follows from the inputs' shapes, or was seen with
 * inputs of the same shapes before, is written by ONNX Runtime straight into the tensor returned; any other is copied.
 */
public final class GraphRunner implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GraphRunner.class.getName());
    private static final Cleaner CLEANER = Cleaner.create();
    /** Chunks have two sizes, the last one's and that of the others; a few networks' worth is enough. */
    private static final int MOST_SEEN = 64;

    private final String name;
    private final List<ValueInfo> inputs;
    private final Map<String, ValueInfo> outputs = new LinkedHashMap<>();
    /** Outputs that are inputs, into whose memory ONNX Runtime writes nothing. */
    private final Set<String> passed = new HashSet<>();

    private final UseGate gate;
    private final OrtSession session;
    private final Cleaner.Cleanable cleanable;
    /**
     * Whether the output shapes that were declared or seen have held so far; a foreign graph may declare wrong ones, or
     * make them depend on values.
     */
    private volatile boolean expectedShapesHold = true;
    /** Shapes that outputs were seen to have, by the sizes of the inputs' dimensions. */
    private final Map<Map<String, Long>, Map<String, long[]>> seen = new ConcurrentHashMap<>();

    /**
     * Opens a session.
     *
     * @param graph what to run
     * @param settings device, threads
     * @throws org.finitentk.onnx.InvalidModelException if ONNX Runtime refuses the graph
     * @throws IllegalStateException if the device is not available
     */
    public GraphRunner(Graph graph, RunSettings settings) {
        this(graph, settings, -1);
    }

    /**
     * As above, for a graph that has examples among its constants: what is computed from them ahead may take so many
     * bytes.
     */
    public GraphRunner(Graph graph, RunSettings settings, long mostFolded) {
        this.name = graph.name();
        this.inputs = graph.inputs();
        graph.outputs().forEach(output -> outputs.put(output.name(), output));
        inputs.stream().map(ValueInfo::name).filter(outputs::containsKey).forEach(passed::add);
        this.gate = new UseGate("graph '" + name + "' is closed; open it again to use it");
        this.session = Sessions.open(graph, settings, mostFolded);
        this.cleanable = CLEANER.register(this, new SessionCloser(session, name));
    }

    /**
     * The inputs that a run needs.
     *
     * @return the graph's inputs
     */
    public List<ValueInfo> inputs() {
        return inputs;
    }

    /**
     * The outputs that a run gives.
     *
     * @return the graph's outputs
     */
    public List<ValueInfo> outputs() {
        return List.copyOf(outputs.values());
    }

    /**
     * Runs the graph for all of its outputs.
     *
     * @param feeds one tensor for each input
     * @return the outputs by name, in new memory
     * @throws IllegalArgumentException if a tensor is missing or unknown or does not have its input's type and shape,
     *     or the graph cannot be run on these inputs
     * @throws IllegalStateException if this runner is closed
     */
    public Map<String, Tensor> run(Map<String, Tensor> feeds) {
        return run(feeds, outputs.keySet());
    }

    /**
     * Runs the graph for some of its outputs.
     *
     * @param feeds one tensor for each input
     * @param wanted names of outputs
     * @return the wanted outputs by name, in new memory
     * @throws IllegalArgumentException if a tensor is missing or unknown or does not have its input's type and shape,
     *     an output is unknown, or the graph cannot be run on these inputs
     * @throws IllegalStateException if this runner is closed
     */
    public Map<String, Tensor> run(Map<String, Tensor> feeds, Collection<String> wanted) {
        return run(feeds, wanted, ByteBuffer::allocateDirect);
    }

    /** As above, with the memory of outputs of known shape from the given allocator. */
    public Map<String, Tensor> run(
            Map<String, Tensor> feeds, Collection<String> wanted, IntFunction<ByteBuffer> allocator) {
        for (String output : wanted) {
            if (!outputs.containsKey(output)) {
                throw new IllegalArgumentException(
                        "graph '" + name + "' has no output '" + output + "'; it has " + outputs.keySet());
            }
        }
        Map<String, Long> sizes = InputShapes.bind(inputs, feeds);
        gate.enter();
        try {
            return runOpen(feeds, wanted, sizes, allocator);
        } catch (OrtException e) {
            String reason = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            throw new IllegalArgumentException(
                    "graph '" + name + "' cannot be run on inputs " + feeds + ": " + reason
                            + (reason.contains("alloc") ? " (a smaller memory budget makes smaller batches)" : ""),
                    e);
        } finally {
            gate.exit();
            Reference.reachabilityFence(this);
        }
    }

    private Map<String, Tensor> runOpen(
            Map<String, Tensor> feeds,
            Collection<String> wanted,
            Map<String, Long> sizes,
            IntFunction<ByteBuffer> allocator)
            throws OrtException {
        try (TensorHandles in = new TensorHandles()) {
            for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
                in.add(feed.getKey(), feed.getValue());
            }
            if (expectedShapesHold) {
                try {
                    return runPinned(in, wanted, expectedShapes(wanted, sizes), sizes, allocator);
                } catch (OrtException e) {
                    LOG.log(
                            Level.FINE,
                            "graph '" + name + "' does not run with outputs of the expected shapes; trying without",
                            e);
                }
                Map<String, Tensor> results = runPinned(in, wanted, Map.of(), sizes, allocator);
                expectedShapesHold = false;
                return results;
            }
            return runPinned(in, wanted, Map.of(), sizes, allocator);
        }
    }

    private Map<String, long[]> expectedShapes(Collection<String> wanted, Map<String, Long> sizes) {
        Map<String, long[]> before = seen.getOrDefault(sizes, Map.of());
        Map<String, long[]> shapes = new HashMap<>();
        for (String output : wanted) {
            long[] declared = InputShapes.resolve(outputInfo(output), sizes);
            long[] shape = declared != null ? declared : before.get(output);
            if (shape != null && !passed.contains(output)) {
                shapes.put(output, shape);
            }
        }
        return shapes;
    }

    private Map<String, Tensor> runPinned(
            TensorHandles in,
            Collection<String> wanted,
            Map<String, long[]> expected,
            Map<String, Long> sizes,
            IntFunction<ByteBuffer> allocator)
            throws OrtException {
        Map<String, Tensor> results = new HashMap<>();
        try (TensorHandles pinned = new TensorHandles()) {
            for (Map.Entry<String, long[]> output : expected.entrySet()) {
                ElementType type = outputInfo(output.getKey()).type();
                ByteBuffer memory = allocator.apply(
                        Math.toIntExact(Math.multiplyExact(Tensor.count(output.getValue()), type.bytes())));
                results.put(output.getKey(), pinned.addWritable(output.getKey(), type, output.getValue(), memory));
            }
            List<String> others = wanted.stream()
                    .filter(output -> !results.containsKey(output))
                    .toList();
            try (OrtSession.Result result = session.run(in.handles(), Set.copyOf(others), pinned.handles())) {
                Map<String, long[]> shapes = new HashMap<>();
                for (String output : others) {
                    OnnxTensor value = (OnnxTensor) result.get(output).orElseThrow();
                    shapes.put(output, value.getInfo().getShape());
                    results.put(output, copy(value, outputInfo(output).type(), allocator));
                }
                remember(sizes, shapes);
            }
        }
        return results;
    }

    private void remember(Map<String, Long> sizes, Map<String, long[]> shapes) {
        if (!shapes.isEmpty() && expectedShapesHold && seen.size() < MOST_SEEN) {
            seen.merge(Map.copyOf(sizes), shapes, (old, further) -> {
                Map<String, long[]> both = new HashMap<>(old);
                both.putAll(further);
                return both;
            });
        }
    }

    private ValueInfo outputInfo(String output) {
        ValueInfo info = outputs.get(output);
        if (info == null) {
            throw new IllegalArgumentException(
                    "graph '" + name + "' has no output '" + output + "'; it has " + outputs.keySet());
        }
        return info;
    }

    /** Into direct memory, since what comes out often goes into another run. */
    private static Tensor copy(OnnxTensor value, ElementType type, IntFunction<ByteBuffer> allocator) {
        TensorInfo info = value.getInfo();
        @Nullable ByteBuffer bytes = value.getByteBuffer();
        if (bytes == null) {
            throw new IllegalStateException(
                    "ONNX Runtime returned " + info + " where a " + type + " tensor was expected");
        }
        ByteBuffer memory = allocator.apply(bytes.remaining());
        memory.duplicate().put(bytes);
        return new Tensor(type, info.getShape(), memory);
    }

    /** Closes the session once the runs under way are done. */
    @Override
    public void close() {
        gate.close(cleanable::clean);
    }

    @Override
    public String toString() {
        return "GraphRunner '" + name + "' " + inputs + " -> " + outputs.values();
    }

    /** Runs at close, or when a runner that nobody closed is collected; so it must not refer to the runner. */
    private record SessionCloser(OrtSession session, String name) implements Runnable {
        @Override
        public void run() {
            try {
                session.close();
            } catch (OrtException e) {
                LOG.log(Level.WARNING, "closing the session of graph '" + name + "' failed", e);
            }
        }
    }
}
