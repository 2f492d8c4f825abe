package org.finitentk.internal.network;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * The handles of one view of a network: one, or where inputs have open sizes one for each set of sizes that examples
 * have, of which those used last are kept. Safe for use from several threads.
 */
final class NetworkHandles implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    /** Null where one handle serves all sizes. */
    private final @Nullable SizedSessions sized;

    private final double @Nullable [] theta;
    private volatile @Nullable EmbeddingRows embeddingRows;
    /** What tells of the network without examples: the only handle, or that of the first examples. */
    private @Nullable OpenNetwork first;

    /** Handles that were first before the first examples came. */
    private final List<OpenNetwork> others = new ArrayList<>();

    private final Map<List<ValueInfo>, OpenNetwork> bySize = new LinkedHashMap<>(16, 0.75f, true);
    /** How many need a handle; one that is kept for good has one more. */
    private final Map<OpenNetwork, Integer> users = new HashMap<>();

    private final Cleaner.@Nullable Cleanable cleanable;
    private boolean closed;

    /** The only handle. */
    NetworkHandles(OpenNetwork only) {
        this.sized = null;
        this.theta = null;
        this.first = only;
        this.cleanable = null;
    }

    /** Takes over one use of the sessions. */
    NetworkHandles(SizedSessions sized, double @Nullable [] theta) {
        this.sized = sized;
        this.theta = theta;
        this.cleanable = CLEANER.register(this, sized::release);
    }

    /** The handles of a graph; sizes that it leaves open are those of examples. */
    static NetworkHandles of(
            Graph graph, ParameterSelection selection, String file, String sha256, ExecutionSettings settings) {
        if (InputSizes.areOpen(graph.inputs())) {
            return new NetworkHandles(new SizedSessions(graph, selection, file, sha256, settings), null);
        }
        return of(new DerivedGraphs(Linearization.of(graph, selection), sha256), settings);
    }

    /** The only handle of graphs that take any sizes. */
    static NetworkHandles of(LinearizedGraphs graphs, ExecutionSettings settings) {
        return new NetworkHandles(new OpenNetwork(new SharedSessions(new RunnableGraphs(graphs), settings), null));
    }

    /**
     * What tells of the network without examples.
     *
     * @throws org.finitentk.onnx.InvalidModelException if sizes are open, no examples have been there, and nothing can
     *     be told without
     */
    synchronized OpenNetwork first() {
        OpenNetwork known = first;
        if (known == null && sized != null) {
            known = open(sized, sized.source().inputs());
            first = known;
        }
        if (known == null) {
            throw new IllegalStateException("a network without sessions");
        }
        return known;
    }

    private OpenNetwork open(SizedSessions sessions, List<ValueInfo> inputs) {
        requireOpen(sessions);
        SharedSessions own = sessions.acquire(inputs);
        try {
            return new OpenNetwork(own, theta == null ? null : new MovedParameters(own.graphs(), theta, own.pool()));
        } catch (RuntimeException | Error e) {
            own.release();
            throw e;
        }
    }

    private void requireOpen(SizedSessions sessions) {
        if (closed) {
            throw new IllegalStateException(
                    "network '" + sessions.source().name() + "' is closed; open it again to use it");
        }
    }

    /** Makes products of some examples. */
    <R> R with(Examples x, Function<CheckedProducts, R> work) {
        OpenNetwork handle = enter(x);
        try {
            return work.apply(new CheckedProducts(handle));
        } finally {
            exit(handle);
        }
    }

    /** The network before sizes are known. */
    Graph source() {
        return sized == null ? first().graphs().derived().graph(Product.FORWARD) : sized.source();
    }

    private EmbeddingRows embeddingRows() {
        EmbeddingRows known = embeddingRows;
        if (known == null) {
            known = new EmbeddingRows(source());
            embeddingRows = known;
        }
        return known;
    }

    void requireFit(Examples x) {
        OpenNetwork handle = enter(x);
        try {
            handle.requireFit(x);
            embeddingRows().require(x);
        } finally {
            exit(handle);
        }
    }

    void requireIndependent(Examples x) {
        ExampleInfluence.refuseOtherAxes(name(), inputs());
        OpenNetwork handle = enter(x);
        try {
            handle.requireFit(x);
            embeddingRows().require(x);
            ExampleInfluence.requireNone(handle, x);
        } finally {
            exit(handle);
        }
    }

    /** A product that stays where the network runs; null where there is none. */
    @Nullable
    ResidentProduct resident(Examples x) {
        OpenNetwork handle = enter(x);
        try {
            return ResidentProduct.isWorthwhile(handle, x) ? ResidentProduct.of(handle, x) : null;
        } finally {
            exit(handle);
        }
    }

    /** The per-example graph for examples like some; null for those of the first handle. */
    @Nullable
    PerExampleGraph perExample(@Nullable Examples like, PerExample.Choice choice, boolean severalCotangents) {
        if (like == null) {
            return PerExampleGraph.open(first(), choice, severalCotangents, () -> {});
        }
        OpenNetwork handle = enter(like);
        PerExampleGraph opened = null;
        try {
            opened = PerExampleGraph.open(handle, choice, severalCotangents, () -> exit(handle));
            return opened;
        } finally {
            if (opened == null) {
                exit(handle);
            }
        }
    }

    /** Whether one handle takes two batches. */
    boolean haveEqualSizes(Examples x, Examples z) {
        return sized == null || sized.sizes(x).equals(sized.sizes(z));
    }

    /** The handle for some examples, not closed before this is. */
    OpenNetwork kept(Examples x) {
        return enter(x);
    }

    private synchronized OpenNetwork enter(Examples x) {
        if (sized == null) {
            return first();
        }
        requireOpen(sized);
        List<ValueInfo> sizes = sized.sizes(x);
        OpenNetwork handle = bySize.get(sizes);
        if (handle == null) {
            handle = open(sized, sizes);
            if (bySize.isEmpty()) {
                users.put(handle, 1);
                if (first != null) {
                    others.add(first);
                }
                first = handle;
            }
            bySize.put(sizes, handle);
        }
        users.merge(handle, 1, Integer::sum);
        closeSurplus();
        return handle;
    }

    private synchronized void exit(OpenNetwork handle) {
        if (sized != null) {
            users.computeIfPresent(handle, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
            closeSurplus();
        }
    }

    private void closeSurplus() {
        for (List<ValueInfo> sizes : new ArrayList<>(bySize.keySet())) {
            OpenNetwork handle = bySize.get(sizes);
            if (bySize.size() > SizedSessions.MOST && handle != null && !users.containsKey(handle)) {
                bySize.remove(sizes);
                handle.close();
            }
        }
    }

    private String name() {
        return sized == null ? first().graphs().name() : sized.source().name();
    }

    List<ValueInfo> inputs() {
        return sized == null ? first().graphs().inputs() : sized.source().inputs();
    }

    Map<String, String> metadata() {
        return sized == null ? first().graphs().metadata() : sized.source().metadata();
    }

    ExecutionSettings settings() {
        return sized == null ? first().sessions().settings() : sized.settings();
    }

    NetworkHandles at(double[] parameters) {
        OpenNetwork known = first();
        SizedSessions sessions = sized;
        if (sessions == null) {
            return new NetworkHandles(known.at(parameters));
        }
        OpenNetwork.requireLength("parameter vector", parameters, known.parameterCount());
        return new NetworkHandles(sessions.retain(), parameters.clone());
    }

    NetworkHandles share() {
        SizedSessions sessions = sized;
        return sessions == null ? new NetworkHandles(first().share()) : new NetworkHandles(sessions.retain(), theta);
    }

    boolean isMoved() {
        return sized == null ? first().isMoved() : theta != null;
    }

    double[] parameterVector() {
        return first().parameterVector();
    }

    @Override
    public void close() {
        List<OpenNetwork> open;
        synchronized (this) {
            closed = true;
            open = new ArrayList<>(bySize.values());
            open.addAll(others);
            if (first != null && !open.contains(first)) {
                open.add(first);
            }
        }
        open.forEach(OpenNetwork::close);
        if (cleanable != null) {
            cleanable.clean();
        }
    }
}
