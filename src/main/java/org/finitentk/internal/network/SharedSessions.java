package org.finitentk.internal.network;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.finitentk.internal.runtime.BufferPool;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.internal.runtime.RunSettings;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Graph;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one linearized network, opened when first needed, shared by all its views and closed with the last of
 * them.
 */
final class SharedSessions {
    /** Which part of the memory budget buffers may hold between runs. */
    private static final int POOL_SHARE = 4;

    private final RunnableGraphs graphs;
    private final ExecutionSettings settings;
    private final BufferPool pool;
    private final Map<Session, Staged> plain = new HashMap<>();
    private final Map<Block, Map<Product, Staged>> staged = new HashMap<>();
    private final Map<Product, Long> bytesPerExample = new EnumMap<>(Product.class);
    private final PerExampleCache perExample;
    private int users = 1;
    private volatile boolean independent;

    /**
     * Names a session.
     *
     * @param product what its graph computes
     * @param parametersAsInputs whether θ goes in with every run
     * @param oneThread whether a run stays on the thread that calls it, which may then do so from several
     */
    private record Session(Product product, boolean parametersAsInputs, boolean oneThread) {}

    /**
     * Names the sessions of products that share a first stage.
     *
     * @param products one or both
     * @param parametersAsInputs whether θ goes in with every run
     * @param oneThread whether a run stays on the thread that calls it
     */
    private record Block(List<Product> products, boolean parametersAsInputs, boolean oneThread) {}

    /** The caller is the first user. */
    SharedSessions(RunnableGraphs graphs, ExecutionSettings settings) {
        this.graphs = graphs;
        this.settings = settings;
        this.pool = new BufferPool(settings.effectiveMemoryBudget() / POOL_SHARE);
        this.perExample = new PerExampleCache(runSettings());
    }

    /** Whether examples are known not to influence each other. */
    boolean isIndependent() {
        return independent;
    }

    void setIndependent() {
        independent = true;
    }

    RunnableGraphs graphs() {
        return graphs;
    }

    ExecutionSettings settings() {
        return settings;
    }

    /** The settings of sessions, every number being in force. */
    RunSettings runSettings() {
        return new RunSettings(
                settings.device() == ExecutionSettings.Device.CUDA,
                settings.deviceId(),
                settings.threads(),
                settings.effectiveMemoryBudget(),
                settings.deterministic());
    }

    BufferPool pool() {
        return pool;
    }

    PerExampleCache perExample() {
        return perExample;
    }

    /**
     * A product's graph in one session, with the source model's parameters, or with parameters as inputs; for runs on
     * all threads, or on one.
     */
    synchronized Staged plain(Product product, boolean parametersAsInputs, boolean oneThread) {
        requireUsers();
        Session session = new Session(product, parametersAsInputs, oneThread);
        Staged opened = plain.get(session);
        if (opened == null) {
            Graph graph = parametersAsInputs ? graphs.graphAt(product) : graphs.graph(product);
            bytesPerExample.computeIfAbsent(product, unseen -> MemoryEstimate.bytesPerExample(graph));
            MemoryEstimate.requireMemory(graph);
            TangentParts parts = product == Product.JVP
                    ? TangentParts.of(graph, product.vector())
                    : new TangentParts(graph, Map.of());
            opened = new Staged(
                    null, new GraphRunner(parts.graph(), runs(oneThread)), parts, bytesPerExample(product), 0);
            plain.put(session, opened);
        }
        return opened;
    }

    private RunSettings runs(boolean oneThread) {
        return oneThread ? runSettings().onOneThread() : runSettings();
    }

    /** The stages of a product, or null if its graph cannot be cut. */
    synchronized @Nullable Staged staged(Product product, boolean parametersAsInputs, boolean oneThread) {
        Map<Product, Staged> opened = staged(
                new Block(List.of(product), parametersAsInputs, oneThread),
                () -> graphs.forBlocks(product, parametersAsInputs));
        return opened.get(product);
    }

    /** The stages of both products, which share the first, or empty if there is no graph of both that can be cut. */
    synchronized Map<Product, Staged> staged(boolean parametersAsInputs, boolean oneThread) {
        return staged(
                new Block(List.of(Product.JVP, Product.VJP), parametersAsInputs, oneThread),
                () -> graphs.products(parametersAsInputs));
    }

    private Map<Product, Staged> staged(Block block, Supplier<@Nullable Graph> whole) {
        requireUsers();
        Map<Product, Staged> opened = staged.get(block);
        if (opened == null) {
            Graph graph = whole.get();
            opened = graph == null ? Map.of() : open(block, graph);
            staged.put(block, opened);
        }
        return opened;
    }

    private Map<Product, Staged> open(Block block, Graph graph) {
        MemoryEstimate.requireMemory(graph);
        TangentParts parts = block.products().contains(Product.JVP)
                ? TangentParts.of(graph, Product.JVP.vector())
                : new TangentParts(graph, Map.of());
        Set<String> vectors = new HashSet<>(parts.parts().keySet());
        block.products().forEach(product -> vectors.add(product.vector()));
        Stages stages = Stages.of(parts.graph(), vectors);
        RunSettings own = runs(block.oneThread());
        return stages == null
                ? Map.of()
                : Staged.open(stages, parts, block.products(), cut -> new GraphRunner(cut, own));
    }

    /** What an example costs in a run of the product; needs no session. */
    synchronized long bytesPerExample(Product product) {
        return bytesPerExample.computeIfAbsent(
                product, unseen -> MemoryEstimate.bytesPerExample(graphs.graph(product)));
    }

    synchronized SharedSessions retain() {
        requireUsers();
        users++;
        return this;
    }

    synchronized void release() {
        users--;
        if (users == 0) {
            plain.values().forEach(Staged::close);
            staged.values().forEach(products -> products.values().forEach(Staged::close));
            perExample.close();
        }
    }

    private void requireUsers() {
        if (users <= 0) {
            throw new IllegalStateException("network '" + graphs.name() + "' is closed; open it again to use it");
        }
    }
}
