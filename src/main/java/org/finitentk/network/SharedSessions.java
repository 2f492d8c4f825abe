package org.finitentk.network;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.finitentk.onnx.Graph;
import org.jspecify.annotations.Nullable;

/** The sessions of one linearized network, opened when first needed, shared by all its views and closed with the last of them. */
final class SharedSessions {
    /** Which part of the memory budget buffers may hold between runs. */
    private static final int POOL_SHARE = 4;

    private final LinearizedGraphs graphs;
    private final ExecutionSettings settings;
    private final BufferPool pool;
    private final Map<Session, Opened> runners = new HashMap<>();
    private final Map<Session, @Nullable Staged> staged = new HashMap<>();
    private final Map<Product, Long> bytesPerExample = new EnumMap<>(Product.class);
    private final PerExampleCache perExample;
    private int users = 1;

    /**
     * Names a session.
     *
     * @param product what its graph computes
     * @param parametersAsInputs whether θ goes in with every run
     * @param oneThread whether a run stays on the thread that calls it, which may then do so from several
     */
    private record Session(Product product, boolean parametersAsInputs, boolean oneThread) {
    }

    /**
     * An open session.
     *
     * @param runner runs it
     * @param parts how it takes the tangent
     */
    record Opened(GraphRunner runner, TangentParts parts) {
    }

    /**
     * A product's graph in two sessions, for several vectors.
     *
     * @param first what does not depend on the vector
     * @param second the rest, from the outputs of the first
     * @param parts how the second takes the tangent
     * @param bytesPerExample of a run of both
     * @param keptBytes of an example in what the first gives the second
     */
    record Staged(GraphRunner first, GraphRunner second, TangentParts parts, long bytesPerExample, long keptBytes) {
        /** Opens both sessions, or none. */
        static Staged open(Stages stages, TangentParts parts, Function<Graph, GraphRunner> opener) {
            long bytes = MemoryEstimate.bytesPerExample(stages.first(), parts.graph()) + MemoryEstimate.bytesPerExample(stages.second(), parts.graph());
            GraphRunner first = opener.apply(stages.first());
            try {
                return new Staged(first, opener.apply(stages.second()), parts, bytes, MemoryEstimate.outputBytesPerExample(stages.first(), parts.graph()));
            } catch (RuntimeException | Error e) {
                first.close();
                throw e;
            }
        }
    }

    /** The caller is the first user. */
    SharedSessions(LinearizedGraphs graphs, ExecutionSettings settings) {
        this.graphs = graphs;
        this.settings = settings;
        this.pool = new BufferPool(settings.effectiveMemoryBudget() / POOL_SHARE);
        this.perExample = new PerExampleCache(settings);
    }

    LinearizedGraphs graphs() {
        return graphs;
    }

    ExecutionSettings settings() {
        return settings;
    }

    BufferPool pool() {
        return pool;
    }

    PerExampleCache perExample() {
        return perExample;
    }

    /** The runner of a product with the source model's parameters, or with parameters as inputs; for runs on all threads, or on one. */
    synchronized Opened runner(Product product, boolean parametersAsInputs, boolean oneThread) {
        requireUsers();
        Session session = new Session(product, parametersAsInputs, oneThread);
        Opened opened = runners.get(session);
        if (opened == null) {
            Graph graph = parametersAsInputs ? graphs.graphAt(product) : graphs.graph(product);
            bytesPerExample.computeIfAbsent(product, unseen -> MemoryEstimate.bytesPerExample(graph));
            MemoryEstimate.requireMemory(graph);
            TangentParts parts = product == Product.JVP ? TangentParts.of(graph, product.vector()) : new TangentParts(graph, Map.of());
            opened = new Opened(new GraphRunner(parts.graph(), oneThread ? settings.withThreads(1) : settings), parts);
            runners.put(session, opened);
        }
        return opened;
    }

    /** The stages of a product, or null if its graph cannot be cut. */
    synchronized @Nullable Staged staged(Product product, boolean parametersAsInputs, boolean oneThread) {
        requireUsers();
        Session session = new Session(product, parametersAsInputs, oneThread);
        if (!staged.containsKey(session)) {
            Graph graph = parametersAsInputs ? graphs.graphAt(product) : graphs.graph(product);
            MemoryEstimate.requireMemory(graph);
            TangentParts parts = product == Product.JVP ? TangentParts.of(graph, product.vector()) : new TangentParts(graph, Map.of());
            Stages stages = Stages.of(parts.graph(), parts.parts().isEmpty() ? Set.of(product.vector()) : parts.parts().keySet());
            ExecutionSettings own = oneThread ? settings.withThreads(1) : settings;
            staged.put(session, stages == null ? null : Staged.open(stages, parts, cut -> new GraphRunner(cut, own)));
        }
        return staged.get(session);
    }

    /** What an example costs in a run of the product; needs no session. */
    synchronized long bytesPerExample(Product product) {
        return bytesPerExample.computeIfAbsent(product, unseen -> MemoryEstimate.bytesPerExample(graphs.graph(product)));
    }

    synchronized SharedSessions retain() {
        requireUsers();
        users++;
        return this;
    }

    synchronized void release() {
        users--;
        if (users == 0) {
            runners.values().forEach(opened -> opened.runner().close());
            staged.values().stream().filter(Objects::nonNull).forEach(stages -> {
                stages.first().close();
                stages.second().close();
            });
            perExample.close();
        }
    }

    private void requireUsers() {
        if (users <= 0) {
            throw new IllegalStateException("network '" + graphs.name() + "' is closed; open it again to use it");
        }
    }
}
