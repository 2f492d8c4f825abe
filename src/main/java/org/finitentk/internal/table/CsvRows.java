package org.finitentk.internal.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of comma-separated values, or values that something else separates. */
final class CsvRows implements TableRows {
    private static final int LOOKED_AT = 1 << 16;
    private static final String SEPARATOR_LINE = "sep=";

    private final CsvRecords records;
    private final String name;
    private final List<String> columns;
    private final TableFormat format;

    private CsvRows(CsvRecords records, String name, List<String> columns, TableFormat format) {
        this.format = format;
        this.records = records;
        this.name = name;
        this.columns = columns;
    }

    /**
     * Reads the names of the columns.
     *
     * @param text the table, from its beginning
     * @param name what errors call it
     * @param format how it is written
     * @throws IllegalArgumentException if there is none, or the first line has numbers where names belong
     */
    static CsvRows of(BufferedReader text, String name, TableFormat format) throws IOException {
        char told = toldSeparator(text);
        char separator = told != 0 && format.separator().equals(TableFormat.AUTO) ? told : separator(text, format);
        CsvRecords records = new CsvRecords(text, separator, format.quoteChar(), name);
        if (told != 0) {
            records.next();
        }
        if (!format.columns().isEmpty()) {
            return new CsvRows(records, name, format.columns(), format);
        }
        CsvRecords.Cells header = records.next();
        if (header == null) {
            throw new IllegalArgumentException(name + " is empty; expected a line with the columns' names");
        }
        requireNames(name, header.cells());
        return new CsvRows(records, name, header.cells(), format);
    }

    /** What the line "sep=;" says, by which Excel is told of separators; 0 if the text begins with something else. */
    private static char toldSeparator(BufferedReader text) throws IOException {
        text.mark(SEPARATOR_LINE.length() + 2);
        char told = 0;
        int matched = 0;
        while (matched < SEPARATOR_LINE.length() && text.read() == SEPARATOR_LINE.charAt(matched)) {
            matched++;
        }
        if (matched == SEPARATOR_LINE.length()) {
            int separator = text.read();
            int end = text.read();
            told = separator > 0 && (end == '\n' || end == '\r') ? (char) separator : 0;
        }
        text.reset();
        return told;
    }

    private static char separator(BufferedReader text, TableFormat format) throws IOException {
        if (!format.separator().equals(TableFormat.AUTO)) {
            return format.separatorOf("");
        }
        text.mark(LOOKED_AT);
        char[] beginning = new char[LOOKED_AT];
        int length = 0;
        // A pipe may have a line only, and no more until that is answered.
        while (length < LOOKED_AT && (length == 0 || text.ready())) {
            int read = text.read(beginning, length, LOOKED_AT - length);
            if (read < 0) {
                break;
            }
            length += read;
        }
        text.reset();
        String looked = new String(beginning, 0, length);
        boolean cut = length == LOOKED_AT;
        int end = cut ? Math.max(looked.lastIndexOf('\n'), 0) : length;
        return format.separatorOf(end > 0 ? looked.substring(0, end) : looked);
    }

    /** Numbers from 0 are how pandas names columns that have no names. */
    private static void requireNames(String name, List<String> cells) {
        List<String> counted =
                IntStream.range(0, cells.size()).mapToObj(Integer::toString).toList();
        if (cells.stream().allMatch(cell -> Double.isFinite(Cell.number(cell))) && !cells.equals(counted)) {
            throw new IllegalArgumentException(name + " has only numbers in its first line (" + Columns.shown(cells)
                    + "); expected the columns' names: write them there, or give them with --columns " + "NAME,NAME,…");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public @Nullable TableRow next() throws IOException {
        CsvRecords.Cells record = records.next();
        if (record == null) {
            return null;
        }
        int found = record.cells().size();
        List<String> cells = record.cells().stream().map(format::inPoints).toList();
        return found == columns.size()
                ? new TableRow(record.line(), columns, cells, null, record.cells())
                : new TableRow(
                        record.line(),
                        columns,
                        List.of(),
                        "it has " + found + (found == 1 ? " cell" : " cells") + "; expected " + columns.size(),
                        record.cells());
    }

    @Override
    public boolean isReady() throws IOException {
        return records.isReady();
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
