package org.finitentk.provenance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.provenance.Difference.Kind;
import org.tribuo.Model;

/**
 * A model trained again, and what differs.
 *
 * @param model the reproduction; closed with this
 * @param files the files whose hashes were checked, none of them changed
 * @param differences everything that differs; times, versions and the host are of their own kind
 * @param contentCompared whether the original model was at hand; if not, only provenances were compared
 */
public record ReproductionResult(
        Model<?> model, List<RecordedFile> files, List<Difference> differences, boolean contentCompared)
        implements AutoCloseable {
    /**
     * A result.
     *
     * @param model the reproduction
     * @param files the files whose hashes were checked
     * @param differences everything that differs
     * @param contentCompared whether the original model was at hand
     */
    public ReproductionResult {
        files = List.copyOf(files);
        differences = List.copyOf(differences);
    }

    /**
     * Whether the reproduction is the original again.
     *
     * @return true if nothing differs but the software or machine
     */
    public boolean identical() {
        return differences.stream().allMatch(difference -> difference.kind() == Kind.ENVIRONMENT);
    }

    /**
     * Writes the reproduction in Tribuo's protobuf form.
     *
     * @param file the file, replaced as a whole if it exists
     * @throws IOException if it cannot be written; an existing file is then left as it was
     */
    public void writeModel(Path file) throws IOException {
        ModelFile.write(model, file);
    }

    /** Closes the model, if it is one that holds a network. */
    @Override
    public void close() {
        if (model instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("model " + model.getName() + " cannot be closed: " + e.getMessage(), e);
            }
        }
    }
}
