package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MethodResult;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.provenance.Reproduction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole path of provenance/fashion-shared on images of 8 × 8 that a test can learn. */
final class ClassificationExperimentTest {
    private static final int SIDE = 8;

    @TempDir
    private Path folder = Path.of("");

    /** Class c is a bright bar: columns for 0 to 2, rows for 3 to 5, with noise. */
    private void write(String name, int n, long seed) throws IOException {
        Random random = new Random(seed);
        try (DataOutputStream images = new DataOutputStream(
                        new GZIPOutputStream(Files.newOutputStream(folder.resolve(name + "-images.gz"))));
                DataOutputStream labels = new DataOutputStream(
                        new GZIPOutputStream(Files.newOutputStream(folder.resolve(name + "-labels.gz"))))) {
            images.writeInt(0x803);
            labels.writeInt(0x801);
            images.writeInt(n);
            labels.writeInt(n);
            images.writeInt(SIDE);
            images.writeInt(SIDE);
            for (int i = 0; i < n; i++) {
                int label = i % 6;
                labels.write(label);
                for (int row = 0; row < SIDE; row++) {
                    for (int column = 0; column < SIDE; column++) {
                        int along = label < 3 ? column : row;
                        images.write((along / 3 == label % 3 ? 150 : 0) + random.nextInt(100));
                    }
                }
            }
        }
    }

    private String source(String name, String file, String classes, int perClass, int maximum) {
        StringBuilder items = new StringBuilder();
        for (String label : classes.split(",")) {
            items.append("<item>").append(label).append("</item>");
        }
        return "<component name='" + name
                + "' type='org.finitentk.experiment.IdxImageDataSource'><property name='imagesPath' value='"
                + folder.resolve(file + "-images.gz")
                + "'/><property name='labelsPath' value='" + folder.resolve(file + "-labels.gz")
                + "'/><propertylist name='classes'>" + items
                + "</propertylist><property name='examplesPerClass' value='"
                + perClass + "'/><property name='maximum' value='" + maximum + "'/></component>\n";
    }

    private static String method(String name, String trainer, int most) {
        return "<component name='" + name
                + "' type='org.finitentk.experiment.ClassificationMethod'><property name='name' value='" + name
                + "'/><property name='trainer' value='" + name + "-trainer'/><property name='mostExamples' value='"
                + most + "'/></component>\n<component name='" + name + "-trainer' " + trainer + "</component>\n";
    }

