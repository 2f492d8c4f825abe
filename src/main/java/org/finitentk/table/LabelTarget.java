package org.finitentk.table;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.List;
import java.util.Optional;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.jspecify.annotations.Nullable;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;

/**
 * A column of labels, which are what the cells say, letter by letter: Tribuo's own processor writes them in capitals.
 */
public final class LabelTarget implements Target<Label> {
    @Config(mandatory = true, description = "Name of the column.")
    private String column;

    private final LabelFactory factory = new LabelFactory();

    private LabelTarget() {}

    /**
     * Names the column.
     *
     * @param column not blank
     */
    public LabelTarget(String column) {
        this.column = column;
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> Settings.require(!column.isBlank(), "column", "'" + column + "'", "a column's name"));
    }

    @Override
    public OutputFactory<Label> getOutputFactory() {
        return factory;
    }

    @Override
    public List<String> getFieldNames() {
        return List.of(column);
    }

    @Override
    public Optional<Label> process(List<String> values) {
        String value = values.get(0);
        return value.isBlank() ? Optional.empty() : Optional.of(new Label(value.strip()));
    }

    @Override
    public @Nullable String complaint(List<String> cells) {
        return cells.get(0).isBlank() ? "'" + column + "' is empty" : null;
    }
}
