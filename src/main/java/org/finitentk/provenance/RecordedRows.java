package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.provenance.ModelProvenance;

/** How the rows of a table became a model's training examples, by the model's own provenance. */
final class RecordedRows {
    private static final String PROCESSORS = "org.tribuo.data.columnar.RowProcessor";

    private RecordedRows() {}

    /**
     * The row processor of the training data's source, configured again, so that new tables can be read as the training
     * table was.
     *
     * @param file where the model lies: what the processor reads, and the model does not keep, and is no more where it
     *     was, is looked for beside it; null if the model is in memory
     * @return the processor; empty if the data came from no table, or by a way that records none, such as
     *     {@code CSVLoader}
     * @throws NotReproducibleException if it cannot be configured as recorded, or a file that it reads has changed
     */
    static Optional<RowProcessor<?>> processor(Model<?> model, @Nullable Path file) {
        ModelProvenance provenance = model.getProvenance();
        ConfiguredObjectProvenance recorded = recorded(provenance);
        if (recorded == null) {
            return Optional.empty();
        }
        FileLocations locations = file == null ? FileLocations.AS_RECORDED : FileLocations.beside(file);
        try (KeptFiles kept = KeptFiles.of(model)) {
            FileLocations all = kept.locations(recorded, locations);
            Components components = new Components(provenance, all);
            RecordedFiles.requireUnchanged(recorded, all);
            return Optional.of(components.lookup(recorded, RowProcessor.class));
        }
    }

    private static @Nullable ConfiguredObjectProvenance recorded(ModelProvenance provenance) {
        Deque<Provenance> open = new ArrayDeque<>();
        open.add(provenance.getDatasetProvenance());
        while (!open.isEmpty()) {
            Provenance next = open.remove();
            if (next instanceof ConfiguredObjectProvenance configured
                    && configured.getClassName().equals(PROCESSORS)) {
                return configured;
            }
            if (next instanceof ObjectProvenance object) {
                for (Pair<String, Provenance> value : object) {
                    open.add(value.getB());
                }
            } else if (next instanceof ListProvenance<?> list) {
                list.forEach(open::add);
            }
        }
        return null;
    }
}
