package org.finitentk.internal.tabular;

import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableFormat;
import org.finitentk.table.TableDataSource;
import org.finitentk.table.WeightColumn;
import org.tribuo.Output;
import org.tribuo.data.columnar.ResponseProcessor;
import org.tribuo.data.columnar.RowProcessor;

/** Files with tables as Tribuo's sources of data. */
final class TableSource {
    private TableSource() {}

    static <T extends Output<T>> TableDataSource<T> of(TableFile file, RowProcessor<T> processor) {
        TableFormat format = file.format();
        return new TableDataSource<>(
                file.path(), processor, format.separator(), format.quote(), format.decimal(), format.columns());
    }

    /**
     * What makes examples of rows.
     *
     * @param weights the column of weights; empty for none
     */
    static <T extends Output<T>> RowProcessor<T> processor(
            FeatureColumns features, ResponseProcessor<T> target, String weights) {
        return weights.isEmpty()
                ? new RowProcessor<>(target, features.fields())
                : new RowProcessor.Builder<T>()
                        .setWeightExtractor(new WeightColumn(weights))
                        .setFieldProcessors(features.fields().values())
                        .build(target);
    }
}
