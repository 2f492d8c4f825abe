package org.finitentk.table;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tribuo.Output;
import org.tribuo.data.columnar.ResponseProcessor;

/**
 * Columns that a model learns to predict.
 *
 * @param <T> Regressor or Label
 */
interface Target<T extends Output<T>> extends ResponseProcessor<T> {
    /** What is wrong with the cells of the columns, or null. */
    @Nullable
    String complaint(List<String> cells);
}
