package org.finitentk.network;

import java.util.EnumMap;
import java.util.Map;
import org.finitentk.onnx.Graph;

/** The sessions of one linearized network, opened when first needed, shared by all its views and closed with the last of them. */
final class SharedSessions {
    private final LinearizedGraphs graphs;
    private final ExecutionSettings settings;
    private final BufferPool pool = new BufferPool();
    private final Map<Product, GraphRunner> fixed = new EnumMap<>(Product.class);
    private final Map<Product, GraphRunner> movable = new EnumMap<>(Product.class);
    private final Map<Product, Long> bytesPerExample = new EnumMap<>(Product.class);
    private int users = 1;

    /** The caller is the first user. */
    SharedSessions(LinearizedGraphs graphs, ExecutionSettings settings) {
        this.graphs = graphs;
        this.settings = settings;
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

    /** The runner of a product with the source model's parameters, or with parameters as inputs. */
    synchronized GraphRunner runner(Product product, boolean parametersAsInputs) {
        requireUsers();
        Map<Product, GraphRunner> runners = parametersAsInputs ? movable : fixed;
        GraphRunner runner = runners.get(product);
        if (runner == null) {
            Graph graph = parametersAsInputs ? graphs.graphAt(product) : graphs.graph(product);
            bytesPerExample.computeIfAbsent(product, unseen -> MemoryEstimate.bytesPerExample(graph));
            MemoryEstimate.requireMemory(graph);
            runner = new GraphRunner(graph, settings);
            runners.put(product, runner);
        }
        return runner;
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
            fixed.values().forEach(GraphRunner::close);
            movable.values().forEach(GraphRunner::close);
        }
    }

    private void requireUsers() {
        if (users <= 0) {
            throw new IllegalStateException("network '" + graphs.name() + "' is closed; open it again to use it");
        }
    }
}
