package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ProgressListener;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;

/**
 * Regression sets of the UCI repository: on several random splits of each, a small network is trained on half of the
 * training rows, every method adapts it to the other half, and the test rows tell how good its predictive densities
 * are. Scores are in units of the training targets' standard deviation.
 */
final class UciExperiment implements Experiment {
    private static final List<String> ENDINGS = List.of(".csv", ".csv.gz");

    @Config(mandatory = true, description = "Folder for the results.")
    private Path output;

    @Config(
            description = "Folder with the data sets, NAME.csv or NAME.csv.gz: a header, numbers, the target in "
                    + "the last column.")
    private Path data = Path.of("../shared/data/uci");

    @Config(mandatory = true, description = "Names of the data sets.")
    private List<String> dataSets = new ArrayList<>();

    @Config(mandatory = true, description = "How the networks are made and trained.")
    private SourceTraining source;

    @Config(mandatory = true, description = "The methods to compare.")
    private List<BackboneMethod> methods = new ArrayList<>();

    @Config(description = "Random splits of each data set, at least 1.")
    private int splits = 5;

    @Config(description = "Fraction of the rows that are for testing.")
    private double testFraction = 0.1;

    @Config(description = "At most so many rows of a data set are used, other ones in each split; 0 for all.")
    private int maximumRows;

    @Config(description = "Threads of the networks; 0 for all cores.")
    private int threads = 1;

    @Config(description = "Seed of the splits.")
    private long seed = 1;

