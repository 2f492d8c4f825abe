package org.finitentk.internal.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row of a table.
 *
 * @param line of the text where it begins, from 1
 * @param columns names of the columns
 * @param cells one for each column; empty if it has a complaint
 * @param complaint why it cannot be used as a row, or null
 * @param own the cells as they were written, for whoever writes them again
 */
public record TableRow(
        long line,
        List<String> columns,
        List<String> cells,
        @Nullable String complaint,
        List<?> own) {
    /**
     * A row that is written again as its cells are.
     *
     * @param line of the text where it begins, from 1
     * @param columns names of the columns
     * @param cells one for each column; empty if it has a complaint
     * @param complaint why it cannot be used as a row, or null
     */
    public TableRow(long line, List<String> columns, List<String> cells, @Nullable String complaint) {
        this(line, columns, cells, complaint, cells);
    }

    /**
     * The cells by the names of their columns.
     *
     * @return one entry a column
     */
    public Map<String, String> byName() {
        Map<String, String> byName = new HashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            byName.put(columns.get(i), cells.get(i));
        }
        return byName;
    }
}
