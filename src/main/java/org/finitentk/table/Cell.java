package org.finitentk.table;

import java.util.regex.Pattern;

/** What a cell of a table says. */
final class Cell {
    /** As people and programs write numbers; not all that Java reads, which takes "1f" and "0x1p3" too. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    /** As people write them who put commas before fractions. */
    private static final Pattern COMMA = Pattern.compile("[+-]?\\d+,\\d+");

    private Cell() {}

    /** A finite number, or NaN for anything else. */
    static double number(String cell) {
        String text = cell.strip();
        if (!NUMBER.matcher(text).matches()) {
            return Double.NaN;
        }
        double value = Double.parseDouble(text);
        return Double.isFinite(value) ? value : Double.NaN;
    }

    /** Whether a cell would be a number if the comma in it were a point. */
    static boolean hasComma(String cell) {
        return COMMA.matcher(cell.strip()).matches();
    }

    /** What is wrong with a cell that should be a number. */
    static String noNumber(String column, String cell) {
        return cell.isBlank()
                ? "'" + column + "' is empty"
                : "'" + column + "' is '" + cut(cell)
                        + "', no finite number"
                        + (hasComma(cell) ? " (a comma before a fraction: --decimal ,)" : "");
    }

    /** As much of a cell as a sentence shows. */
    static String cut(String cell) {
        return cell.length() > 40 ? cell.substring(0, 40) + "…" : cell;
    }
}
