package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.backbone.RepeatableTrainer;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.RecordedFile;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.classification.ensemble.AdaBoostTrainer;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.interop.ExternalTrainerProvenance;
import org.tribuo.provenance.DatasetProvenance;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.transform.TransformTrainer;

/**
 * Trains a Tribuo model again from its provenance alone, and says whether it is the same model. Works for this
 * library's trainers and for all others that keep to Tribuo's conventions.
 *
 * <p>The recorded hashes of data files and backbones are checked before anything is loaded. Trainers are configured as
 * recorded and put where they were in their sequence of models; data is loaded as {@link ReproductionResult#files}
 * shows. What cannot be repeated from provenance (data put together in memory, models trained elsewhere) is refused
 * with one sentence.
 *
 * <p>A provenance is data: it can name only classes that OLCUT configures, and files on this machine.
 */
public final class Reproduction {
    private static final String COUNT = "train-invocation-count";
    private static final Set<String> CHANGING_DATA =
            Set.of(TransformTrainer.class.getName(), AdaBoostTrainer.class.getName());

    private final ModelProvenance provenance;
    private final @Nullable Model<?> original;

    private final FileLocations locations;

    private Reproduction(ModelProvenance provenance, @Nullable Model<?> original, FileLocations locations) {
        this.provenance = provenance;
        this.original = original;
        this.locations = locations;
    }

    /**
     * Of a model, which the reproduction is compared with.
     *
     * @param model the original
     * @return a reproduction that has not begun
     */
    public static Reproduction of(Model<?> model) {
        return new Reproduction(model.getProvenance(), model, FileLocations.AS_RECORDED);
    }

    /**
     * Of a model that is not at hand.
     *
     * @param provenance its provenance
     * @return a reproduction that has not begun
     */
    public static Reproduction of(ModelProvenance provenance) {
        return new Reproduction(provenance, null, FileLocations.AS_RECORDED);
    }

    /**
     * Of a model or a provenance in a file.
     *
     * @param file a model in Tribuo's protobuf form or Java's serialization (recognized by its first bytes), or a
     *     provenance as {@link ProvenanceFile} writes it
     * @return a reproduction that has not begun; files that are no more where a model's provenance has them are looked
     *     for in the model's folder, by the ends of their paths
     * @throws IOException if the file cannot be read
     * @throws NotReproducibleException if it holds neither
     */
    public static Reproduction read(Path file) throws IOException {
        if (isText(file)) {
            return of(ProvenanceFile.read(file));
        }
        Model<?> model = ModelFile.read(file);
        return new Reproduction(model.getProvenance(), model, FileLocations.beside(file));
    }

    /**
     * Reads a model, whoever wrote it. Java's serialization is read through a filter: it can name no class outside
     * Tribuo, OLCUT, this library and those of Java that models are made of, and no object that is larger than the file
     * explains.
     *
     * @param file a model in Tribuo's protobuf form or Java's serialization
     * @return the model
     * @throws IOException if the file cannot be read
     * @throws NotReproducibleException if it holds no Tribuo model
     */
    public static Model<?> readModel(Path file) throws IOException {
        return ModelFile.read(file);
    }

    /**
     * How the rows of a table became a model's training examples, so that new tables can be read as the training table
     * was: the row processor of the training data's source, configured again. Files that the model keeps, such as a
     * tokenizer, are not looked for.
     *
     * @param model the model
     * @param file where the model lies: what the processor reads and is no more where it was is looked for beside it;
     *     null if the model is in memory
     * @return the processor; empty if the data came from no table, or by a way that records none, such as
     *     {@code CSVLoader}
     * @throws NotReproducibleException if it cannot be configured as recorded, or a file that it reads has changed
     */
    public static Optional<RowProcessor<?>> rowProcessor(Model<?> model, @Nullable Path file) {
        return RecordedRows.processor(model, file);
    }

    /** Both of a model's forms start with bytes that no JSON starts with. */
    private static boolean isText(Path file) throws IOException {
        ProvenanceFile.requireFile(file);
        try (InputStream in = Files.newInputStream(file)) {
            int first = in.read();
            while (first == ' ' || first == '\n' || first == '\r' || first == '\t') {
                first = in.read();
            }
            return first == '[' || first == '{' || first < 0;
        }
    }

    /**
     * The same with files that lie elsewhere now. Their content must be what was recorded.
     *
     * @param recorded the path of a file, or of a folder above recorded files, when the model was trained; relative to
     *     the folder in which this process runs, as those in a provenance are
     * @param now where it is
     * @return a reproduction that looks there
     */
    public Reproduction moved(Path recorded, Path now) {
        return new Reproduction(provenance, original, locations.with(recorded, now));
    }

    /**
     * What is reproduced.
     *
     * @return the original's provenance
     */
    public ModelProvenance provenance() {
        return provenance;
    }

    /**
     * Hashes the recorded files again.
     *
     * @param progress hears of each file
     * @return every data file and backbone of which a hash is recorded
     * @throws NotReproducibleException if the provenance names what may not be read
     */
    public List<RecordedFile> files(ProgressListener progress) {
        return RecordedFiles.check(new Components(provenance, locations), progress);
    }

