package org.finitentk.internal.network;

import java.util.List;
import org.finitentk.internal.onnx.RowNumbers;
import org.finitentk.internal.onnx.RowNumbers.Table;
import org.finitentk.network.Examples;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;

/** Refuses numbers that are no rows of the tables that a network looks them up in. */
final class EmbeddingRows {
    private final List<Table> tables;

    /** Finds the tables of a network. */
    EmbeddingRows(Graph graph) {
        tables = new RowNumbers(graph)
                .tables().stream().filter(Table::isLookedUp).toList();
    }

    /**
     * Refuses numbers that are no rows. The runtime says so without the example, and counts negative numbers from the
     * table's end, as no program does that trains embeddings: −1, which often stands for what is not known, would be
     * the last row.
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
                if (rows[i] < 0 || rows[i] >= table.size()) {
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
