package org.finitentk.table;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.util.Optional;
import org.finitentk.internal.table.BadCellException;
import org.finitentk.internal.table.Cell;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.data.columnar.ColumnarIterator;
import org.tribuo.data.columnar.FieldExtractor;

/**
 * A column of weights of the rows: what trainers take them for is theirs to say. In a table without the column all rows
 * have weight 1, as in one on which a model is tested.
 */
public final class WeightColumn implements FieldExtractor<Float> {
    @Config(mandatory = true, description = "Name of the column.")
    private String column;

    private WeightColumn() {}

    /**
     * Names the column.
     *
     * @param column not blank
     */
    public WeightColumn(String column) {
        this.column = column;
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> Settings.require(!column.isBlank(), "column", "'" + column + "'", "a column's name"));
    }

    @Override
    public String getMetadataName() {
        return column;
    }

    @Override
    public Class<Float> getValueType() {
        return Float.class;
    }

    /**
     * The weight of a row.
     *
     * @param row the row
     * @return the weight; empty if the table has no such column
     * @throws IllegalArgumentException if the cell is no finite number from 0 on
     */
    @Override
    public Optional<Float> extract(ColumnarIterator.Row row) {
        String cell = row.getRowData().get(column);
        if (cell == null) {
            return Optional.empty();
        }
        float weight = (float) Cell.number(cell);
        if (!Float.isFinite(weight)) {
            throw new BadCellException(Cell.noNumber(column, cell));
        }
        if (weight < 0) {
            throw new BadCellException("the weight '" + column + "' is " + cell + ", which is negative");
        }
        return Optional.of(weight);
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "FieldExtractor");
    }
}
