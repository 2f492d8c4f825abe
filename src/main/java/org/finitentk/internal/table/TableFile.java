package org.finitentk.internal.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file with a table.
 *
 * @param path where it is
 * @param format how it is written
 */
public record TableFile(Path path, TableFormat format) {
    /**
     * Reads the table from its beginning.
     *
     * @return the rows
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if there is no such file, or no table in it
     */
    public TableRows open() throws IOException {
        BufferedReader text = TableText.open(path);
        try {
            requireNoJson(text);
            return CsvRows.of(text, name(), format);
        } catch (IOException | RuntimeException e) {
            text.close();
            throw e;
        }
    }

    private void requireNoJson(BufferedReader text) throws IOException {
        text.mark(2);
        int first = text.read();
        int second = text.read();
        text.reset();
        if (first == '{' || first == '[' && (second == '{' || second == '[')) {
            throw new IllegalArgumentException(name() + " is JSON; expected text with separators (CSV); JSON lines are "
                    + "read by predict alone, from a pipe: --data - < FILE");
        }
    }

    /**
     * What errors call it.
     *
     * @return the name
     */
    public String name() {
        return "data file '" + path + "'";
    }
}