    private Path configuration() throws IOException {
        String ours = "type='org.finitentk.classification.FiniteNTKClassificationTrainer'><property "
                + "name='backbone' value='net'/><property name='structure' value='SHARED'/><property "
                + "name='inference' value='";
        String tuning = "type='org.finitentk.finetune.FineTuningClassificationTrainer'><property name='backbone' "
                + "value='net'/><property name='optimizer' value='adam'/><property name='outputOrder' "
                + "value='SORTED'/><property name='trainedParameters' value='";
        String task = "<component name='%s' type='org.finitentk.experiment.ClassificationTask'><property "
                + "name='name' value='%s'/><property name='group' value='%s'/><property name='training' "
                + "value='%s'/></component>%n";
        String xml = "<config><component name='experiment' "
                + "type='org.finitentk.experiment.ClassificationExperiment'><property name='output' value='"
                + folder.resolve("out")
                + "'/><property name='backbone' value='net'/><property name='source' "
                + "value='training'/><propertylist " + "name='tasks'><item>few</item><item>more</item></propertylist>"
                + "<property name='test' value='test-data'/><property name='others' "
                + "value='other-data'/><propertylist "
                + "name='methods'><item>laplace</item><item>full</item><item>temperature</item>"
                + "</propertylist></component>\n<component name='net' "
                + "type='org.finitentk.backbone.OnnxBackbone'><property name='path' value='"
                + folder.resolve("out/network.onnx") + "'/></component>\n"
                + "<component name='training' "
                + "type='org.finitentk.experiment.ImageNetworkTraining'><property name='data' "
                + "value='source-data'/><property name='side' value='8'/><property name='residualBlocks' value='1'/>"
                + "<propertylist " + "name='convolutions'><item>4</item><item>4</item></propertylist><property "
                + "name='epochs' value='3'/><property name='optimizer' value='adam'/></component>\n"
                + "<component name='adam' type='org.finitentk.finetune.Adam'><property "
                + "name='learningRate' value='0.01'/></component>\n"
                + source("source-data", "train", "0,1,2", 20, 0) + source("few-data", "train", "3,4,5", 4, 0)
                + source("more-data", "train", "3,4,5", 12, 0)
                + source("test-data", "test", "3,4,5", 0, 0) + source("other-data", "test", "0,1,2", 0, 20)
                + String.format(task, "few", "few", "4 a class", "few-data")
                + String.format(task, "more", "more", "12 a class", "more-data")
                + method("laplace", ours + "LAPLACE'/>", 0) + method("full", ours + "FULL_COVARIANCE'/>", 20)
                + method("temperature", tuning + "TEMPERATURE'/>", 0) + "</config>";
        return Files.write(folder.resolve("config.xml"), xml.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void methodsAreComparedAndTheirModelsCanBeReproduced() throws IOException {
        write("train", 240, 1);
        write("test", 120, 2);
        try (ConfigurationManager configuration =
                new ConfigurationManager(configuration().toString())) {
            ExperimentReport report = ((Experiment) configuration.lookup("experiment")).run(ProgressListener.NONE);
            assertEquals(3, report.methods().size());
            MethodResult laplace = report.methods().get(0);
            assertEquals(2, laplace.tasks().size());
            assertEquals(
                    1,
                    report.methods().get(1).tasks().size(),
                    "the task of 36 examples is more than this method takes");
            assertTrue(laplace.tasks().get(1).value(ReportMetric.ACCURACY) > 0.9, laplace.toString());
            assertTrue(
                    laplace.tasks().get(1).value(ReportMetric.NLL)
                            < report.methods().get(2).tasks().get(1).value(ReportMetric.NLL),
                    "the network as it is does not know these classes");
            assertTrue(laplace.tasks().get(1).value(ReportMetric.OOD_AUROC) >= 0);
        }
        for (String picture : List.of("reliability", "other-classes")) {
            try (Stream<Path> files = Files.list(folder.resolve("out"))) {
                assertTrue(
                        files.anyMatch(file -> file.getFileName().toString().startsWith(picture)
                                && file.toString().endsWith(".png")),
                        picture);
            }
        }
        // Recorded runs have the hash of a file without names.
        assertEquals(NetworkNames.NONE, NetworkNames.of(ModelReader.read(folder.resolve("out/network.onnx"))));
        assertTrue(
                Reproduction.read(folder.resolve("out/provenance/laplace-more.json"))
                        .reproduce(ProgressListener.NONE)
                        .files()
                        .stream()
                        .noneMatch(file -> file.changed()));
    }

    /** The partial report, which has nothing to report yet, does not take the cause's place. */
    @Test
    void theCauseIsTheMessageWhenTheFirstMethodFails() throws IOException {
        write("train", 240, 1);
        write("test", 120, 2);
        String first = "<component name='net2' type='org.finitentk.backbone.OnnxBackbone'><property name='path' value='"
                + folder.resolve("out/network.onnx") + "'/><property name='outputLayer' value='nowhere'/></component>";
        String broken = method(
                "broken",
                "type='org.finitentk.classification.FiniteNTKClassificationTrainer'>"
                        + "<property name='backbone' value='net2'/><property name='structure' value='SHARED'/>",
                0);
        String xml = Files.readString(configuration())
                .replace("<item>laplace</item>", "<item>broken</item><item>laplace</item>")
                .replace("</config>", first + broken + "</config>");
        Path file = Files.writeString(folder.resolve("broken.xml"), xml);
        try (ConfigurationManager configuration = new ConfigurationManager(file.toString())) {
            Experiment experiment = (Experiment) configuration.lookup("experiment");
            String message =
                    String.valueOf(assertThrows(RuntimeException.class, () -> experiment.run(ProgressListener.NONE))
                            .getMessage());
            assertTrue(message.contains("nowhere"), message);
        }
    }
}
