package org.finitentk.internal.tabular;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.onnx.ColumnInputs;
import org.finitentk.internal.table.Cell;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableFormat;
import org.finitentk.internal.table.TableRow;
import org.finitentk.internal.table.TableRows;
import org.jspecify.annotations.Nullable;

/** What the columns of a table hold, by one look at all rows. */
final class ColumnKinds {
    private static final int MOST_VALUES = 10_000;
    /** Labels beyond which a label in every other row is none. */
    private static final int FEW_VALUES = 20;

    private final List<String> columns;
    private final List<String> targets;
    private final String weights;
    private long rows;
    private final long[] numbers;
    private final long[] others;
    /** How many of the others would be numbers if commas were points, and the first one of each column. */
    private final long[] commas;

    private final @Nullable String[] firstComma;
    private final double[] means;
    private final double[] squares;
    private final Map<String, Set<String>> values = new HashMap<>();
    /** The first words of each column. */
    private final List<Set<String>> words = new ArrayList<>();

    /** What is to be done with a column of words. */
    static final String NUMBERS =
            "a network takes numbers, so write into the table those that stood for the words when it "
                    + "was trained: a code, or a column of 0 and 1 for each";

    private static final int SHOWN_WORDS = 3;
    private static final int LONGEST_WORD = 30;

    private ColumnKinds(List<String> columns, List<String> targets, String weights) {
        this.columns = columns;
        this.weights = weights;
        this.targets = targets;
        numbers = new long[columns.size()];
        others = new long[columns.size()];
        commas = new long[columns.size()];
        firstComma = new String[columns.size()];
        means = new double[columns.size()];
        squares = new double[columns.size()];
        targets.forEach(target -> values.put(target, new LinkedHashSet<>()));
        columns.forEach(column -> words.add(new LinkedHashSet<>()));
    }

    /**
     * Looks at a table.
     *
     * @param rows the table
     * @param targets columns of which the values are kept, if they are not too many
     * @param weights the column of weights, which is no feature; empty if there is none
     */
    static ColumnKinds of(TableRows rows, List<String> targets, String weights) throws IOException {
        List<String> columns = rows.columns() == null ? List.of() : rows.columns();
        Columns.require(rows.name(), columns, targets, "which is a target");
        ColumnKinds kinds = new ColumnKinds(columns, targets, weights);
        for (@Nullable TableRow row = rows.next(); row != null; row = rows.next()) {
            kinds.add(row);
        }
        if (kinds.rows == 0) {
            throw new IllegalArgumentException(rows.name() + " has no rows below its header");
        }
        return kinds;
    }

    private void add(TableRow row) {
        rows++;
        for (int i = 0; i < row.cells().size(); i++) {
            String cell = row.cells().get(i);
            double number = Cell.number(cell);
            if (!Double.isNaN(number)) {
                numbers[i]++;
                double step = number - means[i];
                means[i] += step / numbers[i];
                squares[i] += step * (number - means[i]);
            } else if (!cell.isBlank()) {
                others[i]++;
                if (words.get(i).size() < SHOWN_WORDS) {
                    words.get(i).add(cell.strip());
                }
                if (Cell.hasComma(cell)) {
                    commas[i]++;
                    firstComma[i] = firstComma[i] == null ? cell.strip() : firstComma[i];
                }
            }
            Set<String> known = values.get(columns.get(i));
            if (known != null && !cell.isBlank() && known.size() <= MOST_VALUES) {
                known.add(cell.strip());
            }
        }
    }

    List<String> columns() {
        return columns;
    }

    /** Whether most of what a column says are numbers. */
    boolean isNumeric(String column) {
        int i = columns.indexOf(column);
        return numbers[i] > others[i];
    }

