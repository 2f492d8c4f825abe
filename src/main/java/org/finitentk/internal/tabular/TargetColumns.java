package org.finitentk.internal.tabular;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.table.Cell;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.table.LabelListTarget;
import org.finitentk.table.LabelTarget;
import org.finitentk.table.MembershipTargets;
import org.finitentk.table.NumberTargets;
import org.tribuo.data.columnar.ResponseProcessor;

/**
 * What the targets of a table become for a task, and what a person is told of it.
 *
 * @param target reads the columns
 * @param notes sentences, the first of which says what is learned
 */
record TargetColumns(ResponseProcessor<?> target, List<String> notes) {
    TargetColumns {
        notes = List.copyOf(notes);
    }

    /**
     * Of a task.
     *
     * @param task not AUTO
     * @param chosen the table and what was said of its columns
     * @param kinds what its columns hold
     * @throws IllegalArgumentException if the columns cannot be that
     */
    static TargetColumns of(Task task, TableColumns chosen, ColumnKinds kinds) {
        List<String> targets = chosen.targets();
        if (task != Task.MULTI_LABEL && !chosen.labelSeparator().isEmpty()) {
            throw new IllegalArgumentException("what is between labels was said ('" + chosen.labelSeparator()
                    + "'), but rows have " + (task == Task.REGRESSION ? "numbers" : "one label each")
                    + "; expected --task multi-label, or no --label-separator");
        }
        if (task == Task.REGRESSION) {
            return new TargetColumns(new NumberTargets(targets), List.of("regression of " + Columns.quoted(targets)));
        }
        if (task == Task.CLASSIFICATION) {
            return new TargetColumns(
                    new LabelTarget(only(targets)), List.of("classification by " + Columns.quoted(targets)));
        }
        boolean areMemberships =
                targets.size() > 1 || chosen.labelSeparator().isEmpty() && kinds.areMemberships(targets.get(0));
        return areMemberships ? memberships(chosen, kinds) : list(chosen, kinds.values(targets.get(0)));
    }

    private static String only(List<String> targets) {
        if (targets.size() > 1) {
            throw new IllegalArgumentException("the targets are " + Columns.quoted(targets)
                    + ", but labels are those of one column; expected one target, or --task multi-label for labels of "
                    + "which a row may have several");
        }
        return targets.get(0);
    }

    private static TargetColumns memberships(TableColumns chosen, ColumnKinds kinds) {
        List<String> targets = chosen.targets();
        if (!chosen.labelSeparator().isEmpty()) {
            throw new IllegalArgumentException("what is between labels was said ('" + chosen.labelSeparator()
                    + "'), and " + targets.size() + " targets, too (" + Columns.quoted(targets)
                    + "); labels with something between them are those of one column");
        }
        List<String> without = new ArrayList<>(targets);
        without.removeIf(target -> !kinds.areMemberships(target)
                || kinds.values(target).stream().anyMatch(value -> Boolean.TRUE.equals(Cell.membership(value))));
        if (without.equals(targets)) {
            throw new IllegalArgumentException("no row of " + chosen.file().name() + " has 1, yes or true in "
                    + Columns.quoted(targets) + "; expected at least one row with a label");
        }
        List<String> notes = new ArrayList<>();
        notes.add("several labels a row: " + Columns.quoted(targets));
        if (!without.isEmpty()) {
            notes.add("no row has " + Columns.quoted(without)
                    + ": nothing is learned of it, and predictions do not have it");
        }
        return new TargetColumns(new MembershipTargets(targets), notes);
    }

    private static TargetColumns list(TableColumns chosen, Set<String> values) {
        String column = chosen.targets().get(0);
        LabelLists lists = new LabelLists(column, values);
        String separator = chosen.labelSeparator().isEmpty() ? lists.separator() : chosen.labelSeparator();
        Set<String> labels = lists.labels(separator);
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("no row of " + chosen.file().name() + " has a label in '" + column
                    + "'; expected at least one row with a label");
        }
        String shown = Columns.shown(OutputNames.sorted(labels).stream()
                .map(label -> "'" + label + "'")
                .collect(Collectors.toList()));
        return new TargetColumns(
                new LabelListTarget(column, separator),
                List.of("several labels a row, in '" + column + "' with '" + separator + "' between them (" + shown
                        + ")"));
    }
}
