package org.finitentk.internal.network;

import org.finitentk.onnx.Graph;

/** Graphs with an output under another name, for tests that put nodes in between. */
public final class RenamedOutput {
    private RenamedOutput() {}

    /** The same graph with another name for an output. */
    public static Graph of(Graph graph, String from, String to) {
        return GraphEdits.renameOutput(graph, from, to);
    }
}