    /**
     * Refuses columns that are numbers but for commas: texts, as such a column would be taken for, leave the table's
     * features, and its target becomes a label.
     *
     * @param table what errors call it
     * @param format how the table is written
     * @param used columns that matter
     */
    void requireNoCommas(String table, TableFormat format, List<String> used) {
        for (int i = 0; i < columns.size(); i++) {
            if (commas[i] > 0 && commas[i] == others[i] && used.contains(columns.get(i))) {
                throw new IllegalArgumentException(table + ": the column '" + columns.get(i) + "' has '"
                        + firstComma[i] + "', a number with a comma; "
                        + (format.separator().equals(",") || Cell.endsInPoint(firstComma[i])
                                ? "expected a point before a fraction, and nothing between thousands"
                                : "if the comma is before a fraction, add --decimal , ; expected nothing between "
                                        + "thousands"));
            }
        }
    }

    /**
     * Refuses features that are words: one sentence for a column instead of one for each of its rows.
     *
     * @param table what errors call it
     */
    void requireNumbers(String table, List<String> features) {
        for (String feature : features) {
            if (columns.contains(feature) && areWords(feature)) {
                throw new IllegalArgumentException(
                        table + ": the column '" + feature + "' holds " + words(feature) + "; " + NUMBERS);
            }
        }
    }

    /**
     * Refuses a column of words where numbers belong.
     *
     * @param table what errors call it
     * @param column the column
     * @param what it is
     */
    void requireNumber(String table, String column, String what) {
        if (areWords(column)) {
            throw new IllegalArgumentException(table + ": the column '" + column + "', " + what + ", holds "
                    + words(column) + "; expected numbers");
        }
    }

    /** Columns that are neither targets nor numbers, with some of their words. */
    List<String> wordColumns() {
        return texts().stream()
                .map(column -> "'" + column + "' (" + words(column) + ")")
                .toList();
    }

    /** Columns of words that are neither targets nor weights, in the table's order. */
    List<String> texts() {
        return columns.stream()
                .filter(column -> !targets.contains(column) && !column.equals(weights) && areWords(column))
                .toList();
    }

    private boolean areWords(String column) {
        int i = columns.indexOf(column);
        return others[i] > numbers[i];
    }

    private String words(String column) {
        return words.get(columns.indexOf(column)).stream()
                .map(word -> "'" + (word.length() > LONGEST_WORD ? word.substring(0, LONGEST_WORD) + "…" : word) + "'")
                .collect(Collectors.joining(", "));
    }

    /** The standard deviation of a column's numbers. */
    double deviation(String column) {
        int i = columns.indexOf(column);
        return Math.sqrt(squares[i] / Math.max(1, numbers[i]));
    }

    /** The columns of numbers that are no targets, in the table's order. */
    List<String> numericFeatures() {
        List<String> features = new ArrayList<>(columns);
        features.removeAll(targets);
        features.remove(weights);
        features.removeIf(column -> column.isEmpty() || !isNumeric(column));
        return features;
    }

    /**
     * The columns that are a network's inputs, which are named as they are.
     *
     * @param inputs names of the inputs; empty if they are no columns
     * @return in the inputs' order; empty if the table lacks one
     */
    List<String> namedAs(List<String> inputs) {
        List<String> bare = ColumnInputs.bare(inputs);
        return areFeatures(inputs) ? inputs : areFeatures(bare) ? bare : List.of();
    }

    private boolean areFeatures(List<String> names) {
        return columns.containsAll(names)
                && !names.contains(weights)
                && targets.stream().noneMatch(names::contains);
    }

    /** Different values of a target, those of an endless number of them cut. */
    Set<String> values(String target) {
        return values.getOrDefault(target, Set.of());
    }

    /** Whether most rows have a value of their own, which are many. */
    boolean areDifferent(String target) {
        return values(target).size() > Math.max(FEW_VALUES, rows / 2);
    }

    /** How many rows the table has. */
    long rows() {
        return rows;
    }

    /** Different values of all targets. */
    Set<String> targetValues() {
        return targets.stream().flatMap(target -> values(target).stream()).collect(Collectors.toSet());
    }

    /** Whether all that a target says is whether rows have a label. */
    boolean areMemberships(String target) {
        return !values(target).isEmpty() && values(target).stream().allMatch(value -> Cell.membership(value) != null);
    }
}
