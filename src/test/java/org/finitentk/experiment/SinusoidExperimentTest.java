package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.json.JsonConfigFactory;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MethodResult;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.Reproduction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;
import org.tribuo.test.Helpers;

/** The published experiment with fewer and smaller steps, from both of its configuration files. */
final class SinusoidExperimentTest {
    @TempDir
    Path folder = Path.of("");

    private static final Map<String, Map<String, String>> SMALL = Map.of(
            "sinusoids", Map.of("tasks", "3", "testPoints", "20", "sourcePoints", "60", "drawnTasks", "2"),
            "source", Map.of("epochs", "20"),
            "full-trainer", Map.of("epochs", "30"),
            "last-trainer", Map.of("epochs", "30"));

    private Experiment load(String file, String output) {
        ConfigurationManager.addFileFormatFactory(new JsonConfigFactory());
        ConfigurationManager configuration = new ConfigurationManager(
                Path.of("tribuo-config", file).toAbsolutePath().toString());
        configuration.setGlobalProperty("output", folder.resolve(output).toString());
        SMALL.forEach((component, values) -> values.forEach((name, value) ->
                configuration.overrideConfigurableProperty(component, name, new SimpleProperty(value))));
        return (Experiment) configuration.lookup("sinusoids");
    }

    /** All scores but seconds. */
    private static List<Double> scores(ExperimentReport report) {
        return report.methods().stream()
                .flatMap(method -> method.tasks().stream())
                .flatMap(task -> task.metrics().entrySet().stream())
                .filter(score -> !score.getKey().equals(ReportMetric.SECONDS))
                .map(Map.Entry::getValue)
                .toList();
    }

    @Test
    void xmlAndJsonAreOneExperimentAndItsResultsRepeat() throws IOException {
        ExperimentReport first = load("sinusoids-gp.xml", "first").run(ProgressListener.NONE);
        ExperimentReport second = load("sinusoids-gp.json", "second").run(ProgressListener.NONE);
        assertEquals(
                List.of("Finite-NTK GP", "Full fine-tuning", "Last-layer fine-tuning"),
                first.methods().stream().map(MethodResult::name).toList());
        assertEquals(scores(first), scores(second));
        assertEquals(-1, Files.mismatch(folder.resolve("first/source.onnx"), folder.resolve("second/source.onnx")));
        for (MethodResult method : first.methods()) {
            assertEquals(3, method.tasks().size());
            for (TaskResult task : method.tasks()) {
                assertTrue(task.value(ReportMetric.RMSE) > 0 && task.value(ReportMetric.SECONDS) > 0, task.toString());
            }
        }
        for (String name : List.of(
                "report.html",
                "results.csv",
                "results.json",
                "finite-ntk-gp-predictions.png",
                "finite-ntk-gp-predictions.svg",
                "full-fine-tuning-predictions.png",
                "last-layer-fine-tuning-predictions.svg",
                "provenance/experiment.json",
                "provenance/full-fine-tuning-03.json")) {
            assertTrue(Files.size(folder.resolve("first").resolve(name)) > 100, name);
        }
        var reproduction = Reproduction.read(folder.resolve("first/provenance/finite-ntk-gp-02.json"))
                .reproduce(ProgressListener.NONE);
        try (reproduction) {
            assertTrue(reproduction.identical(), reproduction.differences().toString());
        }
    }

    @Test
    void pointsFollowFromTheConfiguration() {
        SinusoidDataSource source =
                new SinusoidDataSource(new SinusoidDataSource.Curve(2, 1.5, 0.3), 0.01, -1, 4, 50, 7);
        List<Double> first = targets(source);
        assertEquals(first, targets(source));
        assertEquals(50, first.size());
        MutableDataset<Regressor> data = new MutableDataset<>(source);
        data.forEach(example -> {
            double x = example.iterator().next().getValue();
            assertTrue(x >= -1 && x <= 4);
            assertEquals(2 * Math.sin(1.5 * x + 0.3), example.getOutput().getValues()[0], 0.06);
        });
        Helpers.testProvenanceMarshalling(source.getProvenance());
        assertThrows(
                PropertyException.class,
                () -> new SinusoidDataSource(new SinusoidDataSource.Curve(1, 1, 0), -1, 0, 1, 5, 1));
        assertThrows(
                PropertyException.class,
                () -> new SinusoidDataSource(new SinusoidDataSource.Curve(1, 1, 0), 0, 1, 1, 5, 1));
        assertThrows(
                PropertyException.class,
                () -> new SinusoidDataSource(new SinusoidDataSource.Curve(1, 1, 0), 0, 0, 1, 0, 1));
    }

    private static List<Double> targets(SinusoidDataSource source) {
        return new MutableDataset<>(source)
                .getData().stream()
                        .map(example -> example.getOutput().getValues()[0])
                        .toList();
    }
}
