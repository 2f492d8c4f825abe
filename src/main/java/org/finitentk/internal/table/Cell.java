package org.finitentk.internal.table;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a cell of a table says. */
public final class Cell {
    /** As people and programs write numbers; not all that Java reads, which takes "1f" and "0x1p3" too. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    /** As people write them who put commas before fractions. */
    private static final Pattern COMMA = Pattern.compile("[+-]?\\d+,\\d+");

    /** Groups of thousands, by commas or by points before a comma. */
    private static final Pattern GROUPS =
            Pattern.compile("[+-]?\\d{1,3}((,\\d{3})+(\\.\\d*)?|(\\.\\d{3})+(,\\d*|(\\.\\d{3})+))");

    /** As people write whether something is so. */
    private static final Map<String, Boolean> WORDS = Map.of(
            "yes", true, "no", false, "true", true, "false", false, "y", true, "n", false, "t", true, "f", false);

    private Cell() {}

    /**
     * A finite number, or NaN for anything else.
     *
     * @param cell any text
     * @return the number
     */
    public static double number(String cell) {
        String text = cell.strip();
        if (!NUMBER.matcher(text).matches()) {
            return Double.NaN;
        }
        double value = Double.parseDouble(text);
        return Double.isFinite(value) ? value : Double.NaN;
    }

    /**
     * Whether a cell would be a number if the comma in it were a point, or what is between thousands were left out.
     *
     * @param cell any text
     * @return whether it would
     */
    public static boolean hasComma(String cell) {
        String text = cell.strip();
        return COMMA.matcher(text).matches() || GROUPS.matcher(text).matches();
    }

    /**
     * What is wrong with a cell that should be a number.
     *
     * @param column the cell's column
     * @param cell any text
     * @return the column and the cell, as a sentence has them
     */
    public static String noNumber(String column, String cell) {
        return cell.isBlank()
                ? "'" + column + "' is empty"
                : "'" + column + "' is '" + cut(cell) + "', no finite number" + comma(cell.strip());
    }

    /**
     * Whether what is before a cell's fraction, or would be, is a point, so that commas are between thousands.
     *
     * @param cell a cell that {@link #hasComma has a comma}
     * @return whether it is
     */
    public static boolean endsInPoint(String cell) {
        return cell.indexOf(',') >= 0 && cell.lastIndexOf('.') > cell.lastIndexOf(',');
    }

    private static String comma(String text) {
        boolean ends = COMMA.matcher(text).matches() || GROUPS.matcher(text).matches() && text.matches(".*\\..*,\\d*");
        return ends
                ? " (a comma before a fraction: --decimal ,)"
                : GROUPS.matcher(text).matches() ? " (nothing may be between thousands)" : "";
    }

    /**
     * As much of a cell as a sentence shows.
     *
     * @param cell any text
     * @return at most 41 characters
     */
    public static String cut(String cell) {
        return cell.length() > 40 ? cell.substring(0, 40) + "…" : cell;
    }

    /**
     * What a cell says of membership: 1 and 0, yes and no, true and false, or their first letters, in capitals or not.
     *
     * @param cell any text
     * @return null if it says neither yes nor no
     */
    public static @Nullable Boolean membership(String cell) {
        double number = number(cell);
        if (!Double.isNaN(number)) {
            return number == 0 || number == 1 ? number == 1 : null;
        }
        return WORDS.get(cell.strip().toLowerCase(Locale.ROOT));
    }

    /**
     * The labels of a cell, without those that are empty.
     *
     * @param cell any text
     * @param separator what is between labels
     * @return the labels, without spaces around them
     */
    public static List<String> labels(String cell, String separator) {
        return Arrays.stream(cell.split(Pattern.quote(separator)))
                .map(String::strip)
                .filter(label -> !label.isEmpty())
                .toList();
    }
}
