package org.finitentk.provenance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
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

    /**
     * One thing that differs between a model and its reproduction.
     *
     * @param kind what differs
     * @param where the path of keys inside the provenance, or the part of the model
     * @param original what the original has, "absent" if nothing
     * @param reproduced what the reproduction has, "absent" if nothing
     */
    public record Difference(Kind kind, String where, String original, String reproduced) {
        /** What differs. */
        public enum Kind {
            /** Recorded settings, data or findings. */
            PROVENANCE,
            /**
             * Times, versions of software and settings that are new in them, the machine, or where files lie, which by
             * themselves make no other model.
             */
            ENVIRONMENT,
            /** What the model has learned. */
            CONTENT
        }

        static final String ABSENT = "absent";

        /**
         * A difference.
         *
         * @param kind what differs
         * @param where the path of keys inside the provenance, or the part of the model
         * @param original what the original has
         * @param reproduced what the reproduction has
         */
        public Difference {}

        /**
         * One line.
         *
         * @return where, and both values
         */
        @Override
        public String toString() {
            return where + ": was " + original + ", now " + reproduced;
        }
    }

    /**
     * A file that a model was made from, as recorded and as it is now.
     *
     * @param component the class that read it, e.g. org.tribuo.data.csv.CSVDataSource
     * @param location path or URL
     * @param algorithm the hash's algorithm, e.g. SHA-256
     * @param expected the recorded hash in hexadecimal
     * @param found the file's hash now, or "no such file"
     */
    public record RecordedFile(String component, String location, String algorithm, String expected, String found) {
        static final String MISSING = "no such file";

        /**
         * A file.
         *
         * @param component the class that read it
         * @param location path or URL
         * @param algorithm the hash's algorithm
         * @param expected the recorded hash in hexadecimal
         * @param found the file's hash now, or "no such file"
         */
        public RecordedFile {}

        /**
         * Whether the model can no longer be made from it.
         *
         * @return true if the file is missing or has another hash
         */
        public boolean changed() {
            return !expected.equals(found);
        }

        /** A sentence for a changed file. */
        String complaint() {
            String name = component.substring(component.lastIndexOf('.') + 1);
            return found.equals(MISSING)
                    ? "'" + location + "' (" + name + ") is missing; expected a file with " + algorithm + " " + expected
                            + "; if it was moved, say where to (reproduce --moved OLD=NEW, or Reproduction.moved)"
                    : "'" + location + "' (" + name + ") has changed: its " + algorithm + " was " + expected
                            + " and is now " + found;
        }
    }
}
