package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.RepeatableTrainer;
import org.finitentk.evaluation.OutOfDistribution;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.Plots;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;

/**
 * Adapts one network to several classification tasks by several methods and compares their probabilities on test data:
 * accuracy, likelihood, calibration, and, with examples of other kinds, how well entropy tells them. The network is a
 * file, or is trained first.
 */
final class ClassificationExperiment implements Experiment {
    @Config(mandatory = true, description = "Folder for the results.")
    private Path output;

    @Config(description = "What the report is called.")
    private String title = "Classification by an adapted network";

    @Config(description = "A paragraph for the report.")
    private String introduction = "";

    @Config(mandatory = true, description = "The network that the methods adapt.")
    private OnnxBackbone backbone;

    @Config(description = "How the network is made; none if its file is there.")
    private @Nullable NetworkTraining source;

    @Config(mandatory = true, description = "Training data.")
    private List<ClassificationTask> tasks = new ArrayList<>();

    @Config(mandatory = true, description = "The test data of all tasks.")
    private ConfigurableDataSource<Label> test;

    @Config(description = "Examples of another kind, whose entropies are compared with the test data's.")
    private @Nullable ConfigurableDataSource<Label> others;

    @Config(mandatory = true, description = "The methods to compare.")
    private List<ClassificationMethod> methods = new ArrayList<>();

    private ClassificationExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireDifferent(
                    "methods", methods.stream().map(ClassificationMethod::name).toList());
            Settings.requireDifferent(
                    "tasks", tasks.stream().map(ClassificationTask::name).toList());
        });
    }

    @Override
    public Path output() {
        return output;
    }

    /** The names of the tasks of each group. */
    Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        tasks.forEach(task -> groups.computeIfAbsent(task.group(), unused -> new ArrayList<>())
                .add(task.name()));
        return groups;
    }

    /** Results by method, and by group, each method's reliability and detection of strangers on the last task. */
    private record Results(
            Map<ClassificationMethod, List<TaskResult>> scores,
            Map<String, Map<String, List<ReliabilityBin>>> reliability,
            Map<String, Map<String, OutOfDistribution>> detection) {}

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        MutableDataset<Label> testing = new MutableDataset<>(test);
        MutableDataset<Label> strangers = others == null ? null : new MutableDataset<>(others);
        ExperimentFiles files = new ExperimentFiles(output);
        String network = source == null ? backbone.path().toString() : source.train(backbone, progress);
        Results results = new Results(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        methods.forEach(method -> results.scores().put(method, new ArrayList<>()));
        try {
            adaptAll(new Trials(testing, strangers, files, results, progress));
        } catch (RuntimeException | IOException e) {
            reportWhatIsDone(network, testing.size(), results, files, e);
            throw e;
        }
        ExperimentReport report = report(network, testing.size(), results, files, "");
        report.write(output);
        return report;
    }

    /** Hours may have gone into what is done. A report that fails too must not hide why the experiment ended. */
    private void reportWhatIsDone(
            String network, int testSize, Results results, ExperimentFiles files, Exception reason) {
        if (results.scores().values().stream().allMatch(List::isEmpty)) {
            return;
        }
        String notice =
                "The experiment ended early (" + reason.getMessage() + "): what follows is what was done before. ";
        try {
            report(network, testSize, results, files, notice).write(output);
        } catch (RuntimeException | IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** What all trials have in common: their test data, strangers if there are any, and where results go. */
    private record Trials(
            MutableDataset<Label> testing,
            @Nullable MutableDataset<Label> strangers,
            ExperimentFiles files,
            Results results,
            ProgressListener progress) {}

    private void adaptAll(Trials trials) throws IOException {
        int step = 0;
        for (ClassificationTask task : tasks) {
            MutableDataset<Label> training = new MutableDataset<>(task.training());
            for (ClassificationMethod method : methods) {
                trials.progress().progress("tasks and methods", step++, (long) tasks.size() * methods.size());
                if (method.takes(training.size())) {
                    adapt(method, task, training, trials);
                }
            }
        }
        trials.progress().progress("tasks and methods", step, step);
    }

    private static void adapt(
            ClassificationMethod method, ClassificationTask task, MutableDataset<Label> training, Trials trials)
            throws IOException {
        if (method.trainer() instanceof RepeatableTrainer<?, ?> reporter) {
            reporter.setProgressListener((stage, done, total) ->
                    trials.progress().progress(method.name() + ", " + task.name() + ": " + stage, done, total));
        }
        TaskResult result = new Trial<>(method.trainer(), training, trials.files())
                .run(method.name() + "-" + task.name(), (model, seconds) -> test(method, task, model, seconds, trials));
        trials.results()
                .scores()
                .computeIfAbsent(method, unused -> new ArrayList<>())
                .add(result);
    }

    private static TaskResult test(
            ClassificationMethod method, ClassificationTask task, Model<Label> model, double seconds, Trials trials) {
        ProbabilisticLabelEvaluation evaluation = new ProbabilisticLabelEvaluator().evaluate(model, trials.testing());
        MutableDataset<Label> strangers = trials.strangers();
        trials.results()
                .reliability()
                .computeIfAbsent(task.group(), unused -> new LinkedHashMap<>())
                .put(method.name(), evaluation.reliability());
        TaskResult result = TaskResult.of(task.name(), evaluation, seconds);
        if (strangers == null) {
            return result;
        }
        double[] entropies = model.predict(strangers).stream()
                .mapToDouble(prediction -> prediction.getOutputScores().values().stream()
                        .mapToDouble(Label::getScore)
                        .map(p -> p > 0 ? -p * Math.log(p) : 0)
                        .sum())
                .toArray();
        OutOfDistribution detection = OutOfDistribution.of(evaluation.entropies(), entropies);
        trials.results()
                .detection()
                .computeIfAbsent(task.group(), unused -> new LinkedHashMap<>())
                .put(method.name(), detection);
        return result.with(ReportMetric.OOD_AUROC, detection.auroc());
    }

    private ExperimentReport report(String network, int testSize, Results results, ExperimentFiles files, String notice)
            throws IOException {
        ExperimentReport.Builder report = ExperimentReport.of(title)
                .introduction(notice + introduction + " Seconds are for adapting; all methods are tested on the same "
                        + testSize + " examples.")
                .setting("Network", network)
                .setting("Backbone", backbone.path().toString());
        groups().forEach(report::group);
        results.scores().forEach((method, tasksOfIt) -> {
            if (!tasksOfIt.isEmpty()) {
                report.method(method.name(), method.description(), tasksOfIt);
            }
        });
        results.reliability()
                .forEach((group, bins) -> report.plot(
                        "Bars: how often predictions of that confidence are right, on the last task of the "
                                + "group; on the dashed line is calibrated. "
                                + "Dots: the share of predictions of that confidence.",
                        Plots.reliability("Reliability: " + group, bins)));
        results.detection()
                .forEach((group, curves) -> report.plot(
                        "How well the entropy of the predicted probabilities tells examples of other "
                                + "classes, on the last task of the group.",
                        Plots.outOfDistribution("Other classes: " + group, curves)));
        return report.section("Provenance", files.writeProvenance(getProvenance()))
                .build();
    }
}
