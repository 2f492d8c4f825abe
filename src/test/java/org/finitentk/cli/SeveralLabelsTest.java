package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKMultiLabelModel;
import org.finitentk.classification.FiniteNTKMultiLabelTrainer;
import org.finitentk.classification.PriorLogits;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.impl.ArrayExample;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.multilabel.MultiLabelFactory;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Labels of which a row may have several, on the command line: predicted, and otherwise refused with a reason. */
@NullUnmarked
final class SeveralLabelsTest {
    @TempDir
    private Path folder = Path.of("");

    private String said = "";
    private FiniteNTKMultiLabelModel model;
    private Example<MultiLabel> first;

    private int run(String... words) {
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].replace("@", folder + "/");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        int code = Main.run(words, stream, stream);
        said = out.toString(StandardCharsets.UTF_8);
        return code;
    }

    @BeforeEach
    void write() throws IOException {
        Path network = folder.resolve("net.onnx");
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(4), 3, Activation.TANH, 1), network);
        MultiLabelFactory factory = new MultiLabelFactory();
        List<Example<MultiLabel>> examples = new ArrayList<>();
        StringBuilder table = new StringBuilder("x,y,red,blue\n");
        Random random = new Random(1);
        for (int i = 0; i < 30; i++) {
            double[] x = {random.nextInt(9) - 4, random.nextInt(9) - 4};
            Set<Label> labels = new HashSet<>();
            if (x[0] > 0) {
                labels.add(new Label("red"));
            }
            if (x[1] > 0) {
                labels.add(new Label("blue"));
            }
            examples.add(new ArrayExample<>(new MultiLabel(labels), new String[] {"x", "y"}, x));
            table.append(String.format(Locale.ROOT, "%s,%s,%d,%d%n", x[0], x[1], x[0] > 0 ? 1 : 0, x[1] > 0 ? 1 : 0));
        }
        Files.writeString(folder.resolve("t.csv"), table.toString());
        first = examples.get(0);
        model = new FiniteNTKMultiLabelTrainer(
                        OnnxBackbone.builder(network)
                                .features(List.of("x", "y"))
                                .build(),
                        ClassificationSettings.DEFAULT.withStructure(
                                ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO),
                        List.of())
                .train(new MutableDataset<>(
                        new ListDataSource<>(examples, factory, new SimpleDataSourceProvenance("points", factory))));
        model.serializeToFile(folder.resolve("m"));
    }

    @Test
    void predictionsAreAColumnOfProbabilitiesForEachLabel() throws IOException {
        assertEquals(0, run("predict", "@m", "--data", "@t.csv", "--out", "@p.csv"), said);
        List<String> lines = Files.readAllLines(folder.resolve("p.csv"));
        assertEquals("p_blue,p_red", lines.get(0));
        assertEquals(31, lines.size());
        double blue = model.predict(first)
                .getOutputScores()
                .get("blue")
                .getLabelScore(new Label("blue"))
                .orElseThrow();
        assertEquals(blue, Double.parseDouble(lines.get(1).split(",")[0]), 1e-12);
    }

    @Test
    void whatTablesCannotSayIsRefusedOrTold() {
        assertEquals(1, run("evaluate", "@m", "--data", "@t.csv"), said);
        assertTrue(said.contains("labels of which a row may have several, but"), said);
        String[] train = {
            "train",
            "--network",
            "@net.onnx",
            "--data",
            "@t.csv",
            "--target",
            "red",
            "--target",
            "blue",
            "--features",
            "x,y",
            "--structure",
            "shared",
            "--out",
            "@o",
            "--task",
            "classification"
        };
        assertEquals(1, run(train.clone()), said);
        assertTrue(said.contains("by FiniteNTKMultiLabelTrainer"), said);
        String[] numbers = train.clone();
        numbers[numbers.length - 1] = "regression";
        assertEquals(0, run(numbers), said);
        assertTrue(said.contains("hold only 0 and 1 and are taken for numbers"), said);
    }
}
