package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.internal.util.MadeFolders;
import org.finitentk.provenance.ProvenanceFile;
import org.tribuo.Model;

/**
 * The provenance files of an experiment: one of the experiment itself, and one of each model, from which
 * {@code reproduce} rebuilds it.
 */
final class ExperimentFiles {
    private final Path output;
    private final Path folder;

    ExperimentFiles(Path output) throws IOException {
        this.output = output;
        folder = folder("provenance");
    }

    /** The folder of all results. */
    Path output() {
        return output;
    }

    /** Makes a folder of the results, which an interrupted experiment takes away if it has written nothing to it. */
    Path folder(String name) throws IOException {
        Path made = output.resolve(name);
        MadeFolders.at(made);
        return made;
    }

    void writeProvenance(String method, int task, Model<?> model) throws IOException {
        writeProvenance(String.format(Locale.ROOT, "%s-%02d", method, task), model);
    }

    void writeProvenance(String name, Model<?> model) throws IOException {
        ProvenanceFile.write(
                model, folder.resolve(name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".json"));
    }

    /** Returns what it writes. */
    String writeProvenance(ConfiguredObjectProvenance experiment) throws IOException {
        String json = ProvenanceFile.toJson(experiment);
        Path file = folder.resolve("experiment.json");
        try {
            AtomicFile.write(file, json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException("the provenance '" + file + "' cannot be written: " + e.getMessage(), e);
        }
        return json;
    }

    static void close(AutoCloseable model) throws IOException {
        try {
            model.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("a model could not be closed: " + e.getMessage(), e);
        }
    }
}
