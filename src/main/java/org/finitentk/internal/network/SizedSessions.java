package org.finitentk.internal.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.onnx.SettledGraph;
import org.finitentk.internal.onnx.ViewedGraph;
import org.finitentk.internal.runtime.InputShapes;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a network whose inputs have open sizes besides the number of examples: graphs are derived for the
 * sizes that examples have, since rules and costs depend on them, and those used last are kept. All views of a network
 * share them; they are closed with the last of these.
 */
final class SizedSessions {
    /** Training and test examples, and the batches of each by two lengths. */
    static final int MOST = 4;

    private final Graph source;
    private final ParameterSelection selection;
    /** For messages; empty if there is none. */
    private final String file;

    private final String sha256;
    private final ExecutionSettings settings;
    private final Map<List<ValueInfo>, SharedSessions> bySize = new LinkedHashMap<>(16, 0.75f, true);
    /** What the first graphs were: all others have as many outputs and the same parameters. */
    private @Nullable SharedSessions model;

    private List<ValueInfo> modelSizes = List.of();
    private int users = 1;

    /** The caller is the first user. */
    SizedSessions(Graph source, ParameterSelection selection, String file, String sha256, ExecutionSettings settings) {
        this.source = source;
        this.selection = selection;
        this.file = file;
        this.sha256 = sha256;
        this.settings = settings;
    }

    ExecutionSettings settings() {
        return settings;
    }

    Graph source() {
        return source;
    }

    /** The inputs with the sizes that examples have. */
    List<ValueInfo> sizes(Examples x) {
        return InputShapes.sized(source.inputs(), x.inputs());
    }

    /**
     * The sessions for some sizes.
     *
     * @param inputs with their sizes
     * @return sessions of which the caller is a user
     * @throws InvalidModelException if the network cannot be derived for these sizes
     */
    synchronized SharedSessions acquire(List<ValueInfo> inputs) {
        requireUsers();
        SharedSessions sessions = bySize.get(inputs);
        if (sessions == null) {
            sessions = new SharedSessions(new RunnableGraphs(graphs(inputs)), settings);
            requireAlike(sessions, inputs);
            bySize.put(inputs, sessions);
            List<List<ValueInfo>> oldest = new ArrayList<>(bySize.keySet());
            for (int i = 0; i < oldest.size() - MOST; i++) {
                bySize.remove(oldest.get(i)).release();
            }
        }
        return sessions.retain();
    }

    private DerivedGraphs graphs(List<ValueInfo> inputs) {
        try {
            ViewedGraph.requireFixedRows(source);
        } catch (InvalidModelException e) {
            throw named(e);
        }
        try {
            Graph graph = SettledGraph.of(source.withInputs(inputs));
            Linearization linearization = Linearization.of(graph, selection);
            MemoryEstimate.requireMemory(linearization.forward());
            return new DerivedGraphs(linearization, sha256);
        } catch (InvalidModelException e) {
            throw named(InputSizes.withSizes(inputs, e));
        }
    }

    private InvalidModelException named(InvalidModelException e) {
        return file.isEmpty() ? e : new InvalidModelException("model '" + file + "': " + e.getMessage(), e);
    }

    private void requireAlike(SharedSessions sessions, List<ValueInfo> inputs) {
        SharedSessions first = model;
        if (first == null) {
            model = sessions;
            modelSizes = inputs;
        } else if (first.graphs().outputSize() != sessions.graphs().outputSize()
                || !first.graphs().parameters().equals(sessions.graphs().parameters())) {
            throw new IllegalArgumentException("with input " + InputSizes.describe(inputs) + " the network has "
                    + text(sessions) + ", and with input " + InputSizes.describe(modelSizes) + " it has " + text(first)
                    + "; expected the same for all examples, so give them one size or choose an output whose size does "
                    + "not depend on it (pooling makes one)");
        }
    }

    private static String text(SharedSessions sessions) {
        return sessions.graphs().outputSize() + " outputs an example and "
                + sessions.graphs().parameters().size() + " parameters";
    }

    synchronized SizedSessions retain() {
        requireUsers();
        users++;
        return this;
    }

    synchronized void release() {
        users--;
        if (users == 0) {
            bySize.values().forEach(SharedSessions::release);
            bySize.clear();
        }
    }

    synchronized int size() {
        return bySize.size();
    }

    private void requireUsers() {
        if (users <= 0) {
            throw new IllegalStateException("network '" + source.name() + "' is closed; open it again to use it");
        }
    }
}
