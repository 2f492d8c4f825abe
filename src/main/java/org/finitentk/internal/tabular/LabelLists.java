package org.finitentk.internal.tabular;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.finitentk.internal.table.Cell;

/**
 * What the cells of one column look like if each is a list of labels.
 *
 * @param column its name
 * @param values its different cells that are not empty
 */
record LabelLists(String column, Set<String> values) {
    /** Separators that are found where nobody names one. */
    private static final List<String> USUAL = List.of(";", "|", ",");
    /** Those that single labels hardly ever have in them. */
    private static final List<String> CLEAR = List.of(";", "|");
    /** Those that labels have in them too: somebody must say it. */
    private static final List<String> RARE = List.of(" ", "/", "+", "&");

    /** What is between labels, where a person did not say it. */
    String separator() {
        List<String> found = USUAL.stream().filter(this::isThere).toList();
        if (found.size() > 1) {
            throw new IllegalArgumentException("nothing says what is between the labels of '" + column
                    + "', which has cells with " + quoted(found) + ", such as '" + example(found.get(0))
                    + "'; give one with --label-separator");
        }
        List<String> rare =
                found.isEmpty() ? RARE.stream().filter(this::areLikely).toList() : List.of();
        if (!rare.isEmpty()) {
            throw new IllegalArgumentException("nothing says whether '" + example(rare.get(0)) + "' in the column '"
                    + column + "' is one label or a list of several; give --label-separator '" + rare.get(0)
                    + "' for several, --label-separator ';' for one");
        }
        return found.isEmpty() ? USUAL.get(0) : found.get(0);
    }

    /** The separator by which cells are likely to be lists, as far as cells tell; "" if there is none. */
    String likely() {
        return USUAL.stream().filter(this::areLikely).findFirst().orElse("");
    }

    private boolean isThere(String separator) {
        return values.stream().anyMatch(value -> value.contains(separator));
    }

    /**
     * Whether a part of a cell is in another cell too; of separators that single labels have in them, whether all parts
     * of cells with several are, and there are fewer parts than cells.
     */
    private boolean areLikely(String separator) {
        Map<String, Integer> parts = new HashMap<>();
        values.forEach(value ->
                new HashSet<>(Cell.labels(value, separator)).forEach(part -> parts.merge(part, 1, Integer::sum)));
        List<String> several = values.stream()
                .filter(value -> Cell.labels(value, separator).size() > 1)
                .toList();
        Predicate<String> isElsewhere = part -> parts.getOrDefault(part, 0) > 1;
        List<String> ofSeveral = several.stream()
                .flatMap(value -> Cell.labels(value, separator).stream())
                .toList();
        return CLEAR.contains(separator)
                ? ofSeveral.stream().anyMatch(isElsewhere)
                : !several.isEmpty()
                        && parts.size() < values.size()
                        && ofSeveral.stream().allMatch(isElsewhere);
    }

    /** Whether all labels of cells with several are known ones. */
    boolean areOf(Collection<String> known) {
        String separator = USUAL.stream().filter(this::isThere).findFirst().orElse("");
        return !separator.isEmpty() && known.containsAll(labels(separator));
    }

    /** All labels, in the order in which they are found. */
    Set<String> labels(String separator) {
        return values.stream()
                .flatMap(value -> Cell.labels(value, separator).stream())
                .collect(Collectors.toSet());
    }

    String example(String separator) {
        return values.stream()
                .filter(value -> Cell.labels(value, separator).size() > 1)
                .findFirst()
                .map(Cell::cut)
                .orElse("");
    }

    private static String quoted(List<String> separators) {
        return separators.stream().map(separator -> "'" + separator + "'").collect(Collectors.joining(" and "));
    }
}
