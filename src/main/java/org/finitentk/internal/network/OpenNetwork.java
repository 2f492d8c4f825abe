package org.finitentk.internal.network;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.runtime.Batching;
import org.finitentk.internal.runtime.ChunkPlan;
import org.finitentk.internal.runtime.InputShapes;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.internal.util.UseGate;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * One handle on a network: its graphs, the sessions that it shares with other handles, its own parameters if it was
 * moved, and the gate that keeps it open while work is under way. Everything that runs the network takes this.
 */
final class OpenNetwork implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final SharedSessions shared;
    private final RunnableGraphs graphs;
    private final Batching batching;
    private final @Nullable MovedParameters moved;
    private final UseGate gate;
    private final Cleaner.Cleanable cleanable;

    /** Takes over one use of the sessions. */
    OpenNetwork(SharedSessions shared, @Nullable MovedParameters moved) {
        this.shared = shared;
        this.graphs = shared.graphs();
        this.batching = new Batching(
                graphs.name(), graphs.inputs(), shared.runSettings().mostInChunk());
        this.moved = moved;
        this.gate = new UseGate("network '" + graphs.name() + "' is closed; open it again to use it");
        this.cleanable = CLEANER.register(this, new Release(shared, moved));
    }

    RunnableGraphs graphs() {
        return graphs;
    }

    SharedSessions sessions() {
        return shared;
    }

    Batching batching() {
        return batching;
    }

    int outputSize() {
        return graphs.outputSize();
    }

    long parameterCount() {
        Parameter last = graphs.parameters().get(graphs.parameters().size() - 1);
        return last.offset() + last.size();
    }

    ElementType elementType() {
        return graphs.output().type();
    }

    /** Whether the parameters are others than the source model's, so that a graph must take them as inputs. */
    boolean isMoved() {
        return moved != null;
    }

    /** θ for a graph's inputs, or nothing when graphs have it as constants. */
    Map<String, Tensor> movedParameters(List<ValueInfo> inputs) {
        return moved != null ? moved.tensors(inputs) : Map.of();
    }

    double[] parameterVector() {
        gate.enter();
        try {
            return moved != null ? moved.vector() : graphs.parameterVector();
        } finally {
            gate.exit();
        }
    }

    /** Another handle, at other parameters. */
    OpenNetwork at(double[] theta) {
        requireLength("parameter vector", theta, parameterCount());
        gate.enter();
        try {
            SharedSessions retained = shared.retain();
            return new OpenNetwork(retained, new MovedParameters(graphs, theta, shared.pool()));
        } finally {
            gate.exit();
        }
    }

    /** Another handle, at the same parameters. */
    OpenNetwork share() {
        if (moved != null) {
            return at(parameterVector());
        }
        gate.enter();
        try {
            return new OpenNetwork(shared.retain(), null);
        } finally {
            gate.exit();
        }
    }

    /** Does work that this network must not be closed under. */
    void use(Runnable work) {
        gate.enter();
        try {
            work.run();
        } finally {
            gate.exit();
            Reference.reachabilityFence(this);
        }
    }

    void requireFit(Examples x) {
        InputShapes.bind(batching.exampleInputs(), x.inputs());
    }

    static void requireLength(String what, double[] vector, long length) {
        if (vector.length != length) {
            throw new IllegalArgumentException(
                    "the " + what + " has " + vector.length + " elements; expected " + length);
        }
    }

    /** Memory of this network's pool, for a while. */
    Scratch scratch() {
        return new Scratch(shared.pool());
    }

    /** The chunks of a product. Each worker of a vjp has an output and a sum of its own. */
    ChunkPlan plan(Examples x, Product product) {
        long bytesPerWorker = product == Product.VJP ? 16 * parameterCount() : 0;
        return plan(x, product.cachedBytes(), shared.bytesPerExample(product), bytesPerWorker);
    }

    ChunkPlan plan(Examples x, long cachedBytes, long bytesPerExample, long bytesPerWorker) {
        return ChunkPlan.of(x.size(), batching, cachedBytes, bytesPerExample, bytesPerWorker, shared.runSettings());
    }

    int chunkSize(Product product) {
        return batching.chunkSize(
                shared.bytesPerExample(product), shared.runSettings().chunkBudget(product.cachedBytes()));
    }

    /** Examples [from, to) as the network takes them: a fixed batch is filled up with repetitions of the last. */
    Examples chunk(Examples x, int from, int to) {
        return batching.isFull(from, to) ? x.slice(from, to) : x.select(batching.filledUp(from, to));
    }

    /**
     * values[from, to) as a tensor, zeros after them; examples that only fill up a fixed batch have zero cotangents.
     */
    Tensor vector(double[] values, int from, int to, long[] shape, Scratch scratch) {
        ElementType type = elementType();
        ByteBuffer memory = scratch.apply(Math.toIntExact(Math.multiplyExact(Tensor.count(shape), type.bytes())));
        Reals.write(values, from, to, type, memory);
        for (int i = (to - from) * type.bytes(); i < memory.limit(); i++) {
            memory.put(i, (byte) 0);
        }
        return new Tensor(type, shape, memory);
    }

    int resultLength(Examples x) {
        return Math.multiplyExact(x.size(), outputSize());
    }

    GradientSum gradientSum() {
        return new GradientSum(parameterCount(), shared.pool());
    }

    /** Gives up this handle's share of the sessions, and the memory of its own parameters. */
    @Override
    public void close() {
        gate.close(cleanable::clean);
    }

    private record Release(SharedSessions shared, @Nullable MovedParameters moved) implements Runnable {
        @Override
        public void run() {
            if (moved != null) {
                moved.close();
            }
            shared.release();
        }
    }
}
