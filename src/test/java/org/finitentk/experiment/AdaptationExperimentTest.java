package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.property.ListProperty;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MethodResult;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The template for tables of one's own, as it is and with what people change. */
@NullUnmarked
final class AdaptationExperimentTest {
    @TempDir
    private Path folder = Path.of("");

    private ConfigurationManager template() {
        ConfigurationManager configuration = new ConfigurationManager(
                Path.of("tribuo-config", "your-table.xml").toAbsolutePath().toString());
        configuration.setGlobalProperty("output", folder.toString());
        return configuration;
    }

    private static ExperimentReport run(ConfigurationManager configuration, String component) throws IOException {
        return ((Experiment) configuration.lookup(component)).run(ProgressListener.NONE);
    }

    private static MethodResult method(ExperimentReport report, String name) {
        return report.methods().stream()
                .filter(method -> method.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void numbers() throws IOException {
        ExperimentReport report = run(template(), "numbers");
        assertEquals(
                List.of("Finite-NTK GP", "Network as it is", "Last-layer fine-tuning", "RBF GP", "Mean"),
                report.methods().stream().map(MethodResult::name).toList());
        assertTrue(method(report, "Finite-NTK GP").summary(ReportMetric.RMSE).mean()
                < 0.3
                        * method(report, "Network as it is")
                                .summary(ReportMetric.RMSE)
                                .mean());
        assertTrue(Files.size(folder.resolve("numbers/report.html")) > 1000);
        assertReproduced("numbers", "finite-ntk-gp-split-2");
        assertReproduced("numbers", "rbf-gp-split-1");
        assertReproduced("numbers", "mean-split-1");
    }

    private void assertReproduced(String experiment, String model) throws IOException {
        try (ReproductionResult reproduction = Reproduction.read(
                        folder.resolve(experiment + "/provenance/" + model + ".json"))
                .reproduce(ProgressListener.NONE)) {
            assertTrue(reproduction.identical(), () -> model + reproduction.differences());
        }
    }

    /** A method without probabilities has an accuracy, and dashes. */
    @Test
    void labels() throws IOException {
        ConfigurationManager configuration = template();
        configuration.overrideConfigurableProperty("labels", "splits", new SimpleProperty("2"));
        ExperimentReport report = run(configuration, "labels");
        double accuracy =
                method(report, "Finite NTK").summary(ReportMetric.ACCURACY).mean();
        assertTrue(accuracy > 0.8, () -> "accuracy " + accuracy);
        assertTrue(Double.isNaN(
                method(report, "Most frequent").summary(ReportMetric.NLL).mean()));
        assertTrue(
                method(report, "Most frequent").summary(ReportMetric.ACCURACY).mean() > 0.4);
        assertReproduced("labels", "finite-ntk-split-2");
    }

    @Test
    void aTestSet() throws IOException {
        ConfigurationManager configuration = template();
        configuration.overrideConfigurableProperty("numbers", "test", new SimpleProperty("test-rows"));
        configuration.overrideConfigurableProperty(
                "numbers", "methods", ListProperty.createFromStringList(List.of("finite-ntk", "mean")));
        ExperimentReport report = run(configuration, "numbers");
        assertEquals(
                "80 to train on, 40 to test on (test set)", report.settings().get("Examples"));
        assertReproduced("numbers", "finite-ntk-gp-test-set");
    }

    @Test
    void aMethodOfAnotherKindIsNamedAndWhatIsDoneIsWritten() {
        ConfigurationManager configuration = template();
        configuration.overrideConfigurableProperty(
                "labels", "methods", ListProperty.createFromStringList(List.of("most-frequent", "mean")));
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> run(configuration, "labels"))
                .getMessage());
        assertTrue(
                message.contains("'Mean' has a DummyRegressionTrainer, which learns outputs of another kind"), message);
        assertTrue(Files.exists(folder.resolve("labels/report.html")));
    }

    /** What the template says of several labels, with columns that say yes and no. */
    @Test
    void severalLabels() throws IOException {
        StringBuilder table = new StringBuilder("load,temperature,age,hot,old\n");
        for (int i = 0; i < 40; i++) {
            double t = Math.sin(7 * i);
            double age = Math.cos(11 * i);
            table.append(i / 20.0 - 1).append(',').append(t).append(',').append(age);
            table.append(t > 0 ? ",1" : ",0").append(age > 0.3 ? ",1\n" : ",0\n");
        }
        Path data = Files.writeString(folder.resolve("faults.csv"), table);
        String template = Files.readString(Path.of("tribuo-config", "your-table.xml"));
        int from = template.indexOf("<!-- SEVERAL");
        String several = template.substring(template.indexOf("<property", from), template.indexOf("SEVERAL -->", from));
        Path config =
                Files.writeString(folder.resolve("several.xml"), template.replace("</config>", several + "</config>"));
        ConfigurationManager configuration =
                new ConfigurationManager(config.toAbsolutePath().toString());
        configuration.setGlobalProperty("output", folder.toString());
        configuration.setGlobalProperty("faults", data.toString());
        ExperimentReport report = run(configuration, "faults");
        MethodResult laplace = method(report, "Laplace, several labels");
        assertTrue(laplace.summary(ReportMetric.ECE).mean() < 0.5);
        assertTrue(Files.exists(folder.resolve("faults/reliability.png")));
        assertReproduced("faults", "laplace-several-labels-split-1");
    }
}
