package org.finitentk.stored;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.finitentk.provenance.ProvenanceFile;
import org.tribuo.Example;
import org.tribuo.Output;
import org.tribuo.impl.ArrayExample;

/**
 * Writes the models of {@code src/test/resources/stored}: a zip each, with both of its stored forms, its provenance and
 * some predictions. Those of a version are written once, by that version, and never again (later versions write what is
 * new in them; the README there says how 0.1.0's were made): in the folder {@code /}, so that no other is in them,
 * {@code OPENBLAS_NUM_THREADS=1 java -cp ... org.finitentk.stored.WriteStoredModels stored/VERSION}, with as many
 * threads as the tests have, whose files are then copied to {@code src/test/resources/stored}.
 */
final class WriteStoredModels {
    private static final int PREDICTIONS = 4;
    private static final List<String> FILES = List.of("model.pb", "model.ser", "provenance.json", "predictions.csv");

    private final Path folder;

    private WriteStoredModels(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes all.
     *
     * @param args the folder
     */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        StoredTables tables = new StoredTables(folder);
        tables.write();
        StoredNetworks networks = new StoredNetworks(folder);
        networks.write();
        Files.writeString(folder.resolve("machine.txt"), machine() + "\n");
        WriteStoredModels writer = new WriteStoredModels(folder);
        for (Map.Entry<String, Supplier<StoredTrainings.Trained<?>>> training :
                StoredTrainings.later(networks, tables).entrySet()) {
            writer.write(training.getKey(), training.getValue().get());
        }
    }

    /**
     * What decides the last bits of sums: kernels for the processor's instructions, and how many threads share the
     * work.
     */
    static String machine() throws IOException {
        Path processor = Path.of("/proc/cpuinfo");
        String name = Files.exists(processor)
                ? Files.readAllLines(processor).stream()
                        .filter(line -> line.startsWith("model name"))
                        .findFirst()
                        .orElse("")
                : "";
        return String.join(
                ", ",
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                name.substring(name.indexOf(':') + 1).strip(),
                Runtime.getRuntime().availableProcessors() + " processors");
    }

    /** A zip a model, since provenances are long and repeat themselves. */
    private <T extends Output<T>> void write(String name, StoredTrainings.Trained<T> trained) throws IOException {
        Path unpacked = Files.createTempDirectory(name);
        trained.model().serializeToFile(unpacked.resolve("model.pb"));
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(unpacked.resolve("model.ser")))) {
            out.writeObject(trained.model());
        }
        ProvenanceFile.write(trained.model(), unpacked.resolve("provenance.json"));
        StoredPredictions.of(trained.model(), examples(trained)).write(unpacked.resolve("predictions.csv"));
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve(name + ".zip")))) {
            for (String file : FILES) {
                zip.putNextEntry(new ZipEntry(file));
                Files.copy(unpacked.resolve(file), zip);
                Files.delete(unpacked.resolve(file));
            }
        }
        Files.delete(unpacked);
    }

    /** Some that it was trained on, and some between them. */
    private static <T extends Output<T>> List<Example<T>> examples(StoredTrainings.Trained<T> trained) {
        List<Example<T>> examples = new ArrayList<>();
        for (int i = 0; i < Math.min(PREDICTIONS, trained.data().size()); i++) {
            ArrayExample<T> example = new ArrayExample<>(trained.data().getExample(i));
            if (i % 2 == 1) {
                Example<T> other = trained.data()
                        .getExample((i + PREDICTIONS) % trained.data().size());
                other.forEach(feature -> example.set(new org.tribuo.Feature(
                        feature.getName(), between(feature.getValue(), example.lookup(feature.getName())))));
            }
            examples.add(example);
        }
        return examples;
    }

    /** Whole numbers stay whole, as token ids must. */
    private static double between(double a, org.tribuo.Feature b) {
        double middle = (a + b.getValue()) / 2;
        return a == Math.rint(a) && b.getValue() == Math.rint(b.getValue()) ? Math.rint(middle) : middle;
    }
}
