package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.data.ConfigurableTrainTest;
import org.tribuo.impl.ArrayExample;

/** Tribuo's config-driven program with the trainers of tribuo-config/classify.xml, on CSV files. */
final class StockClassificationTest {
    @TempDir
    private Path folder = Path.of("");

    private static String label(double a, double b) {
        return a * b > 0 ? "same" : "different";
    }

    private String csv(String name, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder csv = new StringBuilder("a,b,sign\n");
        for (int i = 0; i < 60; i++) {
            double a = random.nextDouble(-1, 1);
            double b = random.nextDouble(-1, 1);
            csv.append(String.format(Locale.ROOT, "%f,%f,%s%n", a, b, label(a, b)));
        }
        return Files.writeString(folder.resolve(name), csv).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"laplace", "full-covariance", "mean-field", "map"})
    void configurableTrainTest(String trainer) throws IOException {
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(30), 2, Activation.TANH, 1), folder.resolve("network.onnx"));
        String config = Files.readString(Path.of("tribuo-config", "classify.xml")).replace("value=\"network.onnx\"", "value=\"" + folder.resolve("network.onnx") + "\"");
        Path file = Files.writeString(folder.resolve("classify.xml"), config);
        ConfigurableTrainTest.main(new String[] {"-c", file.toString(), "-t", trainer, "-u", csv("train.csv", 1), "-v", csv("test.csv", 2), "-s", "CSV", "--csv-response-name", "sign",
            "-a", "labels", "-f", folder.resolve("model.tribuo").toString(), "--model-output-protobuf", "true"});
        try (FiniteNTKClassificationModel model = assertInstanceOf(FiniteNTKClassificationModel.class, Model.deserializeFromFile(folder.resolve("model.tribuo")))) {
            Prediction<Label> far = model.predict(new ArrayExample<>(new Label("same"), new String[] {"a", "b"}, new double[] {0.7, 0.7}));
            assertEquals("same", far.getOutput().getLabel());
            assertTrue(far.getOutputScores().values().stream().mapToDouble(Label::getScore).sum() > 1 - 1e-12);
        }
    }
}
