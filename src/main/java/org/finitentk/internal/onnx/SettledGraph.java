package org.finitentk.internal.onnx;

import java.util.List;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;

/**
 * A graph in memory of which more is known than when its file was read: sizes that were open, and inputs that have
 * become constants, may settle what an If, a Loop, a Scan or a sequence does, or how an operator is written in others.
 */
public final class SettledGraph {
    private static final Set<String> CONTROL_FLOW = Set.of("If", "Loop", "Scan");

    private SettledGraph() {}

    /**
     * Writes out what is settled by now.
     *
     * @param graph sorted, in the form of graphs in memory
     * @return the same object where there is nothing of the kind
     * @throws org.finitentk.onnx.InvalidModelException if a body is malformed, or makes too many nodes
     */
    public static Graph of(Graph graph) {
        if (graph.nodes().stream().noneMatch(SettledGraph::hasStructure)) {
            return graph;
        }
        Graph settled = Expansion.of(
                graph, Graph.OPSET, new TensorReader(graph.name(), null), new LocalFunctions(List.of(), Graph.OPSET));
        return Dequantization.of(Unreadable.withoutUnneeded(settled));
    }

    private static boolean hasStructure(Node node) {
        return Unreadable.isOperator(node)
                || node.domain().isEmpty()
                        && (CONTROL_FLOW.contains(node.op()) || OperatorTraits.SEQUENCES.contains(node.op()));
    }
}
