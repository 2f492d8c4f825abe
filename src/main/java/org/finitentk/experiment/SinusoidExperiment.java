package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.ExperimentReport;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.evaluation.RegressionPanel;
import org.finitentk.evaluation.TaskResult;
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
final class SinusoidExperiment implements Experiment {
    private static final int CURVE_POINTS = 201;

    @Config(mandatory = true, description = "Folder for the results.")
    private Path output;

    @Config(
            mandatory = true,
            description = "The network that the methods adapt; its file is written by the experiment.")
    private OnnxBackbone backbone;

    @Config(mandatory = true, description = "How the source network is made and trained.")
    private SourceTraining source;

    @Config(mandatory = true, description = "The methods to compare.")
    private List<AdaptationMethod> methods = new ArrayList<>();

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

    @Config(description = "How many of the tasks are drawn, from the first.")
    private int drawnTasks = 6;

    @Config(description = "Seed of the tasks and their points.")
    private long seed = 1;

    private SinusoidExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("tasks", tasks, 1);
            Settings.requireAtLeast("trainingPoints", trainingPoints, 1);
            Settings.requireAtLeast("testPoints", testPoints, 1);
            Settings.requireAtLeast("sourcePoints", sourcePoints, 1);
            Settings.requireDifferent(
                    "methods", methods.stream().map(AdaptationMethod::name).toList());
        });
    }

    @Override
    public Path output() {
        return output;
    }

    /** One task's points. */
    private record Task(int number, SinusoidDataSource training, SinusoidDataSource test) {
        String name() {
            return "Task " + number;
        }
    }

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        ExperimentFiles files = new ExperimentFiles(output);
        SplittableRandom random = new SplittableRandom(seed);
        SinusoidDataSource sourceData = points(Sinusoid.draw(random), sourcePoints, random.nextLong());
        SourceTraining.Trained trained = source.train(new MutableDataset<>(sourceData), backbone, progress);
        List<Task> all = new ArrayList<>();
        for (int i = 1; i <= tasks; i++) {
            Sinusoid curve = Sinusoid.draw(random);
            all.add(new Task(
                    i, points(curve, trainingPoints, random.nextLong()), points(curve, testPoints, random.nextLong())));
        }
        Map<AdaptationMethod, List<TaskResult>> results = new LinkedHashMap<>();
        methods.forEach(method -> results.put(method, new ArrayList<>()));
        for (AdaptationMethod method : methods) {
            for (Task task : all) {
                results.getOrDefault(method, List.of()).add(adapt(method, task, files));
                progress.progress(method.name(), task.number(), tasks);
            }
        }
        ExperimentReport report = report(trained, sourceData, results, files);
        report.write(output);
        return report;
    }

    private SinusoidDataSource points(Sinusoid curve, int count, long pointSeed) {
        return new SinusoidDataSource(curve, relativeNoise * curve.amplitude(), from, to, count, pointSeed);
    }

    private TaskResult adapt(AdaptationMethod method, Task task, ExperimentFiles files) throws IOException {
        MutableDataset<Regressor> training = new MutableDataset<>(task.training());
        MutableDataset<Regressor> test = new MutableDataset<>(task.test());
        long start = System.nanoTime();
        Model<Regressor> model = method.trainer().train(training);
        model.predict(test);
        double seconds = (System.nanoTime() - start) / 1e9;
        TaskResult result =
                TaskResult.of(task.name(), new PredictiveRegressionEvaluator().evaluate(model, test), seconds);
        files.writeProvenance(method.name(), task.number(), model);
        TaskResult drawn = task.number() <= drawnTasks ? result.withPanel(panel(task, model, training, test)) : result;
        if (model instanceof AutoCloseable closeable) {
            ExperimentFiles.close(closeable);
        }
        return drawn;
    }

    private RegressionPanel panel(
            Task task, Model<Regressor> model, MutableDataset<Regressor> training, MutableDataset<Regressor> test) {
        double[] x = new double[CURVE_POINTS];
        double[] truth = new double[CURVE_POINTS];
        List<Example<Regressor>> curve = new ArrayList<>();
        for (int i = 0; i < CURVE_POINTS; i++) {
            x[i] = from + (to - from) * i / (CURVE_POINTS - 1);
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
        RegressionPanel panel = RegressionPanel.titled(task.name())
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
        Sinusoid curve = sourceData.sinusoid();
        ExperimentReport.Builder report = ExperimentReport.of(
                        "Sinusoids: adapting one network to " + tasks + " new tasks")
                .introduction("A " + source.architecture("1") + " network was trained on one sinusoid and adapted to "
                        + tasks + " new ones, of which each method saw " + trainingPoints + " points. Scores are on "
                        + testPoints + " other noisy points of each task; seconds are for adapting and "
                        + "predicting those.")
                .setting(
                        "Tasks",
                        "A sin(ωx + φ) with A in [0.1, 5], ω in [0.5, 2], φ in [0, 2π], noise " + relativeNoise
                                + " A, x in [" + from + ", " + to + "]")
                .setting(
                        "Source task",
                        String.format(
                                Locale.ROOT,
                                "A = %.3f, ω = %.3f, φ = %.3f, %d points",
                                curve.amplitude(),
                                curve.frequency(),
                                curve.phase(),
                                sourcePoints))
                .setting(
                        "Source network",
                        String.format(
                                Locale.ROOT,
                                "%s, %d steps, final loss %.3g, SHA-256 %s",
                                backbone.path().getFileName(),
                                trained.steps(),
                                trained.loss(),
                                backbone.getProvenance().sha256()))
                .setting("Seed", Long.toString(seed));
        results.forEach((method, tasksOfIt) -> report.method(method.name(), method.description(), tasksOfIt));
        return report.section("Provenance", files.writeProvenance(getProvenance()))
                .build();
    }
}
