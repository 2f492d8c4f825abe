package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Pooling;
import org.finitentk.provenance.Reproduction;
import org.finitentk.table.LabelTarget;
import org.finitentk.table.TableDataSource;
import org.finitentk.text.TokenTransformer;
import org.finitentk.text.WordpiecePipeline;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.TextFieldProcessor;

/** Columns of texts on the command line, without a configuration file. */
@NullUnmarked
final class TextColumnTest {
    private static final Path FIXTURE = Path.of("src", "test", "resources", "org", "finitentk", "text");
    private static final String TABLE = """
            label,text,more,score,weight
            good,the happy dog played,a good day,1.5,1
            good,a good bird sang in the tree,,2.5,2
            good,"happy cat, happy house!",the sea,1.9,1
            good,the dog ran and jumped,the cat talked,1.1,1
            bad,the sad cat sat,a dog,-1.5,3
            bad,"not good, very bad",the fish,-1.0,1
            bad,a bad fish swam in the sea,the tree,-2.1,1
            bad,the bird is not happy,the house,-0.7,1
            """;

    @TempDir
    private Path folder = Path.of("");

    private String said = "";

    @BeforeEach
    void lay() throws IOException {
        for (String file : List.of("encoder.onnx", "tokenizer.json")) {
            Files.copy(FIXTURE.resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("texts.csv"), TABLE);
    }

    private int run(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(
                Arrays.stream(words)
                        .map(word -> word.replace("@", folder + "/"))
                        .toArray(String[]::new),
                both,
                both);
        said = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private int train(String... words) {
        return run(Stream.concat(
                        Stream.of("train", "--network", "@encoder.onnx", "--data", "@texts.csv", "--out", "@model"),
                        Arrays.stream(words))
                .toArray(String[]::new));
    }

    private void trained(String... words) {
        String[] all = Stream.concat(
                        Stream.of(
                                "--tokenizer", "@tokenizer.json", "--pooling", "masked_mean", "--structure", "shared"),
                        Arrays.stream(words))
                .toArray(String[]::new);
        assertEquals(0, train(all), () -> said);
    }

    /** What is said where a sentence with these words is expected, and nothing trained. */
    private void assertRefused(List<String> words, String... train) {
        assertFalse(train(train) == 0, () -> "trained: " + said);
        String sentence =
                said.lines().filter(line -> line.startsWith("error: ")).reduce("", (a, b) -> a + b);
        assertTrue(words.stream().allMatch(sentence::contains), () -> words + " are not all in: " + said);
        assertFalse(said.contains("\tat "), said);
    }

    private MutableDataset<Label> labelled() {
        RowProcessor<Label> rows = new RowProcessor.Builder<Label>()
                .setFieldProcessors(List.of(
                        new TextFieldProcessor("text", new WordpiecePipeline(folder.resolve("tokenizer.json")))))
                .build(new LabelTarget("label"));
        return new MutableDataset<>(new TableDataSource<>(folder.resolve("texts.csv"), rows));
    }

    @Test
    void aColumnIsTrainedOnAsFromJavaAndTheModelNeedsNoTokenizer() throws IOException {
        // so many rows that they say something
        String rows = TABLE.substring(TABLE.indexOf('\n') + 1);
        Files.writeString(folder.resolve("texts.csv"), TABLE + rows.repeat(5));
        trained("--target", "label", "--features", "text", "--length", "12");
        assertFalse(said.contains("found nothing"), said);
        assertTrue(said.contains("from the texts 'text', 12 tokens a row"), said);
        assertTrue(said.contains("tokenizer 'tokenizer.json': 40 pieces"), said);
        OnnxBackbone backbone = OnnxBackbone.builder(folder.resolve("encoder.onnx"))
                .inputTransformer(new TokenTransformer(folder.resolve("tokenizer.json"), 12))
                .pooling(Pooling.MASKED_MEAN, "")
                .build();
        MutableDataset<Label> data = labelled();
        Model<Label> fromJava = new FiniteNTKClassificationTrainer(
                        backbone,
                        ClassificationSettings.DEFAULT.withStructure(
                                ClassStructure.SHARED,
                                ClassificationSettings.DEFAULT.outputs().shared(),
                                ClassificationSettings.DEFAULT.prior().logits()))
                .train(data);
        Model<Label> fromCommand =
                Reproduction.readModel(folder.resolve("model")).castModel(Label.class);
        for (Prediction<Label> expected : fromJava.predict(data)) {
            assertEquals(
                    expected.getOutputScores(),
                    fromCommand.predict(expected.getExample()).getOutputScores());
        }
        assertEquals(0, run("reproduce", "@model.json"), () -> said);
        assertTrue(said.contains("identical"), said);
        assertEquals(0, run("predict", "@model", "--data", "@texts.csv"), () -> said);
        String predicted = said;
        Files.delete(folder.resolve("tokenizer.json"));
        assertEquals(0, run("predict", "@model", "--data", "@texts.csv"), () -> said);
        assertEquals(predicted, said);
        assertEquals(0, run("evaluate", "@model", "--data", "@texts.csv"), () -> said);
    }

    @Test
    void pairsNumbersAndWeights() throws IOException {
        trained("--target", "score", "--task", "regression", "--features", "text,more", "--weights", "weight");
        assertTrue(said.contains("from the pairs of texts 'text', 'more', 16 tokens a row"), said);
        assertEquals(0, run("predict", "@model", "--data", "@texts.csv"), () -> said);
        assertTrue(said.startsWith("score_mean,"), said);
        Files.writeString(folder.resolve("others.csv"), "text,more\nthe dog,a cat\n,the sea\n,\n");
        assertEquals(1, run("predict", "@model", "--data", "@others.csv"));
        assertTrue(said.contains("1 of 3 rows have no prediction: line 4 ('more' is empty and 'text' is empty)"), said);
    }

    @Test
    void theOnlyColumnOfTextsIsTakenAndWhatIsCutIsSaid() throws IOException {
        Files.writeString(folder.resolve("texts.csv"), """
                text,a,b
                the happy dog played in the tree,yes,no
                the sad cat,no,yes
                a bird sang,yes,yes
                the zebra xylophone quagga,no,no
                """);
        trained("--target", "a,b", "--length", "6");
        assertTrue(said.startsWith("several labels a row: 'a', 'b' from the texts 'text', 6 tokens a row"), said);
        assertTrue(said.contains("warning: 1 of 4 rows have more than 6 tokens"), said);
        assertFalse(said.contains("[UNK]"), said);
        Files.writeString(folder.resolve("texts.csv"), "text,a\nzebra,1.5\nxylophone,2\nthe dog,3.5\n");
        trained("--target", "a", "--task", "regression", "--length", "6");
        assertTrue(said.contains("50 % of the tokens are [UNK]"), said);
    }

    @Test
    void whatIsMissingIsAskedForWithTheLine() throws IOException {
        assertRefused(List.of("add --tokenizer ", "/tokenizer.json"), "--target", "label", "--features", "text");
        assertRefused(List.of("'text', 'more' hold texts", "--features text --tokenizer "), "--target", "label");
        Files.createDirectories(folder.resolve("onnx"));
        Path network = Files.copy(folder.resolve("encoder.onnx"), folder.resolve("onnx/model.onnx"));
        String[] published = {
            "train", "--network", network.toString(), "--data", "@texts.csv", "--target", "label", "--out", "@model"
        };
        assertEquals(1, run(published));
        assertTrue(said.contains("--features text --tokenizer ") && said.contains("/tokenizer.json if it is"), said);
        Path tokenizer = folder.resolve("tokenizer.json");
        Path moved = Files.move(tokenizer, folder.resolve("t.json"));
        assertRefused(List.of("add --tokenizer FILE, the tokenizer.json"), "--target", "label", "--features", "text");
        assertRefused(
                List.of("which of 'text', 'more' has the texts", "--features text"),
                "--target",
                "label",
                "--tokenizer",
                moved.toString());
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        List<String> usual = List.of("--target", "label", "--tokenizer", "@tokenizer.json", "--pooling", "masked_mean");
        assertRefused(List.of("'score' holds numbers"), and(usual, "--features", "text,score"));
        assertRefused(List.of("has no column 'no'"), and(usual, "--features", "no"));
        assertRefused(
                List.of("takes no rows of 40 tokens", "--length"), and(usual, "--features", "text", "--length", "40"));
        assertRefused(List.of("--length is 2"), and(usual, "--features", "text", "--length", "2"));
        assertRefused(List.of("expected --length"), and(usual, "--features", "text", "--input-shape", "12"));
        assertRefused(List.of("--length is of texts"), "--target", "label", "--features", "text", "--length", "9");
        assertRefused(
                List.of("has no piece '[CLS]'"),
                "--target",
                "label",
                "--features",
                "text",
                "--tokenizer",
                "@texts.csv");
        Files.writeString(folder.resolve("texts.csv"), "text,label\nthe dog,good\n\" \",bad\n");
        assertRefused(
                List.of("1 row that cannot be used, of 2: line 3 ('text' is empty)"), usual.toArray(String[]::new));
        Path small = folder.resolve("small.txt");
        Files.write(
                small,
                Stream.concat(
                                Stream.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
                                Stream.iterate(0, i -> i + 1).limit(60).map(i -> "p" + i))
                        .toList());
        assertRefused(
                List.of("has 64 pieces", "'words.weight'", "40 rows"),
                "--target",
                "label",
                "--tokenizer",
                small.toString());
    }

    @Test
    void aNetworkThatIsMadeForALengthHasIt() throws IOException {
        Path network = folder.resolve("encoder.onnx");
        InputSizes sizes = InputSizes.NONE;
        for (String input : List.of("input_ids", "attention_mask", "token_type_ids")) {
            sizes = sizes.and(InputSizes.ofExample(input, List.of(10)));
        }
        ModelWriter.write(sizes.on(NetworkFile.read(network)), network);
        trained("--target", "label", "--features", "text");
        assertTrue(said.contains("10 tokens a row"), said);
        assertRefused(
                List.of("--length is 12, but the network is made for rows of 10"),
                "--target",
                "label",
                "--features",
                "text",
                "--tokenizer",
                "@tokenizer.json",
                "--length",
                "12");
    }

    private static String[] and(List<String> words, String... others) {
        return Stream.concat(words.stream(), Arrays.stream(others)).toArray(String[]::new);
    }
}
