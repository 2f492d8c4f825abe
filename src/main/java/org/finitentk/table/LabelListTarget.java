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
 * A column that lists the labels of a row, such as {@code rain;wind}, letter by letter without spaces around them. A
 * cell without anything in it is a row without a label.
 */
public final class LabelListTarget implements Target<MultiLabel> {
    @Config(mandatory = true, description = "Name of the column.")
    private String column;

    @Config(description = "What is between the labels of a cell: one character.")
    private String separator = ";";

    private final MultiLabelFactory factory = new MultiLabelFactory();

    private LabelListTarget() {}

    /**
     * Names the column.
     *
     * @param column not blank
     * @param separator what is between labels: one character
     */
    public LabelListTarget(String column, String separator) {
        this.column = column;
        this.separator = separator;
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.require(!column.isBlank(), "column", "'" + column + "'", "a column's name");
            Settings.require(separator.length() == 1, "separator", "'" + separator + "'", "one character");
        });
    }

    /**
     * What is between the labels of a cell.
     *
     * @return one character
     */
    public String separator() {
        return separator;
    }

    @Override
    public OutputFactory<MultiLabel> getOutputFactory() {
        return factory;
    }

    @Override
    public List<String> getFieldNames() {
        return List.of(column);
    }

    @Override
    public Optional<MultiLabel> process(List<String> values) {
        if (complaint(values) != null) {
            return Optional.empty();
        }
        Set<Label> labels = new HashSet<>();
        Cell.labels(values.get(0), separator).forEach(label -> labels.add(new Label(label)));
        return Optional.of(new MultiLabel(labels));
    }

    @Override
    public @Nullable String complaint(List<String> cells) {
        String cell = cells.get(0).strip();
        if (cell.startsWith("[") && cell.endsWith("]")) {
            return "'" + column + "' is '" + Cell.cut(cell) + "', a list in brackets; expected labels with " + separator
                    + " between them and nothing around them";
        }
        List<String> empty = new ArrayList<>(Cell.labels(cell, separator));
        empty.removeIf(label -> !label.contains(","));
        return empty.isEmpty()
                ? null
                : "'" + column + "' has the label '" + Cell.cut(empty.get(0))
                        + "' with a comma in it, which labels of which a row may have several cannot have (if commas "
                        + "are between labels, train with --label-separator ,)";
    }
}
