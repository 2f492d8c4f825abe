package org.finitentk.internal.tabular;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.RowExamples;
import org.tribuo.data.columnar.FieldProcessor;

/**
 * The columns that a model learns from.
 *
 * @param names in the order of the network's inputs, where it has one
 * @param fields what makes features of them
 * @param said what they are, as a sentence has it after "from"
 * @param notes more sentences about them
 */
record FeatureColumns(List<String> names, Map<String, FieldProcessor> fields, String said, List<String> notes) {
    FeatureColumns {
        names = List.copyOf(names);
        fields = Map.copyOf(fields);
        notes = List.copyOf(notes);
    }

    /** Columns of numbers, each a feature under its own name. */
    static FeatureColumns ofNumbers(List<String> names) {
        return new FeatureColumns(
                names, RowExamples.fields(names), names.size() + " columns: " + Columns.shown(names), List.of());
    }
}
