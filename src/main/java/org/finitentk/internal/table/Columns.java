package org.finitentk.internal.table;

import java.io.IOException;
import java.io.StringReader;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Names of columns, as people write them in options and read them in errors. */
public final class Columns {
    private static final int SHOWN = 20;

    private Columns() {}

    /**
     * A list of names in one line, separated by commas; a name with a comma in it is in double quotes.
     *
     * @param line the line
     * @return the names
     * @throws IllegalArgumentException if a name is empty or there twice
     */
    public static List<String> parse(String line) {
        List<String> names;
        try (CsvRecords records = new CsvRecords(new StringReader(line), ',', '"', "the list '" + line + "'")) {
            CsvRecords.Cells found = records.next();
            names = found == null ? List.of() : found.cells();
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory can be read", e);
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isEmpty() || !seen.add(name)) {
                throw new IllegalArgumentException("the list '" + line + "' has "
                        + (name.isEmpty() ? "an empty name" : "'" + name + "' twice")
                        + "; expected different names, separated by commas");
            }
        }
        return names;
    }

    /**
     * The line that {@link #parse} reads, ready to be pasted into a shell.
     *
     * @param names any names
     * @return one word of a command line
     */
    public static String line(List<String> names) {
        String line = names.stream()
                .map(name -> name.contains(",") || name.contains("\"") || !name.equals(name.strip())
                        ? '"' + name.replace("\"", "\"\"") + '"'
                        : name)
                .collect(Collectors.joining(","));
        return word(line);
    }

    /**
     * A name, ready to be pasted into a shell.
     *
     * @param name any text
     * @return one word of a command line
     */
    public static String word(String name) {
        return name.matches("[\\w.,:%+-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
    }

    /**
     * Names for people, the first of many.
     *
     * @param names any names
     * @return separated by commas
     */
    public static String shown(List<String> names) {
        String first = names.stream()
                .limit(SHOWN)
                .map(name -> name.contains(",") ? '"' + name + '"' : name)
                .collect(Collectors.joining(", "));
        return names.size() <= SHOWN ? first : first + ", … (" + names.size() + " in all)";
    }

    /**
     * Refuses a table that lacks columns, or has one of them twice.
     *
     * @param table what errors call it
     * @param columns its columns
     * @param needed those that it must have
     * @param what they are for
     */
    public static void require(String table, List<String> columns, List<String> needed, String what) {
        List<String> missing =
                needed.stream().filter(name -> !columns.contains(name)).toList();
        if (!missing.isEmpty()) {
            List<String> alike = missing.stream()
                    .flatMap(name ->
                            columns.stream().filter(column -> bare(column).equals(bare(name))))
                    .toList();
            throw new IllegalArgumentException(table + " has no column " + quoted(missing) + ", " + what
                    + "; its columns are " + shown(columns)
                    + (alike.isEmpty() ? "" : " (is it " + quoted(alike) + "?" + invisible(missing, alike) + ")"));
        }
        for (String name : needed) {
            if (columns.indexOf(name) != columns.lastIndexOf(name)) {
                throw new IllegalArgumentException(
                        table + " has two columns named '" + name + "', " + what + "; rename one of them");
            }
        }
    }

    /**
     * Names in single quotes, the first of many.
     *
     * @param names any names
     * @return separated by commas
     */
    public static String quoted(List<String> names) {
        List<String> quoted = new ArrayList<>();
        names.stream().limit(SHOWN).forEach(name -> quoted.add("'" + name + "'"));
        return String.join(", ", quoted) + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
    }

    /** Names that look the same differ in composed letters, in blanks of several kinds, or in what has no width. */
    private static String invisible(List<String> missing, List<String> alike) {
        return missing.stream()
                        .map(Columns::seen)
                        .anyMatch(alike.stream().map(Columns::seen).toList()::contains)
                ? " It looks the same and is written with other characters, such as o and two dots for one letter, "
                        + "or other blanks; write one as the other"
                : "";
    }

    private static String seen(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFKC).replaceAll("\\p{Cf}", "");
    }

    private static String bare(String name) {
        return seen(name).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).replaceAll("[\\s_.-]+", "");
    }
}
