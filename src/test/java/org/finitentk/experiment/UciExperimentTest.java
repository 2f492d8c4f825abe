package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.property.ListProperty;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MethodResult;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The published experiment with fewer and smaller steps, on generated data. */
final class UciExperimentTest {
    @TempDir
    Path folder = Path.of("");

    private static final Map<String, Map<String, String>> SMALL = Map.of(
            "uci", Map.of("splits", "2"),
            "source", Map.of("epochs", "10"),
            "last-layer", Map.of("epochs", "5"),
            "full-fine-tuning", Map.of("epochs", "5"),
            "rbf", Map.of("learningRows", "20"),
            "rbf-all-rows", Map.of("learningRows", "20"));

    private ConfigurationManager configuration(String output, String... dataSets) {
        ConfigurationManager configuration = new ConfigurationManager(
                Path.of("tribuo-config", "uci-gp.xml").toAbsolutePath().toString());
        configuration.setGlobalProperty("output", folder.resolve(output).toString());
        SMALL.forEach((component, values) -> values.forEach((name, value) ->
                configuration.overrideConfigurableProperty(component, name, new SimpleProperty(value))));
        configuration.overrideConfigurableProperty(
                "uci", "data", new SimpleProperty(folder.resolve("data").toString()));
        configuration.overrideConfigurableProperty(
                "uci", "dataSets", ListProperty.createFromStringList(List.of(dataSets)));
        return configuration;
    }

    private Experiment load(String output, String... dataSets) {
        return (Experiment) configuration(output, dataSets).lookup("uci");
    }

    private void writeData() throws IOException {
        GeneratedCsv.write(folder.resolve("data/small.csv"), 80, 1);
        GeneratedCsv.write(folder.resolve("data/packed.csv.gz"), 60, 2);
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
    void resultsRepeatAndAreSummarizedByDataSet() throws IOException {
        writeData();
        ExperimentReport first = load("first", "small", "packed").run(ProgressListener.NONE);
        assertEquals(scores(first), scores(load("second", "small", "packed").run(ProgressListener.NONE)));
        assertEquals(
                List.of(
                        "Finite-NTK GP",
                        "Finite-NTK GP, mean AUTO",
                        "Bayesian last layer",
                        "Untrained kernel",
                        "RBF GP",
                        "RBF GP, both halves",
                        "RBF on last layer",
                        "Network as it is",
                        "Last-layer fine-tuning",
                        "Full fine-tuning"),
                first.methods().stream().map(MethodResult::name).toList());
        for (MethodResult method : first.methods()) {
            assertEquals(
                    List.of("small 1", "small 2", "packed 1", "packed 2"),
                    method.tasks().stream().map(TaskResult::task).toList());
            method.tasks()
                    .forEach(task -> task.metrics()
                            .forEach(
                                    (metric, value) -> assertTrue(Double.isFinite(value), () -> task.task() + metric)));
        }
        for (String name : List.of(
                "report.html",
                "results.csv",
                "results.json",
                "comparison-nlpd.png",
                "comparison-nlpd.svg",
                "calibration.png",
                "networks/small-2.onnx",
                "provenance/experiment.json",
                "provenance/network-as-it-is-packed-1.json")) {
            assertTrue(Files.size(folder.resolve("first").resolve(name)) > 100, name);
        }
        for (String name : List.of(
                "finite-ntk-gp-packed-2",
                "bayesian-last-layer-packed-1",
                "untrained-kernel-packed-1",
                "rbf-on-last-layer-small-1",
                "network-as-it-is-small-1",
                "last-layer-fine-tuning-small-2",
                "full-fine-tuning-packed-1")) {
            try (ReproductionResult reproduction = Reproduction.read(
                            folder.resolve("first/provenance/" + name + ".json"))
                    .reproduce(ProgressListener.NONE)) {
                assertTrue(reproduction.identical(), () -> name + reproduction.differences());
                assertEquals(2, reproduction.files().size(), () -> name + reproduction.files());
            }
        }
        assertRowsNetworksAndLayers(folder.resolve("first"));
    }

    /** A method on both halves has no network; others have a part of one, or an untrained one. */
    private static void assertRowsNetworksAndLayers(Path experiment) throws IOException {
        Path provenance = experiment.resolve("provenance");
        Path both = provenance.resolve("rbf-gp-both-halves-small-1.json");
        assertTrue(Files.readString(both).contains("TRAINING"));
        assertTrue(Files.readString(provenance.resolve("rbf-on-last-layer-small-1.json"))
                .contains("/tanh.3/output"));
        assertTrue(Files.readString(provenance.resolve("untrained-kernel-small-1.json"))
                .contains("small-1-untrained.onnx"));
        assertTrue(Files.exists(experiment.resolve("networks/small-1-untrained.onnx")));
        try (ReproductionResult result = Reproduction.read(both).reproduce(ProgressListener.NONE)) {
            assertTrue(result.identical(), result.differences()::toString);
            assertEquals(1, result.files().size());
        }
    }

    @Test
    void missingDataIsOneSentence() throws IOException {
        String folderMissing = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> load("out", "small").run(ProgressListener.NONE))
                .getMessage());
        assertTrue(
                folderMissing.contains("data folder '" + folder.resolve("data").toAbsolutePath())
                        && folderMissing.contains("small.csv.gz"),
                folderMissing);
        writeData();
        String fileMissing = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> load("out", "small", "other").run(ProgressListener.NONE))
                .getMessage());
        assertTrue(fileMissing.contains("neither other.csv nor other.csv.gz"), fileMissing);
        assertTrue(Files.notExists(folder.resolve("out")), "work began before all files were found");
    }

    @Test
    void aListenerCancels() throws IOException {
        writeData();
        Experiment experiment = load("cancelled", "small");
        List<Long> heard = new ArrayList<>();
        assertThrows(
                CancellationException.class,
                () -> experiment.run((stage, done, total) -> {
                    heard.add(done);
                    assertEquals(22, total);
                    if (done == 2) {
                        throw new CancellationException();
                    }
                }));
        assertEquals(List.of(0L, 1L, 2L), heard);
        assertTrue(Files.notExists(folder.resolve("cancelled/report.html")));
    }

    @Test
    void whatIsDoneIsWrittenBeforeALaterSetEndsIt() throws IOException {
        writeData();
        ConfigurationManager configuration = configuration("half", "small", "packed");
        configuration.overrideConfigurableProperty(
                "uci", "methods", ListProperty.createFromStringList(List.of("network")));
        Experiment experiment = (Experiment) configuration.lookup("uci");
        assertThrows(
                CancellationException.class,
                () -> experiment.run((stage, done, total) -> {
                    if (stage.equals("packed") && done == 1) {
                        throw new CancellationException();
                    }
                }));
        String csv = Files.readString(folder.resolve("half/results.csv"));
        assertTrue(csv.contains("small 2") && !csv.contains("packed"), csv);
        assertTrue(Files.exists(folder.resolve("half/report.html")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"splits=0", "testFraction=1", "testFraction=0", "threads=-1", "maximumRows=-1"})
    void impossibleSettingsAreRefused(String setting) {
        ConfigurationManager configuration = configuration("out", "small");
        configuration.overrideConfigurableProperty(
                "uci", setting.split("=", -1)[0], new SimpleProperty(setting.split("=", -1)[1]));
        assertThrows(PropertyException.class, () -> configuration.lookup("uci"));
    }

    @Test
    void aDataSetTwiceIsRefused() {
        assertThrows(PropertyException.class, () -> load("out", "small", "small"));
    }
}
