package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MethodResult;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.network.ProgressListener;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;

/** The whole path of provenance/rivals on a small table: two networks, rivals and an ensemble, one report. */
@NullUnmarked
final class SeveralExperimentsTest {
    @TempDir
    private Path folder = Path.of("");

    private Path table = Path.of("");

    @BeforeEach
    void write() throws IOException {
        Random random = new Random(5);
        List<String> lines = new ArrayList<>(List.of("where,a,b,y"));
        for (int i = 0; i < 400; i++) {
            double where = random.nextGaussian();
            double a = random.nextGaussian();
            double b = 5 + 3 * random.nextGaussian();
            lines.add(String.format(
                    Locale.ROOT, "%.4f,%.4f,%.4f,%.4f", where, a, b, a + 0.5 * where + 0.2 * random.nextGaussian()));
        }
        table = Files.write(folder.resolve("table.csv"), lines);
    }

    private String data(String name, String part, int rows, String thresholds, String labels) {
        return "<component name='" + name + "' type='org.finitentk.experiment.ThresholdCsvDataSource'>"
                + "<property name='path' value='" + table + "'/><property name='part' value='" + part
                + "'/><property name='parting' value='where'/><property name='tests' value='80'/>"
                + "<property name='maximumRows' value='" + rows + "'/><propertylist name='thresholds'>"
                + items(thresholds) + "</propertylist><propertylist name='labels'>" + items(labels)
                + "</propertylist></component>\n";
    }

    private static String items(String words) {
        StringBuilder items = new StringBuilder();
        for (String word : words.split(",")) {
            items.append("<item>").append(word).append("</item>");
        }
        return items.toString();
    }

    private static String tuner(String key, String method, String trained) {
        return method(key, method)
                + "<component name='" + key + "-" + method
                + "-trainer' type='org.finitentk.finetune.FineTuningClassificationTrainer'>"
                + "<property name='backbone' value='" + key + "-net'/><property name='optimizer' value='adam'/>"
                + "<property name='outputOrder' value='SORTED'/><property name='epochs' value='4'/><property name='batchSize' value='8'/>"
                + "<property name='trainedParameters' value='" + trained + "'/></component>\n";
    }

    private static String method(String key, String method) {
        return "<component name='" + key + "-" + method + "' type='org.finitentk.experiment.ClassificationMethod'>"
                + "<property name='name' value='" + method + "'/><property name='trainer' value='" + key + "-" + method
                + "-trainer'/></component>\n";
    }

    private String experiment(String key, String thresholds, String labels, String methods) {
        StringBuilder listed = new StringBuilder();
        for (String method : methods.split(",")) {
            listed.append(key).append('-').append(method).append(',');
        }
        return "<component name='" + key + "' type='org.finitentk.experiment.ClassificationExperiment'>"
                + "<property name='output' value='" + folder.resolve(key) + "'/><property name='title' value='" + key
                + "'/><property name='backbone' value='" + key + "-net'/><property name='source' value='" + key
                + "-source'/><property name='test' value='" + key + "-test'/><propertylist name='tasks'><item>" + key
                + "-task</item></propertylist><propertylist name='methods'>" + items(listed.toString())
                + "</propertylist></component>\n<component name='" + key + "-task' "
                + "type='org.finitentk.experiment.ClassificationTask'><property name='name' value='" + key
                + " 1'/><property name='group' value='" + key + "'/><property name='training' value='" + key
                + "-few'/></component>\n<component name='" + key + "-net' type='org.finitentk.backbone.OnnxBackbone'>"
                + "<property name='path' value='" + folder.resolve(key).resolve("network.onnx")
                + "'/><property name='featureOrder' value='SORTED'/></component>\n<component name='" + key
                + "-source' type='org.finitentk.experiment.TableNetworkTraining'><property name='data' value='" + key
                + "-old'/><property name='optimizer' value='adam'/><property name='epochs' value='40'/>"
                + "<propertylist name='hiddenSizes'><item>8</item></propertylist></component>\n"
                + data(key + "-old", "SOURCE", 0, thresholds, labels)
                + data(key + "-few", "ADAPTATION", 30, thresholds, labels)
                + data(key + "-test", "TEST", 0, thresholds, labels)
                + tuner(key, "tuned", "ALL") + tuner(key, "temperature", "TEMPERATURE") + tuner(key, "platt", "PLATT")
                + method(key, "ensemble") + "<component name='" + key
                + "-ensemble-trainer' type='org.finitentk.experiment.EnsembleTrainer'><property name='trainer' value='"
                + key + "-tuned-trainer'/><property name='members' value='3'/></component>\n";
    }

    private ConfigurationManager configuration(String gradesMethods) throws IOException {
        String xml = "<config><component name='all' type='org.finitentk.experiment.SeveralExperiments'><property "
                + "name='output' value='" + folder.resolve("out") + "'/><propertylist name='experiments'>"
                + "<item>high</item><item>grades</item></propertylist></component>\n"
                + "<component name='adam' type='org.finitentk.finetune.Adam'><property name='learningRate' "
                + "value='0.01'/></component>\n"
                + experiment("high", "1", "no,yes", "tuned,ensemble,temperature,platt")
                + experiment("grades", "-0.5,0.5", "0,1,2", gradesMethods) + "</config>";
        return new ConfigurationManager(Files.write(folder.resolve("config.xml"), xml.getBytes(StandardCharsets.UTF_8))
                .toString());
    }

