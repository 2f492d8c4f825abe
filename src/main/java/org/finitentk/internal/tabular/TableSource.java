package org.finitentk.internal.tabular;

import java.util.List;
import org.finitentk.internal.table.RowExamples;
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
     * What makes features of columns of numbers, under their own names.
     *
     * @param weights the column of weights; empty for none
     */
    static <T extends Output<T>> RowProcessor<T> processor(
            List<String> features, ResponseProcessor<T> target, String weights) {
        return weights.isEmpty()
                ? RowExamples.ofNumbers(features, target)
                : new RowProcessor.Builder<T>()
                        .setWeightExtractor(new WeightColumn(weights))
                        .setFieldProcessors(RowExamples.fields(features).values())
                        .build(target);
    }
}