    /**
     * Checks the files, loads the data, trains and compares.
     *
     * @param progress hears of each stage
     * @return the model and what differs
     * @throws NotReproducibleException if the provenance does not say enough, or a file has changed
     */
    public ReproductionResult reproduce(ProgressListener progress) {
        return run(progress);
    }

    private <T extends Output<T>> ReproductionResult run(ProgressListener progress) {
        if (provenance.getTrainerProvenance() instanceof ExternalTrainerProvenance) {
            throw new NotReproducibleException("the model (" + provenance.getClassName()
                    + ") was trained outside Tribuo and only loaded; it cannot be trained again");
        }
        if (provenance.getTrainerProvenance().getClassName().equals(Trainer.class.getName())) {
            throw new NotReproducibleException("the model (" + provenance.getClassName()
                    + ") was put together from models that had been trained before, and no trainer makes it again; "
                    + "store its members, and reproduce each of them");
        }
        Components components = new Components(provenance, locations);
        List<RecordedFile> files = RecordedFiles.check(components, progress);
        requireUnchanged(files);
        Trainer<T> trainer = trainer(components, progress);
        progress.progress("load data", 0, 1);
        Dataset<T> examples = new RecordedDataset<T>(components).load(trainingData());
        progress.progress("load data", 1, 1);
        progress.progress("train", 0, 1);
        Model<T> model = trainer.train(examples, runProvenance());
        progress.progress("train", 1, 1);
        progress.progress("compare", 0, 1);
        List<Difference> differences =
                new ArrayList<>(ProvenanceComparison.compare(provenance, model.getProvenance(), locations));
        if (original != null) {
            @SuppressWarnings(
                    "unchecked") // Equal features and classes were trained from equal provenance; predictions are
            // compared as they are stored.
            Model<T> before = (Model<T>) original;
            differences.addAll(ModelComparison.compare(before, model, examples));
        }
        progress.progress("compare", 1, 1);
        return new ReproductionResult(model, files, differences, original != null);
    }

    private static void requireUnchanged(List<RecordedFile> files) {
        List<RecordedFile> changed =
                files.stream().filter(RecordedFile::changed).toList();
        if (!changed.isEmpty()) {
            String others = changed.size() == 1
                    ? ""
                    : "; missing or changed too: "
                            + changed.stream()
                                    .skip(1)
                                    .map(file -> "'" + file.location() + "'")
                                    .collect(Collectors.joining(", "));
            throw new NotReproducibleException(changed.get(0).complaint() + others);
        }
    }

    private <T extends Output<T>> Trainer<T> trainer(Components components, ProgressListener progress) {
        TrainerProvenance recorded = provenance.getTrainerProvenance();
        restoreCounts(components, recorded, progress);
        @SuppressWarnings("unchecked") // The recorded data decides what T is; training refuses outputs of another kind.
        Trainer<T> trainer = (Trainer<T>) components.lookup(recorded, Trainer.class);
        return trainer;
    }

    /**
     * Puts a trainer and the trainers inside it where they were, outer ones first as some of them set their inner ones.
     */
    private static void restoreCounts(Components components, Provenance recorded, ProgressListener progress) {
        if (recorded instanceof TrainerProvenance trainerProvenance) {
            Trainer<?> trainer = components.lookup(trainerProvenance, Trainer.class);
            PrimitiveProvenance<?> count = trainerProvenance.getInstanceValues().get(COUNT);
            if (count == null || !(count.getValue() instanceof Integer calls)) {
                throw new NotReproducibleException("the provenance of " + trainerProvenance.getClassName()
                        + " does not say how many models it had trained before (" + COUNT + ")");
            }
            trainer.setInvocationCount(calls);
            if (trainer instanceof RepeatableTrainer<?, ?> reporter) {
                reporter.setProgressListener(progress);
            }
        }
        if (recorded instanceof ConfiguredObjectProvenance configured) {
            configured.getConfiguredParameters().values().forEach(value -> restoreCounts(components, value, progress));
        } else if (recorded instanceof ListProvenance<?> list) {
            list.forEach(value -> restoreCounts(components, value, progress));
        } else if (recorded instanceof MapProvenance<?> map) {
            map.getMap().values().forEach(value -> restoreCounts(components, value, progress));
        }
    }

    /** Some trainers record the data as they had transformed or copied it, and will do that again. */
    private DatasetProvenance trainingData() {
        DatasetProvenance recorded = provenance.getDatasetProvenance();
        return CHANGING_DATA.contains(provenance.getTrainerProvenance().getClassName())
                        && recorded.getSourceProvenance() instanceof DatasetProvenance before
                ? before
                : recorded;
    }

    /**
     * What the caller of train added is among what the trainer found, so all of it is handed over; the trainer
     * overwrites its own.
     */
    private Map<String, Provenance> runProvenance() {
        return new HashMap<>(provenance.getInstanceProvenance().getMap());
    }
}
