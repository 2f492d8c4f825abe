package org.finitentk.internal.autodiff;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * Writes what ONNX Runtime computes in float32 only (1.28 on the CPU: convolutions, most activation functions,
 * recurrent layers, resizing, …) in operators that it has for float64 too. It is done after all derivation, so that
 * rules never see it; float32 values stay as they are.
 */
final class DoubleForm {
    private static final Map<String, Lowering> TABLE = new HashMap<>();
    /** What has no form here. */
    private static final Set<String> FLOAT_ONLY = Set.of("MaxUnpool", "MaxRoiPool", "Det", "Col2Im");
    /** A form may use operators that have a form themselves; none is nested deeper. */
    private static final int DEEPEST = 6;

    static {
        DoubleActivations.register(TABLE);
        DoubleElementary.register(TABLE);
        DoubleWindows.register(TABLE);
        for (String op : List.of(
                "InstanceNormalization",
                "GroupNormalization",
                "MeanVarianceNormalization",
                "LRN",
                "Mean",
                "RNN",
                "LSTM",
                "GRU")) {
            TABLE.put(op, Objects.requireNonNull(Rules.TABLE.lowering(op), op));
        }
    }

    private DoubleForm() {}

    /**
     * The same function in operators that have a float64 kernel wherever the values are float64.
     *
     * @param graph any graph
     * @return the same graph if it has nothing to change
     * @throws org.finitentk.onnx.InvalidModelException if an operator cannot be written so, naming its node
     */
    static Graph of(Graph graph) {
        if (!graph.hasDoubles() || graph.nodes().stream().noneMatch(DoubleForm::isInTable)) {
            return graph;
        }
        Graph form = graph;
        int before;
        int depth = 0;
        do {
            before = form.nodes().size();
            // each form is larger than its operator, by an Identity at least
            form = LoweredGraph.of(form, (node, builder) -> lowering(node, builder.shapes()));
        } while (form.nodes().size() != before && ++depth < DEEPEST);
        return form.withoutUnneeded();
    }

    /**
     * Refuses what has no form, before anything is run.
     *
     * @param graph a network
     */
    static void require(Graph graph) {
        if (graph.nodes().stream().anyMatch(node -> FLOAT_ONLY.contains(node.op()))) {
            of(graph);
        }
    }

    private static boolean isInTable(Node node) {
        return node.domain().isEmpty() && (TABLE.containsKey(node.op()) || FLOAT_ONLY.contains(node.op()));
    }

    private static @Nullable Lowering lowering(Node node, ShapeInference shapes) {
        boolean isDouble = isInTable(node)
                && node.inputs().stream()
                        .map(shapes::find)
                        .anyMatch(in -> in != null && in.type() == ElementType.DOUBLE);
        if (isDouble && FLOAT_ONLY.contains(node.op())) {
            throw new InvalidModelException(
                    node.describe() + " has a float64 input, and ONNX Runtime computes this operator in float32 "
                            + "only; export the network in float32");
        }
        return isDouble ? TABLE.get(node.op()) : null;
    }
}
