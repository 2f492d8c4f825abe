package org.finitentk.internal.table;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits text into records of cells, as RFC 4180 has it, with any separator: a cell in quotes may hold separators and
 * ends of lines, and a quote if it is there twice. Lines end in LF, CR or both. Blanks around a cell are no part of it
 * unless quotes are around them. Lines without anything are no records.
 */
final class CsvRecords implements Closeable {
    private static final int END = -1;

    /**
     * A record.
     *
     * @param line where it begins, from 1
     * @param cells at least one
     */
    record Cells(long line, List<String> cells) {
        Cells {
            cells = List.copyOf(cells);
        }
    }

    private final BufferedReader text;
    private final char separator;
    private final char quote;
    private final String name;
    private long line = 1;

    /** Reads what is buffered without asking for more than the next record needs. */
    CsvRecords(Reader text, char separator, char quote, String name) {
        this.text = text instanceof BufferedReader buffered ? buffered : new BufferedReader(text);
        this.separator = separator;
        this.quote = quote;
        this.name = name;
    }

    /**
     * The next record, or null at the end.
     *
     * @throws IllegalArgumentException if quotes do not close, or have text after them
     */
    @Nullable
    Cells next() throws IOException {
        while (true) {
            long start = line;
            List<String> cells = new ArrayList<>();
            boolean more = true;
            while (more) {
                more = cell(cells);
            }
            if (cells.size() > 1 || !cells.get(0).isEmpty()) {
                return new Cells(start, cells);
            }
            if (atEnd()) {
                return null;
            }
        }
    }

    /** Whether a record can be read without waiting for who writes it. */
    boolean isReady() throws IOException {
        return text.ready();
    }

    private boolean atEnd() throws IOException {
        return peek() == END;
    }

    private int peek() throws IOException {
        text.mark(1);
        int next = text.read();
        text.reset();
        return next;
    }

    /** Takes one cell and what ends it; says whether that was a separator. */
    private boolean cell(List<String> cells) throws IOException {
        StringBuilder cell = new StringBuilder();
        int c = text.read();
        while ((c == ' ' || c == '\t') && c != separator) {
            cell.append((char) c);
            c = text.read();
        }
        if (c == quote) {
            cells.add(quoted());
            c = text.read();
            while ((c == ' ' || c == '\t') && c != separator) {
                c = text.read();
            }
            if (c != separator && !endsLine(c)) {
                throw new IllegalArgumentException(name + ", line " + line + ": '" + (char) c
                        + "' follows the closing quote of a cell; expected the separator "
                        + TableFormat.shown(separator) + " or the end of the line (a quote inside quotes is written "
                        + "twice)");
            }
            return c == separator;
        }
        while (c != separator && !endsLine(c)) {
            cell.append((char) c);
            c = text.read();
        }
        cells.add(cell.toString().strip());
        return c == separator;
    }

    /** Whether a character ends a line, which it then counts. */
    private boolean endsLine(int c) throws IOException {
        if (c == 0) {
            throw new IllegalArgumentException(name + ", line " + line
                    + ": there is a zero byte; expected text in UTF-8, with one row of cells a line");
        }
        if (c == '\r' && peek() == '\n') {
            text.read();
        }
        if (c == '\n' || c == '\r') {
            line++;
        }
        return c == '\n' || c == '\r' || c == END;
    }

    private String quoted() throws IOException {
        long start = line;
        StringBuilder cell = new StringBuilder();
        while (true) {
            int c = text.read();
            if (c == END) {
                throw new IllegalArgumentException(name + ", line " + start
                        + ": the quote that a cell begins with is never closed; expected another quote, or another "
                        + "quote character than " + quote);
            }
            if (c == quote) {
                if (peek() != quote) {
                    return cell.toString();
                }
                text.read();
            } else if (c == '\n') {
                line++;
            }
            cell.append((char) c);
        }
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
