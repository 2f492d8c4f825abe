package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ProgressListener;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;

/**
 * What training a network is worth for its tangent kernel, by its size: networks of several widths are trained on one
 * sinusoid, and every method adapts each of them, or the same network at its initial weights, to the same new sinusoids
 * of which it sees a few points.
 */
final class WidthExperiment extends SinusoidTasks {
    @Config(mandatory = true, description = "How each network is made and trained: one for each width.")
    private List<SourceTraining> sources = new ArrayList<>();

    @Config(mandatory = true, description = "The methods to compare.")
    private List<BackboneMethod> methods = new ArrayList<>();

    @Config(description = "Threads of the networks; 0 for all cores.")
    private int threads = 1;

    private WidthExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> {
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

    private static String name(SourceTraining source) {
        return source.architecture("1");
    }

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        ExperimentFiles files = new ExperimentFiles(output());
        files.folder("networks");
        Drawn drawn = draw();
        MutableDataset<Regressor> sourceRows = new MutableDataset<>(drawn.source());
        Map<BackboneMethod, List<TaskResult>> results = new LinkedHashMap<>();
        methods.forEach(method -> results.put(method, new ArrayList<>()));
        ExperimentReport report = null;
        for (int s = 0; s < sources.size(); s++) {
            progress.progress("networks", s, sources.size());
            SourceTraining source = sources.get(s);
            SourceNetworks networks = networks(source, sourceRows, progress);
            for (BackboneMethod method : methods) {
                for (Task task : drawn.tasks()) {
                    results.getOrDefault(method, List.of()).add(adapt(method, source, task, networks, files));
                    progress.progress(name(source) + ", " + method.name(), task.number(), tasks());
                }
            }
            // what is done is not lost if a later network ends the experiment
            report = report(sources.subList(0, s + 1), results, files);
            report.write(output());
        }
        return Objects.requireNonNull(report);
    }

    private SourceNetworks networks(SourceTraining source, MutableDataset<Regressor> rows, ProgressListener progress) {
        return SourceNetworks.at(file(source, SourceNetwork.TRAINED), file(source, SourceNetwork.UNTRAINED), threads)
                .make(source, rows, progress);
    }

    private Path file(SourceTraining source, SourceNetwork kind) {
        String name =
                (name(source) + "-" + kind.name()).toLowerCase(Locale.ROOT).replace(' ', '-');
        return output().resolve("networks").resolve(name + ".onnx");
    }

    private TaskResult adapt(
            BackboneMethod method, SourceTraining source, Task task, SourceNetworks networks, ExperimentFiles files)
            throws IOException {
        MutableDataset<Regressor> test = new MutableDataset<>(task.test());
        return new Trial<>(method.trainer(networks.of(method.network())), new MutableDataset<>(task.training()), files)
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
                .introduction("Each network was trained on one sinusoid of " + sourcePoints()
                        + " points, and every method adapted it, or the same network before training, to " + tasks()
                        + " new ones, of which it saw " + seenAndScored("for adapting"))
                .setting("Tasks", distribution())
                .setting("Seed", seed());
        for (SourceTraining source : done) {
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= tasks(); i++) {
                names.add(taskName(source, i));
            }
            report.group(name(source), names);
        }
        results.forEach((method, ofIt) -> report.method(method.name(), method.description(), ofIt));
        return report.section("Provenance", files.writeProvenance(getProvenance()))
                .build();
    }
}
