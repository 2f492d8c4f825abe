package org.finitentk.internal.scores;

import java.util.ArrayList;
import java.util.List;

/** A table for a terminal: the first column to the left, the others to the right. */
public final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * A table without rows yet.
     *
     * @param header the columns' heads
     */
    public TextTable(List<String> header) {
        rows.add(header);
    }

    /**
     * Adds a row.
     *
     * @param cells one a column
     */
    public void row(List<String> cells) {
        rows.add(cells);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String padding = " ".repeat(width(column) - length(row.get(column)));
                line.append(column == 0 ? row.get(column) + padding : "  " + padding + row.get(column));
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
