package org.finitentk.table;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.util.List;
import java.util.Optional;
import org.finitentk.internal.table.TargetCells;
import org.tribuo.Output;
import org.tribuo.data.columnar.ResponseProcessor;

/**
 * Columns that a model learns to predict.
 *
 * @param <T> Regressor, Label or MultiLabel
 */
@SuppressWarnings("deprecation") // Tribuo's interface still has what it deprecates.
interface Target<T extends Output<T>> extends ResponseProcessor<T>, TargetCells {
    /** Tribuo's deprecated name of the first column. */
    @Override
    @SuppressWarnings("deprecation")
    default String getFieldName() {
        return getFieldNames().get(0);
    }

    /** Tribuo's deprecated setter; the names are part of the configuration. */
    @Override
    @SuppressWarnings("deprecation")
    default void setFieldName(String fieldName) {
        throw new UnsupportedOperationException("the columns of targets are configured: " + getFieldNames());
    }

    @Override
    @SuppressWarnings("deprecation")
    default Optional<T> process(String value) {
        return process(List.of(value));
    }

    @Override
    default ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "ResponseProcessor");
    }
}
