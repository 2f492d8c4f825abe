package org.finitentk.internal.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;

/**
 * A table that somebody may still be writing: comma-separated values with a header, or JSON objects, one a line, which
 * the first character tells.
 *
 * @param bytes where it comes from
 * @param name what errors call it
 * @param format how it is written, if it is not JSON
 */
public record TableStream(InputStream bytes, String name, TableFormat format) {
    /**
     * Reads as far as the first row's beginning.
     *
     * @return the rows
     * @throws IOException if it cannot be read
     */
    public TableRows open() throws IOException {
        BufferedReader text = TableText.of(bytes, name);
        int first = ' ';
        while (first == ' ' || first == '\n' || first == '\r' || first == '\t') {
            text.mark(1);
            first = text.read();
        }
        text.reset();
        return first == '{' ? new JsonRows(text, name) : CsvRows.of(text, name, format);
    }
}