    @Test
    void oneReportHasAllAndAnEnsembleCanBeReproduced() throws IOException {
        try (ConfigurationManager configuration = configuration("tuned,ensemble,temperature")) {
            ExperimentReport report = ((Experiment) configuration.lookup("all")).run(ProgressListener.NONE);
            assertEquals(
                    List.of("tuned", "ensemble", "temperature", "platt"),
                    report.methods().stream().map(MethodResult::name).toList());
            assertEquals(
                    List.of("high 1", "grades 1"),
                    report.methods().get(1).tasks().stream()
                            .map(TaskResult::task)
                            .toList());
            assertEquals(1, report.methods().get(3).tasks().size(), "Platt's scaling is for one logit");
            for (MethodResult method : report.methods()) {
                for (TaskResult task : method.tasks()) {
                    assertTrue(task.value(ReportMetric.ACCURACY) > 0.6, method.name() + " " + task);
                    assertTrue(task.value(ReportMetric.AVERAGE_PRECISION) > 0.5, method.name() + " " + task);
                }
            }
            membersDifferAndTheirProbabilitiesAreAveraged(configuration);
        }
        assertTrue(Files.exists(folder.resolve("out/report.html")));
        assertTrue(Files.exists(folder.resolve("out/provenance/experiment.json")));
        assertTrue(Files.exists(folder.resolve("high/report.html")));
        ReproductionResult again = Reproduction.read(folder.resolve("high/provenance/ensemble-high-1.json"))
                .reproduce(ProgressListener.NONE);
        assertTrue(again.identical(), again.differences().toString());
    }

    private static void membersDifferAndTheirProbabilitiesAreAveraged(ConfigurationManager configuration) {
        EnsembleTrainer trainer = (EnsembleTrainer) configuration.lookup("grades-ensemble-trainer");
        MutableDataset<Label> few = new MutableDataset<>((ThresholdCsvDataSource) configuration.lookup("grades-few"));
        assertEquals(30, few.size());
        var ensemble = trainer.train(few, Map.of(), 0);
        Example<Label> example = few.getExample(0);
        assertEquals(3, ensemble.getModels().size());
        double[] own = ensemble.getModels().stream()
                .mapToDouble(member ->
                        member.predict(example).getOutputScores().get("1").getScore())
                .toArray();
        assertTrue(own[0] != own[1] && own[1] != own[2] && own[0] != own[2]);
        assertEquals(
                (own[0] + own[1] + own[2]) / 3,
                ensemble.predict(example).getOutputScores().get("1").getScore(),
                1e-9);
        assertTrue(ensemble.predict(example).hasProbabilities());
    }

    @Test
    void partsAreApartAndStandardizedByTheSource() throws IOException {
        try (ConfigurationManager configuration = configuration("tuned")) {
            List<Example<Label>> old = examples(configuration, "grades-old");
            List<Example<Label>> test = examples(configuration, "grades-test");
            List<Example<Label>> few = examples(configuration, "grades-few");
            assertEquals(200, old.size());
            assertEquals(80, test.size());
            assertEquals(30, few.size());
            assertTrue(few.stream()
                    .noneMatch(one -> test.stream()
                            .anyMatch(other ->
                                    value(one, "b") == value(other, "b") && value(one, "a") == value(other, "a"))));
            assertEquals(
                    0, old.stream().mapToDouble(e -> value(e, "b")).average().orElseThrow(), 1e-9);
            assertEquals(
                    1,
                    old.stream()
                            .mapToDouble(e -> value(e, "b") * value(e, "b"))
                            .average()
                            .orElseThrow(),
                    1e-9);
            double border =
                    old.stream().mapToDouble(e -> value(e, "where")).max().orElseThrow();
            assertTrue(test.stream().allMatch(e -> value(e, "where") > border));
            assertTrue(few.stream().allMatch(e -> value(e, "where") > border));
        }
    }

    private static List<Example<Label>> examples(ConfigurationManager configuration, String name) {
        List<Example<Label>> all = new ArrayList<>();
        ((ThresholdCsvDataSource) configuration.lookup(name)).iterator().forEachRemaining(all::add);
        return all;
    }

    private static double value(Example<Label> example, String feature) {
        return example.lookup(feature).getValue();
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        try (ConfigurationManager configuration = configuration("platt")) {
            Experiment several = (Experiment) configuration.lookup("grades");
            String refusal = assertThrows(IllegalArgumentException.class, () -> several.run(ProgressListener.NONE))
                    .getMessage();
            assertTrue(refusal.contains("the network has 3; expected TEMPERATURE"), refusal);
        }
        String wrong = Files.readString(folder.resolve("config.xml"))
                .replace("<item>-0.5</item><item>0.5</item>", "<item>0.5</item><item>0.5</item>");
        Path file = Files.writeString(folder.resolve("wrong.xml"), wrong);
        try (ConfigurationManager configuration = new ConfigurationManager(file.toString())) {
            String refusal = assertThrows(PropertyException.class, () -> configuration.lookup("grades-few"))
                    .getMessage();
            assertTrue(refusal.contains("rising numbers"), refusal);
        }
        Files.writeString(
                file,
                Files.readString(folder.resolve("config.xml"))
                        .replace("name='parting' value='where'", "name='parting' value='y'"));
        try (ConfigurationManager configuration = new ConfigurationManager(file.toString())) {
            ThresholdCsvDataSource source = (ThresholdCsvDataSource) configuration.lookup("grades-few");
            String refusal = assertThrows(IllegalArgumentException.class, source::iterator)
                    .getMessage();
            assertTrue(refusal.contains("has no feature 'y'"), refusal);
        }
    }
}
