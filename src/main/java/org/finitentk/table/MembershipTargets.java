package org.finitentk.table;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.finitentk.internal.table.Cell;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.jspecify.annotations.Nullable;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.multilabel.MultiLabelFactory;

/**
 * Columns that say for one label each whether a row has it, under the columns' own names: 1 and 0, yes and no, true and
 * false, or their first letters, in capitals or not. A row may have several labels or none.
 */
public final class MembershipTargets implements Target<MultiLabel> {
    @Config(mandatory = true, description = "Names of the columns, which are the labels.")
    private List<String> columns = new ArrayList<>();

    private final MultiLabelFactory factory = new MultiLabelFactory();

    private MembershipTargets() {}

    /**
     * Names the columns.
     *
     * @param columns at least one, all different, without commas, which Tribuo's labels of this kind cannot have
     */
    public MembershipTargets(List<String> columns) {
        this.columns = new ArrayList<>(columns);
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireDifferent("columns", columns);
            for (String column : columns) {
                Settings.require(
                        !column.isBlank() && !column.contains(","),
                        "columns",
                        "'" + column + "'",
                        "a label for each: a name without commas, which labels of which a row may have several cannot "
                                + "have; rename the column");
            }
        });
    }

    @Override
    public OutputFactory<MultiLabel> getOutputFactory() {
        return factory;
    }

    @Override
    public List<String> getFieldNames() {
        return List.copyOf(columns);
    }

    @Override
    public Optional<MultiLabel> process(List<String> values) {
        Set<Label> labels = new HashSet<>();
        for (int i = 0; i < columns.size(); i++) {
            Boolean isMember = Cell.membership(values.get(i));
            if (isMember == null) {
                return Optional.empty();
            }
            if (isMember) {
                labels.add(new Label(columns.get(i)));
            }
        }
        return Optional.of(new MultiLabel(labels));
    }

    @Override
    public @Nullable String complaint(List<String> cells) {
        for (int i = 0; i < columns.size(); i++) {
            String cell = cells.get(i);
            if (Cell.membership(cell) == null) {
                return cell.isBlank()
                        ? "'" + columns.get(i) + "' is empty"
                        : "'" + columns.get(i) + "' is '" + Cell.cut(cell)
                                + "', neither 1 nor 0, yes nor no, true nor false";
            }
        }
        return null;
    }
}
