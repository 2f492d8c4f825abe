package org.finitentk.internal.table;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.internal.util.Settings;
import org.jspecify.annotations.Nullable;

/**
 * How a table is written as text.
 *
 * @param separator what is between cells: one character, "tab", or "auto" for the one among comma, semicolon, tab and
 *     bar by which the first lines have the same number of cells
 * @param quote one character, which encloses cells with separators in them
 * @param decimal what is before the fraction of a number: "." or ","
 * @param columns names of the columns of a text whose first line is a row like all others; empty if the first line has
 *     the names
 */
public record TableFormat(String separator, String quote, String decimal, List<String> columns) {
    /** The separator that is found by looking. */
    public static final String AUTO = "auto";
    /** Any of the four separators, double quotes, names in the first line. */
    public static final TableFormat DEFAULT = new TableFormat(AUTO, "\"", ".", List.of());

    /** With points between thousands or without. */
    private static final Pattern WITH_COMMA = Pattern.compile("[+-]?(\\d*|\\d{1,3}(\\.\\d{3})+),\\d*([eE][+-]?\\d+)?");

    private static final Pattern WITH_POINT = Pattern.compile("[+-]?\\d*\\.\\d*([eE][+-]?\\d+)?");

    private static final char[] USUAL = {',', ';', '\t', '|'};
    private static final int LINES_TRIED = 50;

    /**
     * Checks the values.
     *
     * @param separator what is between cells
     * @param quote what encloses them
     * @param decimal point or comma
     * @param columns names, if the text has none
     * @throws IllegalArgumentException naming the setting that is none
     */
    public TableFormat {
        columns = List.copyOf(columns);
        Settings.require(
                separator.equals(AUTO) || charOf(separator) != 0,
                "separator",
                "'" + separator + "'",
                "one character, 'tab' or '" + AUTO + "'");
        Settings.require(
                quote.length() == 1 && !quote.equals(separator),
                "quote",
                "'" + quote + "'",
                "one character that is not the separator");
        Settings.require(
                decimal.equals(".") || decimal.equals(",") && !separator.equals(","),
                "decimal",
                "'" + decimal + "'",
                "a point, or a comma where the separator is another");
        if (!columns.isEmpty()) {
            Settings.requireDifferent("columns", columns);
        }
        if (columns.stream().anyMatch(String::isBlank)) {
            throw new RejectedSetting("columns", "columns is " + columns + "; expected a name for each column");
        }
    }

    private static char charOf(String separator) {
        return switch (separator) {
            case "tab", "\\t" -> '\t';
            default -> separator.length() == 1 && "\r\n".indexOf(separator.charAt(0)) < 0 ? separator.charAt(0) : 0;
        };
    }

    char quoteChar() {
        return quote.charAt(0);
    }

    /**
     * The separator of a text.
     *
     * @param beginning its first lines, the last of which may be cut
     */
    char separatorOf(String beginning) {
        if (!separator.equals(AUTO)) {
            return charOf(separator);
        }
        char best = first();
        int most = 1;
        for (char candidate : USUAL) {
            int cells = isDecimal(candidate) ? 0 : commonCells(beginning, candidate);
            if (cells > most) {
                best = candidate;
                most = cells;
            }
        }
        return most > 1 ? best : byHeader(beginning);
    }

    /** Where no separator gives all lines the same number of cells, the first line decides and others are told of. */
    private char byHeader(String beginning) {
        char best = first();
        int most = 1;
        for (char candidate : USUAL) {
            List<Integer> counts = counts(beginning, candidate);
            if (!counts.isEmpty() && counts.get(0) > most && !isDecimal(candidate)) {
                best = candidate;
                most = counts.get(0);
            }
        }
        return best;
    }

    private char first() {
        return isDecimal(USUAL[0]) ? USUAL[1] : USUAL[0];
    }

    private boolean isDecimal(char candidate) {
        return decimal.equals(String.valueOf(candidate));
    }

    private int commonCells(String beginning, char candidate) {
        List<Integer> counts = counts(beginning, candidate);
        return counts.isEmpty() || counts.stream().distinct().count() > 1 ? 0 : counts.get(0);
    }

    private List<Integer> counts(String beginning, char candidate) {
        List<Integer> counts = new ArrayList<>();
        try (CsvRecords records = new CsvRecords(new StringReader(beginning), candidate, quoteChar(), "the table")) {
            CsvRecords.@Nullable Cells record = records.next();
            while (record != null && counts.size() < LINES_TRIED) {
                counts.add(record.cells().size());
                record = records.next();
            }
        } catch (IllegalArgumentException e) {
            // The cut last line, or a quote that is none with this separator: what is counted so far tells.
            return counts;
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory can be read", e);
        }
        return counts;
    }

    /** A cell as it would be with points before fractions; what has a point where a comma belongs is no number. */
    String inPoints(String cell) {
        if (decimal.equals(".") || cell.isEmpty()) {
            return cell;
        }
        if (WITH_COMMA.matcher(cell).matches()) {
            return cell.replace(".", "").replace(',', '.');
        }
        return WITH_POINT.matcher(cell).matches() ? cell + " (with a point)" : cell;
    }

    static String shown(char separator) {
        return separator == '\t' ? "tab" : "'" + separator + "'";
    }
}
