package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.data.ConfigurableTrainTest;
import org.tribuo.impl.ArrayExample;

/** Tribuo's config-driven program with the trainers of tribuo-config/classify.xml, on CSV files. */
final class StockClassificationTest {
    @TempDir
    private Path folder = Path.of("");

    private String csv(String name, long seed, DoubleBinaryOperator sign) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder csv = new StringBuilder("a,b,sign\n");
        for (int i = 0; i < 60; i++) {
            double a = random.nextDouble(-1, 1);
            double b = random.nextDouble(-1, 1);
            csv.append(String.format(
                    Locale.ROOT, "%f,%f,%s%n", a, b, sign.applyAsDouble(a, b) > 0 ? "same" : "different"));
        }
        return Files.writeString(folder.resolve(name), csv).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"laplace", "full-covariance", "mean-field", "map"})
    void configurableTrainTest(String trainer) throws IOException {
        Map<String, Label> scores = trained(trainer, Double::sum);
        assertTrue(score(scores) > 0.5);
        assertEquals(1, scores.values().stream().mapToDouble(Label::getScore).sum(), 1e-12);
    }

    /**
     * The marginal likelihood of this network has two tops, and where learning starts by default lies between: the
     * lower one is 42.7 nats below 0, the higher 21.9.
     */
    @ParameterizedTest
    @ValueSource(strings = {"laplace", "full-covariance"})
    void higherOfTwoTops(String trainer) throws IOException {
        assertTrue(score(trained(trainer, (a, b) -> a * b)) > 0.9);
    }

    private static double score(Map<String, Label> scores) {
        return Objects.requireNonNull(scores.get("same")).getScore();
    }

    private Map<String, Label> trained(String trainer, DoubleBinaryOperator sign) throws IOException {
        Graph network = NetworkBuilder.mlp(2, List.of(30), 2, Activation.TANH, 1);
        ModelWriter.write(
                new NetworkNames(List.of("a", "b"), List.of("different", "same")).addTo(network),
                folder.resolve("network.onnx"));
        String config = Files.readString(Path.of("tribuo-config", "classify.xml"))
                .replace("value=\"network.onnx\"", "value=\"" + folder.resolve("network.onnx") + "\"");
        Path file = Files.writeString(folder.resolve("classify.xml"), config);
        ConfigurableTrainTest.main(new String[] {
            "-c",
            file.toString(),
            "-t",
            trainer,
            "-u",
            csv("train.csv", 1, sign),
            "-v",
            csv("test.csv", 2, sign),
            "-s",
            "CSV",
            "--csv-response-name",
            "sign",
            "-a",
            "labels",
            "-f",
            folder.resolve("model.tribuo").toString(),
            "--model-output-protobuf",
            "true"
        });
        try (FiniteNTKClassificationModel model = assertInstanceOf(
                FiniteNTKClassificationModel.class, Model.deserializeFromFile(folder.resolve("model.tribuo")))) {
            return model.predict(
                            new ArrayExample<>(new Label("same"), new String[] {"a", "b"}, new double[] {0.7, 0.7}))
                    .getOutputScores();
        }
    }
}
