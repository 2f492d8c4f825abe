package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKMultiLabelModel;
import org.finitentk.classification.FiniteNTKMultiLabelTrainer;
import org.finitentk.classification.PriorLogits;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.impl.ArrayExample;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.multilabel.MultiLabelFactory;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Labels of which a row may have several, on the command line: from tables of all forms to reports. */
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
    void predictionsAreTheLabelsAndTheProbabilityOfEach() throws IOException {
        assertEquals(0, run("predict", "@m", "--data", "@t.csv", "--out", "@p.csv"), said);
        List<String> lines = Files.readAllLines(folder.resolve("p.csv"));
        assertEquals("labels,p_blue,p_red", lines.get(0));
        assertEquals(31, lines.size());
        String[] cells = lines.get(1).split(",", -1);
        Prediction<MultiLabel> expected = model.predict(first);
        for (String name : List.of("blue", "red")) {
            double p = expected.getOutputScores()
                    .get(name)
                    .getLabelScore(new Label(name))
                    .orElseThrow();
            assertEquals(p, Double.parseDouble(cells[name.equals("blue") ? 1 : 2]), 1e-12);
            assertEquals(p > 0.5, List.of(cells[0].split(";")).contains(name), lines.get(1));
        }
        assertEquals(0, run("evaluate", "@m", "--data", "@t.csv"), said);
        assertTrue(said.contains("Exact match"), said);
    }

    private int train(String data, String targets, String... more) {
        List<String> words = new ArrayList<>(
                List.of("train", "--network", "@net.onnx", "--data", data, "--target", targets, "--features", "x,y"));
        words.addAll(List.of("--structure", "shared", "--out", "@o"));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    @Test
    void columnsThatSayOneAndZeroAreAskedFor() throws IOException {
        assertEquals(1, train("@t.csv", "red,blue"), said);
        assertTrue(said.contains("say --task multi-label or --task regression"), said);
        assertEquals(1, train("@t.csv", "red,blue", "--task", "classification"), said);
        assertTrue(said.contains("or --task multi-label"), said);
        assertEquals(1, train("@t.csv", "red,blue", "--task", "multi-label", "--label-separator", ";"), said);
        assertTrue(said.contains("labels with something between them are those of one column"), said);
        assertEquals(0, train("@t.csv", "red,blue", "--task", "multi-label"), said);
        assertEquals(0, run("evaluate", "@o", "--data", "@t.csv", "--out", "@report"), said);
        String results = Files.readString(folder.resolve("report/results.json"));
        assertTrue(results.contains("exact") || results.contains("\"auc\""), results);
        assertTrue(Files.exists(folder.resolve("report/reliability.png")));
        assertEquals(0, run("reproduce", "@o"), said);
        assertEquals(0, run("reproduce", "@o.json"), said);
    }

    /** The same labels in four ways give the same model. */
    @Test
    void listsAndWordsSayTheSameAsNumbers() throws IOException {
        StringBuilder words = new StringBuilder("x;y;red;blue\r\n");
        StringBuilder lists = new StringBuilder("x,y,tags\n");
        StringBuilder spaces = new StringBuilder("x\ty\ttags\n");
        for (String line : Files.readAllLines(folder.resolve("t.csv"))) {
            if (!line.startsWith("x")) {
                String[] cells = line.split(",");
                List<String> labels = new ArrayList<>();
                if (cells[3].equals("1")) {
                    labels.add("blue");
                }
                if (cells[2].equals("1")) {
                    labels.add("red");
                }
                String numbers = cells[0] + "," + cells[1];
                words.append(numbers.replace(",", ";"))
                        .append(cells[2].equals("1") ? ";Yes" : ";no")
                        .append(cells[3].equals("1") ? ";TRUE\r\n" : ";f\r\n");
                lists.append(numbers)
                        .append(",")
                        .append(String.join(" | ", labels))
                        .append("\n");
                spaces.append(numbers.replace(",", "\t"))
                        .append("\t")
                        .append(String.join(" ", labels))
                        .append("\n");
            }
        }
        Files.writeString(folder.resolve("words.csv"), words.toString());
        Files.writeString(folder.resolve("lists.csv"), lists.toString());
        Files.writeString(folder.resolve("spaces.csv"), spaces.toString());
        assertEquals(0, train("@t.csv", "red,blue", "--task", "multi-label"), said);
        assertEquals(0, run("predict", "@o", "--data", "@t.csv", "--out", "@p.csv"), said);
        double[] expected = columns("p_blue", "p_red");
        assertEquals(0, train("@words.csv", "red,blue"), said);
        assertEquals(0, run("predict", "@o", "--data", "@t.csv", "--out", "@p.csv"), said);
        assertArrayEquals(expected, columns("p_blue", "p_red"), 1e-12);
        assertEquals(1, train("@lists.csv", "tags"), said);
        assertTrue(said.contains("'tags' has one label in a cell or a list of several"), said);
        assertEquals(0, train("@lists.csv", "tags", "--task", "multi_label"), said);
        assertEquals(0, run("predict", "@o", "--data", "@t.csv", "--out", "@p.csv"), said);
        assertArrayEquals(expected, columns("p_blue", "p_red"), 1e-12);
        assertTrue(Files.readString(folder.resolve("p.csv")).contains("\nblue|red,"));
        assertEquals(1, train("@spaces.csv", "tags", "--task", "multi-label"), said);
        assertTrue(said.contains("give --label-separator ' ' for several"), said);
        assertEquals(0, train("@spaces.csv", "tags", "--task", "multi-label", "--label-separator", " "), said);
        assertEquals(0, run("evaluate", "@o", "--data", "@spaces.csv"), said);
    }

    /** A new model takes the old one's provenance away before it takes its place; what is beside it is its own. */
    @Test
    void aModelIsNeverBesideTheProvenanceOfAnother() throws IOException {
        assertEquals(0, train("@t.csv", "red,blue", "--task", "multi-label"), said);
        Files.copy(folder.resolve("o"), folder.resolve("other"));
        assertEquals(0, train("@t.csv", "red", "--task", "multi-label"), said);
        assertEquals(0, run("reproduce", "@o.json"), said);
        assertFalse(said.contains("warning: '"), said);
        Files.copy(folder.resolve("o.json"), folder.resolve("other.json"));
        for (String one : List.of("@other", "@other.json")) {
            assertEquals(0, run("reproduce", one), said);
            assertTrue(said.contains("beside it is ") && said.contains("another model, trained 2"), said);
        }
    }

    @Test
    void whatStandardOutputDoesNotTakeIsAFailure() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        for (String command : List.of("evaluate", "predict")) {
            int code = Main.run(
                    new String[] {command, folder + "/m", "--data", folder + "/t.csv"},
                    new PrintStream(full, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8));
            assertEquals(1, code, command);
            assertTrue(err.toString(StandardCharsets.UTF_8).contains("error: standard output does not take"), command);
        }
    }

    private double[] columns(String... names) throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("p.csv"));
        List<String> header = List.of(lines.get(0).split(","));
        return lines.stream()
                .skip(1)
                .flatMap(line -> Stream.of(names).map(name -> line.split(",", -1)[header.indexOf(name)]))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** An output that ranks the rows without its label first is refused, and warned of where somebody said so. */
    @Test
    void anOutputThatSaysTheOppositeIsTold() throws IOException {
        Path one = folder.resolve("one.onnx");
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(4), 1, Activation.TANH, 3), one);
        StringBuilder table = new StringBuilder("x,y,dark\n");
        Random random = new Random(2);
        try (LinearizedNetwork network = new OnnxBackbone(one).open()) {
            double[] middle = network.forward(Examples.of("input", Tensor.ofFloats(new float[2], 1, 2)));
            for (int i = 0; i < 60; i++) {
                float[] x = {(float) random.nextGaussian(), (float) random.nextGaussian()};
                double f = network.forward(Examples.of("input", Tensor.ofFloats(x, 1, 2)))[0];
                table.append(x[0] + "," + x[1] + "," + (f < middle[0] ? "yes" : "no") + "\n");
            }
        }
        Files.writeString(folder.resolve("dark.csv"), table.toString());
        String[] train = {
            "train",
            "--network",
            "@one.onnx",
            "--data",
            "@dark.csv",
            "--target",
            "dark",
            "--features",
            "x,y",
            "--task",
            "multi-label",
            "--out",
            "@o",
            "--threads",
            "1"
        };
        assertEquals(1, run(train.clone()), said);
        assertTrue(
                said.contains("output 0 ranks examples without 'dark' above those with it (an AUC of 0.00 on 60"),
                said);
        assertTrue(said.contains("--structure shared"), said);
        String[] told = train.clone();
        told[told.length - 2] = "--labels";
        told[told.length - 1] = "dark";
        assertEquals(0, run(told), said);
        assertTrue(said.contains("warning: the network's outputs are taken for the log odds of [dark]"), said);
    }
}
