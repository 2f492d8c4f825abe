package org.finitentk.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Inputs that are numbers of rows in tables of a network, such as ids of tokens in an embedding. */
final class EmbeddingRows {
    /** What leaves numbers the numbers that they are. */
    private static final Set<String> KEEPS =
            Set.of("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose");

    /**
     * A table.
     *
     * @param input whose numbers are rows of it
     * @param name of its weights
     * @param size how many rows it has
     */
    private record Table(String input, String name, long size) {}

    private final List<Table> tables = new ArrayList<>();

    /** Finds the tables of a network. */
    EmbeddingRows(Graph graph) {
        Map<String, String> inputs = new HashMap<>();
        for (ValueInfo input : graph.inputs()) {
            inputs.put(input.name(), input.name());
        }
        for (Node node : graph.nodes()) {
            if (!node.domain().isEmpty()) {
                continue;
            }
            String origin = inputs.get(node.input(0));
            if (origin != null && KEEPS.contains(node.op())) {
                inputs.put(node.output(), origin);
            }
            Tensor table = graph.initializers().get(node.input(0));
            String indices = node.op().equals("Gather") ? inputs.get(node.input(1)) : null;
            if (table != null && indices != null && table.shape().length > 0 && node.integer("axis", 0) == 0) {
                tables.add(new Table(indices, node.input(0), table.shape()[0]));
            }
        }
    }

    /**
     * Refuses numbers that are no rows; the runtime would say so without the example.
     *
     * @throws IllegalArgumentException naming the example, the number and the table
     */
    void require(Examples x) {
        for (Table table : tables) {
            Tensor tensor = x.inputs().get(table.input());
            if (tensor == null || tensor.type().isDifferentiable() || x.size() == 0) {
                continue;
            }
            long[] rows = tensor.toLongs();
            for (int i = 0; i < rows.length; i++) {
                if (rows[i] < -table.size() || rows[i] >= table.size()) {
                    throw new IllegalArgumentException("example " + x.position(i / (rows.length / x.size()))
                            + " has the number " + rows[i] + " in input '" + table.input()
                            + "', but the network's table '" + table.name() + "' has " + table.size()
                            + " rows; expected 0 to " + (table.size() - 1)
                            + ", so use the vocabulary that the network was trained with");
                }
            }
        }
    }
}
