package org.finitentk.table;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.finitentk.internal.table.Cell;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.jspecify.annotations.Nullable;
import org.tribuo.OutputFactory;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/**
 * Columns of numbers, each of which is a dimension of a regression under its own name, whatever characters that has:
 * Tribuo's own processor takes a comma or an equals sign in a name for a separator.
 */
public final class NumberTargets implements Target<Regressor> {
    @Config(mandatory = true, description = "Names of the columns.")
    private List<String> columns = new ArrayList<>();

    private final RegressionFactory factory = new RegressionFactory();

    private NumberTargets() {}

    /**
     * Names the columns.
     *
     * @param columns at least one, all different
     */
    public NumberTargets(List<String> columns) {
        this.columns = new ArrayList<>(columns);
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> Settings.requireDifferent("columns", columns));
    }

    @Override
    public OutputFactory<Regressor> getOutputFactory() {
        return factory;
    }

    @Override
    public List<String> getFieldNames() {
        return List.copyOf(columns);
    }

    @Override
    public Optional<Regressor> process(List<String> values) {
        if (complaint(values) != null) {
            return Optional.empty();
        }
        return Optional.of(new Regressor(
                columns.toArray(String[]::new),
                values.stream().mapToDouble(Cell::number).toArray()));
    }

    @Override
    public @Nullable String complaint(List<String> cells) {
        for (int i = 0; i < columns.size(); i++) {
            if (Double.isNaN(Cell.number(cells.get(i)))) {
                return Cell.noNumber(columns.get(i), cells.get(i));
            }
        }
        return null;
    }
}