    private UciExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireDifferent("dataSets", dataSets);
            Settings.requireDifferent(
                    "methods", methods.stream().map(BackboneMethod::name).toList());
            Settings.requireAtLeast("splits", splits, 1);
            Settings.requireAtLeast("threads", threads, 0);
            Settings.requireAtLeast("maximumRows", maximumRows, 0);
            Settings.requireFraction("testFraction", testFraction);
        });
    }

    @Override
    public Path output() {
        return output;
    }

    /**
     * One split of one data set.
     *
     * @param set the data set's name
     * @param number of the split, from 1
     * @param file the data
     * @param seed of the order of the rows
     */
    private record Task(String set, int number, Path file, long seed) {
        String name() {
            return set + " " + number;
        }

        String fileName() {
            return set + "-" + number;
        }
    }

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        List<Task> tasks = tasks();
        ExperimentFiles files = new ExperimentFiles(output);
        files.folder("networks");
        Map<BackboneMethod, List<TaskResult>> results = new LinkedHashMap<>();
        methods.forEach(method -> results.put(method, new ArrayList<>()));
        List<Task> finished = new ArrayList<>();
        ExperimentReport report = null;
        for (Task task : tasks) {
            long steps = (long) splits * (methods.size() + 1);
            long done = (task.number() - 1L) * (methods.size() + 1);
            progress.progress(task.set(), done++, steps);
            SourceNetworks networks = networks(task);
            for (BackboneMethod method : methods) {
                progress.progress(task.set(), done++, steps);
                results.getOrDefault(method, List.of()).add(adapt(method, task, networks, files));
            }
            progress.progress(task.set(), done, steps);
            finished.add(task);
            if (task.number() == splits) {
                // what is done is not lost if a later set ends the experiment
                report = report(finished, results, files);
                report.write(output);
            }
        }
        return Objects.requireNonNull(report);
    }

    /** Finds all files before any work. */
    private List<Task> tasks() {
        if (!Files.isDirectory(data)) {
            throw new IllegalArgumentException(
                    "data folder '" + data.toAbsolutePath().normalize()
                            + "' does not exist; put the UCI regression sets there as comma-separated values ("
                            + dataSets.get(0) + ENDINGS.get(0) + " or " + dataSets.get(0) + ENDINGS.get(1)
                            + ", a header, the target in the last column), or name their folder as 'data' in "
                            + "the configuration");
        }
        SplittableRandom random = new SplittableRandom(seed);
        List<Task> tasks = new ArrayList<>();
        for (String set : dataSets) {
            Path file = ENDINGS.stream()
                    .map(ending -> data.resolve(set + ending))
                    .filter(Files::isRegularFile)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "data folder '" + data.toAbsolutePath().normalize() + "' has neither " + set
                                    + ENDINGS.get(0) + " nor " + set + ENDINGS.get(1)));
            for (int i = 1; i <= splits; i++) {
                tasks.add(new Task(set, i, file, random.nextLong()));
            }
        }
        return tasks;
    }

    private SplitCsvDataSource part(Task task, Part part) {
        return new SplitCsvDataSource(task.file(), part, testFraction, maximumRows, task.seed());
    }

    private SourceNetworks networks(Task task) {
        Path folder = output.resolve("networks");
        return SourceNetworks.at(
                        folder.resolve(task.fileName() + ".onnx"),
                        folder.resolve(task.fileName() + "-untrained.onnx"),
                        threads)
                .make(source, new MutableDataset<>(part(task, Part.SOURCE)), ProgressListener.NONE);
    }

    private TaskResult adapt(BackboneMethod method, Task task, SourceNetworks networks, ExperimentFiles files)
            throws IOException {
        MutableDataset<Regressor> training = new MutableDataset<>(part(task, method.rows()));
        MutableDataset<Regressor> test = new MutableDataset<>(part(task, Part.TEST));
        return new Trial<>(method.trainer(networks.of(method.network())), training, files)
                .run(method.name() + "-" + task.fileName(), (model, seconds) -> {
                    long start = System.nanoTime();
                    model.predict(test);
                    double all = seconds + (System.nanoTime() - start) / 1e9;
                    return TaskResult.of(task.name(), new PredictiveRegressionEvaluator().evaluate(model, test), all);
                });
    }

    private ExperimentReport report(
            List<Task> tasks, Map<BackboneMethod, List<TaskResult>> results, ExperimentFiles files) throws IOException {
        ExperimentReport.Builder report = ExperimentReport.of(
                        "UCI regression: adapting a network to the other half of its data")
                .introduction(String.format(
                        Locale.ROOT,
                        "Each of %d data sets was split %d times: %.0f %% of the rows for testing, the "
                                + "others halved. A %s network was trained on one half, "
                                + "and every method adapted it to the other. Features and targets are "
                                + "standardized on the training rows, so errors are in units of the targets' "
                                + "standard deviation; "
                                + "to have NLPD in the data's own unit, add the logarithm of the deviation "
                                + "given below. Seconds are for adapting to one split and predicting its "
                                + "test rows.",
                        tasks.size() / splits,
                        splits,
                        100 * testFraction,
                        source.architecture("d")));
        for (String set : tasks.stream().map(Task::set).distinct().toList()) {
            List<Task> mine =
                    tasks.stream().filter(task -> task.set().equals(set)).toList();
            report.group(set, mine.stream().map(Task::name).toList()).setting(set, describe(mine.get(0)));
        }
        report.setting(
                        "Rows",
                        maximumRows == 0
                                ? "all"
                                : "at most " + maximumRows + " of a data set, other ones in each split")
                .setting("Seed", Long.toString(seed));
        results.forEach((method, tasksOfIt) -> report.method(method.name(), method.description(), tasksOfIt));
        return report.section("Provenance", files.writeProvenance(getProvenance()))
                .build();
    }

    private String describe(Task first) {
        MutableDataset<Regressor> adaptation = new MutableDataset<>(part(first, Part.ADAPTATION));
        return String.format(
                Locale.ROOT,
                "%s: %d rows for the network, %d to adapt to, %d for testing, %d features; deviation of "
                        + "the targets %.4g (split 1)",
                first.file().getFileName(),
                new MutableDataset<>(part(first, Part.SOURCE)).size(),
                adaptation.size(),
                new MutableDataset<>(part(first, Part.TEST)).size(),
                adaptation.getFeatureMap().size(),
                part(first, Part.ADAPTATION).targetDeviation());
    }
}
