package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.ExperimentReport;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.evaluation.TaskResult;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.ProgressListener;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;

/**
 * What training a network is worth for its tangent kernel, by its size: networks of several widths are trained on one
 * sinusoid, and every method adapts each of them, or the same network at its initial weights, to the same new sinusoids
 * of which it sees a few points.
 */
final class WidthExperiment implements Experiment {
    @Config(mandatory = true, description = "Folder for the results.")
    private Path output;

    @Config(mandatory = true, description = "How each network is made and trained: one for each width.")
    private List<SourceTraining> sources = new ArrayList<>();

    @Config(mandatory = true, description = "The methods to compare.")
    private List<BackboneMethod> methods = new ArrayList<>();

    @Config(description = "Number of new tasks, at least 1.")
    private int tasks = 20;

    @Config(description = "Points of a task that a method sees, at least 1.")
    private int trainingPoints = 10;

    @Config(description = "Points of a task that the methods are evaluated on, at least 1.")
    private int testPoints = 100;

    @Config(description = "Points of the source task, at least 1.")
    private int sourcePoints = 400;

    @Config(description = "Smallest x.")
    private double from = -5;

    @Config(description = "Largest x.")
    private double to = 5;

    @Config(description = "Standard deviation of the noise as a fraction of a sinusoid's amplitude.")
    private double relativeNoise = 0.01;

    @Config(description = "Threads of the networks; 0 for all cores.")
    private int threads = 1;

    @Config(description = "Seed of the tasks and their points.")
    private long seed = 1;

    private WidthExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("tasks", tasks, 1);
            Settings.requireAtLeast("trainingPoints", trainingPoints, 1);
            Settings.requireAtLeast("testPoints", testPoints, 1);
            Settings.requireAtLeast("sourcePoints", sourcePoints, 1);
            Settings.requireAtLeast("threads", threads, 0);
            Settings.requireDifferent(
                    "sources", sources.stream().map(WidthExperiment::name).toList());
            Settings.requireDifferent(
                    "methods", methods.stream().map(BackboneMethod::name).toList());
            Settings.require(
                    methods.stream().allMatch(method -> method.rows() == Part.ADAPTATION),
                    "methods",
                    methods.stream().map(BackboneMethod::name).toList(),
                    "methods whose rows are ADAPTATION, since the source task is another function");
        });
    }

    @Override
    public Path output() {
        return output;
    }

    private static String name(SourceTraining source) {
        return source.architecture("1");
    }

    /** The points of a task, the same for all networks. */
    private record Task(int number, SinusoidDataSource training, SinusoidDataSource test) {}

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        ExperimentFiles files = new ExperimentFiles(output);
        Files.createDirectories(output.resolve("networks"));
        SplittableRandom random = new SplittableRandom(seed);
        MutableDataset<Regressor> sourceRows =
                new MutableDataset<>(points(Sinusoid.draw(random), sourcePoints, random.nextLong()));
        List<Task> all = new ArrayList<>();
        for (int i = 1; i <= tasks; i++) {
            Sinusoid curve = Sinusoid.draw(random);
            all.add(new Task(
                    i, points(curve, trainingPoints, random.nextLong()), points(curve, testPoints, random.nextLong())));
        }
        Map<BackboneMethod, List<TaskResult>> results = new LinkedHashMap<>();
        methods.forEach(method -> results.put(method, new ArrayList<>()));
        ExperimentReport report = null;
        for (int s = 0; s < sources.size(); s++) {
            progress.progress("networks", s, sources.size());
            SourceTraining source = sources.get(s);
            Map<SourceNetwork, OnnxBackbone> networks = networks(source, sourceRows, progress);
            for (BackboneMethod method : methods) {
                for (Task task : all) {
                    results.getOrDefault(method, List.of()).add(adapt(method, source, task, networks, files));
                    progress.progress(name(source) + ", " + method.name(), task.number(), tasks);
                }
            }
            // what is done is not lost if a later network ends the experiment
            report = report(sources.subList(0, s + 1), results, files);
            report.write(output);
        }
        return Objects.requireNonNull(report);
    }

    private SinusoidDataSource points(Sinusoid curve, int count, long pointSeed) {
        return new SinusoidDataSource(curve, relativeNoise * curve.amplitude(), from, to, count, pointSeed);
    }

    private Map<SourceNetwork, OnnxBackbone> networks(
            SourceTraining source, MutableDataset<Regressor> rows, ProgressListener progress) {
        Map<SourceNetwork, OnnxBackbone> networks = new EnumMap<>(SourceNetwork.class);
        for (SourceNetwork kind : SourceNetwork.values()) {
            String file =
                    (name(source) + "-" + kind.name()).toLowerCase(Locale.ROOT).replace(' ', '-') + ".onnx";
            networks.put(
                    kind,
                    OnnxBackbone.builder(output.resolve("networks").resolve(file))
                            .sortedFeatures()
                            .executionSettings(ExecutionSettings.DEFAULT.withThreads(threads))
                            .build());
        }
        source.writeInitial(1, Objects.requireNonNull(networks.get(SourceNetwork.UNTRAINED)));
        source.train(rows, Objects.requireNonNull(networks.get(SourceNetwork.TRAINED)), progress);
        return networks;
    }

    private TaskResult adapt(
            BackboneMethod method,
            SourceTraining source,
            Task task,
            Map<SourceNetwork, OnnxBackbone> networks,
            ExperimentFiles files)
            throws IOException {
        OnnxBackbone network = Objects.requireNonNull(networks.get(method.network()));
        MutableDataset<Regressor> test = new MutableDataset<>(task.test());
        return new Trial<>(method.trainer(network), new MutableDataset<>(task.training()), files)
                .run(
                        method.name() + "-" + name(source) + "-" + task.number(),
                        (model, seconds) -> TaskResult.of(
                                taskName(source, task.number()),
                                new PredictiveRegressionEvaluator().evaluate(model, test),
                                seconds));
    }

    private static String taskName(SourceTraining source, int task) {
        return name(source) + " " + task;
    }

    private ExperimentReport report(
            List<SourceTraining> done, Map<BackboneMethod, List<TaskResult>> results, ExperimentFiles files)
            throws IOException {
        ExperimentReport.Builder report = ExperimentReport.of("Trained and untrained kernels by width")
                .introduction("Each network was trained on one sinusoid of " + sourcePoints
                        + " points, and every method adapted it, or the same network before training, to " + tasks
                        + " new ones, of which it saw " + trainingPoints + " points. Scores are on " + testPoints
                        + " other noisy points of each task; seconds are for adapting.")
                .setting(
                        "Tasks",
                        "A sin(ωx + φ) with A in [0.1, 5], ω in [0.5, 2], φ in [0, 2π], noise " + relativeNoise
                                + " A, x in [" + from + ", " + to + "]")
                .setting("Seed", Long.toString(seed));
        for (SourceTraining source : done) {
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= tasks; i++) {
                names.add(taskName(source, i));
            }
            report.group(name(source), names);
        }
        results.forEach((method, ofIt) -> report.method(method.name(), method.description(), ofIt));
        return report.section("Provenance", files.writeProvenance(getProvenance()))
                .build();
    }
}
