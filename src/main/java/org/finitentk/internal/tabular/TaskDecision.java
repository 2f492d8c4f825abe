package org.finitentk.internal.tabular;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.finitentk.internal.table.Cell;
import org.finitentk.internal.table.Columns;

/** Decides whether targets are numbers, labels, or labels of which a row may have several, where nobody says it. */
final class TaskDecision {
    private final ColumnKinds kinds;
    private final List<String> targets;

    TaskDecision(ColumnKinds kinds, List<String> targets) {
        this.kinds = kinds;
        this.targets = targets;
    }

    /** By the targets alone, for a trainer that does not tell: numbers are numbers. */
    Task byTargets() {
        if (targets.stream().allMatch(kinds::isNumeric)) {
            return Task.REGRESSION;
        }
        return targets.size() > 1 ? Task.MULTI_LABEL : Task.CLASSIFICATION;
    }

    /**
     * By the targets and a network's outputs.
     *
     * @param outputs how many
     * @param labels names of the outputs, from whoever gave them
     * @throws IllegalArgumentException if both are possible
     */
    Task byNetwork(int outputs, List<String> labels) {
        if (targets.size() > 1) {
            return ofSeveral();
        }
        Set<String> values = kinds.targetValues();
        boolean areLabels = !values.isEmpty() && labels.containsAll(values);
        if (byTargets() == Task.CLASSIFICATION && !areLabels) {
            return ofTexts(new LabelLists(targets.get(0), values), labels);
        }
        if (areLabels) {
            return Task.CLASSIFICATION;
        }
        if (outputs == 1) {
            if (labels.size() == 1 && values.size() == 2 && values.contains(labels.get(0))) {
                return Task.CLASSIFICATION;
            }
            if (areTwoNumbers(values)) {
                throw undecided(
                        "is a number or a label: it holds only "
                                + values.stream()
                                        .sorted(Comparator.comparingDouble(Cell::number))
                                        .collect(Collectors.joining(" and "))
                                + ", which can be two labels or numbers",
                        "regression or --task classification");
            }
            return Task.REGRESSION;
        }
        if (areCounted(values, 0, outputs) || areCounted(values, 1, outputs)) {
            return Task.CLASSIFICATION;
        }
        throw undecided(
                "is a number or a label: it holds numbers, and the network has " + outputs + " outputs",
                "regression or --task classification");
    }

    /** Columns that say yes and no are labels, those that say 1 and 0 can be numbers too. */
    private Task ofSeveral() {
        if (targets.stream().allMatch(kinds::areMemberships)) {
            if (!targets.stream().allMatch(kinds::isNumeric)) {
                return Task.MULTI_LABEL;
            }
            throw undecided(
                    "are numbers, or labels of which a row may have several: they hold only 0 and 1",
                    "multi-label or --task regression");
        }
        for (String target : targets) {
            if (!kinds.isNumeric(target) && !kinds.values(target).isEmpty()) {
                String other = kinds.values(target).stream()
                        .filter(value -> Cell.membership(value) == null)
                        .findFirst()
                        .map(Cell::cut)
                        .orElse("");
                throw new IllegalArgumentException("the targets are " + Columns.quoted(targets) + ", and '" + target
                        + "' holds no numbers"
                        + (other.isEmpty() ? ", but the others do" : ", but such as '" + other + "'")
                        + "; several targets are numbers, or each says 1 or 0, yes or no, true or false of a label "
                        + "(--task multi-label); expected that, or one column of labels");
            }
        }
        return Task.REGRESSION;
    }

    private Task ofTexts(LabelLists lists, List<String> labels) {
        if (!labels.isEmpty() && lists.areOf(labels)) {
            return Task.MULTI_LABEL;
        }
        String separator = lists.likely();
        if (separator.isEmpty() && kinds.areDifferent(targets.get(0))) {
            throw nothingSays("is a number or a label: it holds "
                    + kinds.values(targets.get(0)).size() + " texts in "
                    + kinds.rows() + " rows, nearly all of them different, such as '"
                    + Cell.cut(kinds.values(targets.get(0)).iterator().next())
                    + "', so that its cells are hardly labels; for numbers, correct what is not one, and "
                    + "for labels all the same say --task classification");
        }
        if (separator.isEmpty()) {
            return Task.CLASSIFICATION;
        }
        throw undecided(
                "has one label in a cell or a list of several: it holds cells such as '" + lists.example(separator)
                        + "'",
                "multi-label or --task classification");
    }

    /** However they are written: 0 and 1, 0.0 and 1.0, 1 and 2, -1 and 1 are two classes in somebody's file. */
    private static boolean areTwoNumbers(Collection<String> values) {
        return values.stream()
                        .map(Cell::number)
                        .filter(number -> !number.isNaN())
                        .distinct()
                        .count()
                == 2;
    }

    private static boolean areCounted(Collection<String> values, int first, int count) {
        Set<String> numbers = IntStream.range(first, first + count)
                .mapToObj(Integer::toString)
                .collect(Collectors.toSet());
        return numbers.containsAll(values);
    }

    private IllegalArgumentException undecided(String why, String tasks) {
        return nothingSays(why + "; say --task " + tasks);
    }

    private IllegalArgumentException nothingSays(String why) {
        return new IllegalArgumentException("nothing says whether the " + (targets.size() == 1 ? "target " : "targets ")
                + Columns.quoted(targets) + " " + why);
    }
}
