package org.finitentk.internal.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.finitentk.internal.runtime.Batching;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Products J (Jᵀ u) of fixed examples in one run each of one graph, which holds the examples and the parameters. Made
 * by {@link RunningNetwork#resident}. Rounds to the network's precision. Safe for use from several threads. Close it.
 *
 * <p>The network itself does not depend on u, but is run for each product: the runtime would compute it ahead on one
 * core of the CPU, which took 12 s for 1000 images and a residual network and saved 0.01 s of a product (H200). For the
 * same reason what a runtime could do inside one {@code Loop}, all iterations of conjugate gradients, is done from
 * outside: the Loop saved a tenth at most (DeviceBenchmark), and residuals would be float32's.
 */
public final class ResidentProduct implements AutoCloseable {
    /**
     * Bytes of weights and examples in one graph: a model holds less than 2 GiB, and is in memory more than once while
     * its session is opened.
     */
    private static final long MOST_BYTES = 1L << 30;

    private final Graph graph;
    private final GraphRunner runner;
    private final int examples;
    private final int outputSize;

    private ResidentProduct(OpenNetwork network, Graph graph, int examples) {
        this.graph = graph;
        this.runner = new GraphRunner(graph, network.sessions().runSettings(), largestParameterBytes(network));
        this.examples = examples;
        this.outputSize = network.outputSize();
    }

    private static long largestParameterBytes(OpenNetwork network) {
        return network.graphs().parameters().stream()
                        .mapToLong(Parameter::size)
                        .max()
                        .orElse(0)
                * network.elementType().bytes();
    }

    /**
     * On a GPU, if the examples go through at once within the memory budget. On a CPU chunks that fit its caches are
     * faster.
     */
    static boolean isWorthwhile(OpenNetwork network, Examples x) {
        SharedSessions sessions = network.sessions();
        Batching batching = network.batching();
        long bytes = sessions.bytesPerExample(Product.VJP) + sessions.bytesPerExample(Product.JVP);
        boolean fits = batching.isFixed()
                ? batching.chunkSize(1, 1) == x.size()
                : bytes <= sessions.settings().effectiveMemoryBudget() / Math.max(1, x.size());
        long constants = network.parameterCount() * network.elementType().bytes()
                + x.inputs().values().stream()
                        .mapToLong(input -> input.size() * input.type().bytes())
                        .sum();
        return sessions.settings().device() != ExecutionSettings.Device.CPU && fits && constants <= MOST_BYTES;
    }

    /** The product wherever the network runs and however much memory that takes; null for graphs with control flow. */
    static @Nullable ResidentProduct of(OpenNetwork network, Examples x) {
        AtomicReference<@Nullable ResidentProduct> made = new AtomicReference<>();
        network.use(() -> {
            LinearizedGraphs graphs = network.graphs();
            Graph vjp = network.isMoved() ? graphs.graphAt(Product.VJP) : graphs.graph(Product.VJP);
            Graph jvp = network.isMoved() ? graphs.graphAt(Product.JVP) : graphs.graph(Product.JVP);
            Map<String, Tensor> constants = new HashMap<>(x.inputs());
            constants.putAll(network.movedParameters(vjp.inputs()));
            Graph both = GramGraph.of(vjp, jvp, constants, network.graphs().parameters());
            made.set(both == null ? null : new ResidentProduct(network, both, x.size()));
        });
        return made.get();
    }

    /**
     * The graph, for embedding in others.
     *
     * @return takes u [n, k] and gives J (Jᵀ u) [n, k], or [n] where the network's output is
     */
    public Graph graph() {
        return graph;
    }

    /**
     * Multiplies.
     *
     * @param u n·k numbers, example by example
     * @return J (Jᵀ u), as many
     * @throws IllegalArgumentException if there are not as many
     * @throws IllegalStateException if this is closed
     */
    public double[] multiply(double[] u) {
        if (u.length != (long) examples * outputSize) {
            throw new IllegalArgumentException("the vector has " + u.length + " elements; expected "
                    + (long) examples * outputSize + ", for " + examples + " examples of " + outputSize + " outputs");
        }
        ElementType type = graph.inputs().get(0).type();
        ByteBuffer memory = ByteBuffer.allocateDirect(Math.multiplyExact(u.length, type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        Reals.write(u, 0, u.length, type, memory);
        String output = graph.outputs().get(0).name();
        Map<String, Tensor> results = runner.run(
                Map.of(Product.VJP.vector(), new Tensor(type, new long[] {examples, outputSize}, memory)),
                List.of(output));
        double[] product = new double[u.length];
        Reals.read(Objects.requireNonNull(results.get(output)), product, 0, product.length);
        return product;
    }

    /** Closes the session. */
    @Override
    public void close() {
        runner.close();
    }
}
