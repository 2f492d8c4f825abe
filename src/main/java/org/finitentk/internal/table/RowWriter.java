package org.finitentk.internal.table;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes rows as text. Cells are texts, several texts, and doubles; a double that is NaN is a cell without anything in
 * it.
 */
public enum RowWriter {
    /** Comma-separated values, as RFC 4180 has them, with lines that end in LF. */
    CSV {
        @Override
        public void header(List<String> names, Appendable to) throws IOException {
            line(List.copyOf(names), to);
        }

        @Override
        public void row(List<String> names, List<Object> cells, Appendable to) throws IOException {
            line(cells, to);
        }

        private void line(List<Object> cells, Appendable to) throws IOException {
            to.append(cells.stream().map(RowWriter::cell).collect(Collectors.joining(",")))
                    .append('\n');
        }
    },
    /** JSON objects, one a line, each with all names. */
    JSON_LINES {
        @Override
        public void header(List<String> names, Appendable to) {
            // Every line has the names.
        }

        @Override
        public void row(List<String> names, List<Object> cells, Appendable to) throws IOException {
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                fields.add(text(names.get(i)) + ":" + json(cells.get(i)));
            }
            to.append('{').append(String.join(",", fields)).append("}\n");
        }
    };

    /**
     * A cell that is JSON already.
     *
     * @param text a number, a text in quotes, a truth value or null
     */
    public record Json(String text) {}

    /**
     * Several texts in one cell: with something between them, or as a list of JSON.
     *
     * @param texts any number
     * @param separator one character that none of the texts has in it
     */
    public record Several(List<String> texts, String separator) {
        /**
         * Copies the list.
         *
         * @param texts any number
         * @param separator one character that none of the texts has in it
         */
        public Several {
            texts = List.copyOf(texts);
        }

        @Override
        public String toString() {
            return String.join(separator, texts);
        }
    }

    /**
     * Writes what comes before the first row.
     *
     * @param names of the columns
     * @param to whom
     * @throws IOException if it cannot be written
     */
    public abstract void header(List<String> names, Appendable to) throws IOException;

    /**
     * Writes a row.
     *
     * @param names of the columns
     * @param cells one for each name
     * @param to whom
     * @throws IOException if it cannot be written
     */
    public abstract void row(List<String> names, List<Object> cells, Appendable to) throws IOException;

    private static String cell(Object value) {
        if (value instanceof Double number) {
            return Double.isNaN(number) ? "" : number.toString();
        }
        String text = value.toString();
        boolean plain = text.chars().noneMatch(c -> ",\"\n\r".indexOf(c) >= 0) && text.equals(text.strip());
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String json(Object value) {
        if (value instanceof Json written) {
            return written.text();
        }
        if (value instanceof Double number) {
            return Double.isFinite(number) ? number.toString() : "null";
        }
        if (value instanceof Several several) {
            return several.texts().stream().map(RowWriter::text).collect(Collectors.joining(",", "[", "]"));
        }
        return text(value.toString());
    }

    private static String text(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
