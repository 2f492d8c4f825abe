package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.RegressionPanel;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ProgressListener;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.impl.ArrayExample;
import org.tribuo.regression.Regressor;

/**
 * The sinusoid experiment of Maddox et al. 2021 (section 5.1): a small network is trained on one sinusoid, and every
 * method adapts it to new sinusoids of which it sees a few points. The source network is written to the backbone's
 * path, from where the methods' trainers read it.
 */
final class SinusoidExperiment extends SinusoidTasks {
    private static final int CURVE_POINTS = 201;

    @Config(
            mandatory = true,
            description = "The network that the methods adapt; its file is written by the experiment.")
    private OnnxBackbone backbone;

    @Config(mandatory = true, description = "How the source network is made and trained.")
    private SourceTraining source;

    @Config(mandatory = true, description = "The methods to compare.")
    private List<AdaptationMethod> methods = new ArrayList<>();

    @Config(description = "How many of the tasks are drawn, from the first.")
    private int drawnTasks = 6;

    private SinusoidExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> Settings.requireDifferent(
                "methods", methods.stream().map(AdaptationMethod::name).toList()));
    }

    private static String name(Task task) {
        return "Task " + task.number();
    }

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        ExperimentFiles files = new ExperimentFiles(output());
        Drawn drawn = draw();
        SourceTraining.Trained trained = source.train(new MutableDataset<>(drawn.source()), backbone, progress);
        Map<AdaptationMethod, List<TaskResult>> results = new LinkedHashMap<>();
        methods.forEach(method -> results.put(method, new ArrayList<>()));
        for (AdaptationMethod method : methods) {
            for (Task task : drawn.tasks()) {
                results.getOrDefault(method, List.of()).add(adapt(method, task, files));
                progress.progress(method.name(), task.number(), tasks());
            }
        }
        ExperimentReport report = report(trained, drawn.source(), results, files);
        report.write(output());
        return report;
    }

    private TaskResult adapt(AdaptationMethod method, Task task, ExperimentFiles files) throws IOException {
        MutableDataset<Regressor> training = new MutableDataset<>(task.training());
        MutableDataset<Regressor> test = new MutableDataset<>(task.test());
        long start = System.nanoTime();
        Model<Regressor> model = method.trainer().train(training);
        model.predict(test);
        double seconds = (System.nanoTime() - start) / 1e9;
        TaskResult result =
                TaskResult.of(name(task), new PredictiveRegressionEvaluator().evaluate(model, test), seconds);
        files.writeProvenance(method.name(), task.number(), model);
        TaskResult drawn = task.number() <= drawnTasks ? result.withPanel(panel(task, model, training, test)) : result;
        if (model instanceof AutoCloseable closeable) {
            ExperimentFiles.close(closeable);
        }
        return drawn;
    }

    private RegressionPanel panel(
            Task task, Model<Regressor> model, MutableDataset<Regressor> training, MutableDataset<Regressor> test) {
        double[] x = positions(CURVE_POINTS);
        double[] truth = new double[CURVE_POINTS];
        List<Example<Regressor>> curve = new ArrayList<>();
        for (int i = 0; i < CURVE_POINTS; i++) {
            truth[i] = task.test().sinusoid().at(x[i]);
            curve.add(new ArrayExample<>(new Regressor("y", truth[i]), new String[] {"x"}, new double[] {x[i]}));
        }
        List<Prediction<Regressor>> predictions = model.predict(curve);
        double[] mean = predictions.stream()
                .mapToDouble(p -> p.getOutput().getValues()[0])
                .toArray();
        double[] variance = predictions.stream()
                .mapToDouble(p -> p.getOutput().getVariances()[0])
                .toArray();
        RegressionPanel panel = RegressionPanel.titled(name(task))
                .training(inputs(training), targets(training))
                .test(inputs(test), targets(test))
                .truth(x, truth);
        return Double.isNaN(variance[0]) ? panel.prediction(x, mean) : panel.prediction(x, mean, variance);
    }

    private static double[] inputs(MutableDataset<Regressor> data) {
        return data.getData().stream()
                .mapToDouble(example -> example.iterator().next().getValue())
                .toArray();
    }

    private static double[] targets(MutableDataset<Regressor> data) {
        return data.getData().stream()
                .mapToDouble(example -> example.getOutput().getValues()[0])
                .toArray();
    }

    private ExperimentReport report(
            SourceTraining.Trained trained,
            SinusoidDataSource sourceData,
            Map<AdaptationMethod, List<TaskResult>> results,
            ExperimentFiles files)
            throws IOException {
        SinusoidDataSource.Curve curve = sourceData.sinusoid();
        ExperimentReport.Builder report = ExperimentReport.of(
                        "Sinusoids: adapting one network to " + tasks() + " new tasks")
                .introduction("A " + source.architecture("1") + " network was trained on one sinusoid and adapted to "
                        + tasks() + " new ones, of which each method saw "
                        + seenAndScored("for adapting and predicting those"))
                .setting("Tasks", distribution())
                .setting(
                        "Source task",
                        String.format(
                                Locale.ROOT,
                                "A = %.3f, ω = %.3f, φ = %.3f, %d points",
                                curve.amplitude(),
                                curve.frequency(),
                                curve.phase(),
                                sourcePoints()))
                .setting(
                        "Source network",
                        String.format(
                                Locale.ROOT,
                                "%s, %d steps, final loss %.3g, SHA-256 %s",
                                backbone.path().getFileName(),
                                trained.steps(),
                                trained.loss(),
                                backbone.getProvenance().sha256()))
                .setting("Seed", seed());
        results.forEach((method, tasksOfIt) -> report.method(method.name(), method.description(), tasksOfIt));
        return report.section("Provenance", files.writeProvenance(getProvenance()))
                .build();
    }
}
