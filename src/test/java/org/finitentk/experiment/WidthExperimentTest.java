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
import java.util.List;
import java.util.concurrent.CancellationException;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published experiment with two small networks and two tasks. */
final class WidthExperimentTest {
    @TempDir
    Path folder = Path.of("");

    private ConfigurationManager configuration() {
        ConfigurationManager configuration = new ConfigurationManager(
                Path.of("tribuo-config", "sinusoid-widths.xml").toAbsolutePath().toString());
        configuration.setGlobalProperty("output", folder.toString());
        configuration.overrideConfigurableProperty("widths", "tasks", new SimpleProperty("2"));
        configuration.overrideConfigurableProperty(
                "widths", "sources", ListProperty.createFromStringList(List.of("source-5", "source-20")));
        return configuration;
    }

    @Test
    void networksAreGroupsAndTasksAreTheSame() throws IOException {
        ExperimentReport report = ((Experiment) configuration().lookup("widths")).run(ProgressListener.NONE);
        assertEquals(3, report.methods().size());
        for (var method : report.methods()) {
            assertEquals(
                    List.of("1-5-5-1 tanh 1", "1-5-5-1 tanh 2", "1-20-20-1 tanh 1", "1-20-20-1 tanh 2"),
                    method.tasks().stream().map(TaskResult::task).toList());
        }
        // without a network, its width makes no difference
        List<TaskResult> rbf = report.methods().get(2).tasks();
        assertEquals(rbf.get(0).value(ReportMetric.NLPD), rbf.get(2).value(ReportMetric.NLPD));
        List<TaskResult> trained = report.methods().get(0).tasks();
        assertTrue(trained.get(0).value(ReportMetric.NLPD) != trained.get(2).value(ReportMetric.NLPD));
        Path model = folder.resolve("provenance/untrained-kernel-1-20-20-1-tanh-2.json");
        assertTrue(Files.readString(model).contains("1-20-20-1-tanh-untrained.onnx"));
        try (ReproductionResult result = Reproduction.read(model).reproduce(ProgressListener.NONE)) {
            assertTrue(result.identical(), result.differences()::toString);
        }
    }

    @Test
    void whatIsDoneIsWrittenBeforeALaterNetworkEndsIt() throws IOException {
        Experiment experiment = (Experiment) configuration().lookup("widths");
        assertThrows(
                CancellationException.class,
                () -> experiment.run((stage, done, total) -> {
                    if (stage.equals("networks") && done == 1) {
                        throw new CancellationException();
                    }
                }));
        String csv = Files.readString(folder.resolve("results.csv"));
        assertTrue(csv.contains("1-5-5-1 tanh 2") && !csv.contains("1-20-20-1"), csv);
    }

    @Test
    void methodsOnSourceRowsAreRefused() {
        ConfigurationManager configuration = configuration();
        configuration.overrideConfigurableProperty("rbf", "rows", new SimpleProperty("TRAINING"));
        assertThrows(PropertyException.class, () -> configuration.lookup("widths"));
    }
}
