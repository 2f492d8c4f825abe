package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of texts in a folder that was moved: predictions need no more than the model. */
@NullUnmarked
final class CopiedModelTest {
    private static final String CONFIGURATION = """
            <config>
              <component name="words" type="org.finitentk.text.WordpiecePipeline">
                <property name="tokenizer" value="@tokenizer.json"/>
              </component>
              <component name="message" type="org.tribuo.data.columnar.processors.field.TextFieldProcessor">
                <property name="fieldName" value="message"/>
                <property name="pipeline" value="words"/>
              </component>
              <component name="today" type="org.finitentk.table.LabelTarget">
                <property name="column" value="today"/>
              </component>
              <component name="rows" type="org.tribuo.data.columnar.RowProcessor">
                <property name="responseProcessor" value="today"/>
                <propertylist name="fieldProcessorList"><item>message</item></propertylist>
              </component>
              <component name="table" type="org.finitentk.table.TableDataSource">
                <property name="path" value="@messages.csv"/>
                <property name="rowProcessor" value="rows"/>
              </component>
              <component name="tokens" type="org.finitentk.text.TokenTransformer">
                <property name="tokenizer" value="@tokenizer.json"/>
                <property name="length" value="12"/>
              </component>
              <component name="network" type="org.finitentk.backbone.OnnxBackbone">
                <property name="path" value="@encoder.onnx"/>
                <property name="inputTransformer" value="tokens"/>
                <property name="pooling" value="MASKED_MEAN"/>
              </component>
              <component name="trainer" type="org.finitentk.classification.FiniteNTKClassificationTrainer">
                <property name="backbone" value="network"/>
                <property name="structure" value="SHARED"/>
              </component>
              <component name="votes" type="org.tribuo.classification.ensemble.VotingCombiner"/>
              <component name="bag" type="org.tribuo.ensemble.BaggingTrainer">
                <property name="innerTrainer" value="trainer"/>
                <property name="combiner" value="votes"/>
                <property name="numMembers" value="2"/>
                <property name="seed" value="1"/>
              </component>
            </config>
            """;

    @TempDir
    private Path folder = Path.of("");

    private String output = "";

    private void done(String... words) {
        assertEquals("0 ", run(words));
    }

    /** The exit code, and what is wrong if it is not 0. */
    private String run(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        output = out.toString(StandardCharsets.UTF_8);
        return code + " " + (code == 0 ? "" : err.toString(StandardCharsets.UTF_8));
    }

    /** A folder with the files of an example, and a model that a trainer of the configuration has made there. */
    private Path trained(String trainer) throws IOException {
        Path before = Files.createDirectories(folder.resolve("before"));
        for (String file : new String[] {"tokenizer.json", "encoder.onnx", "test.csv"}) {
            Files.copy(Path.of("examples", "messages", file), before.resolve(file));
        }
        String rows = Files.readString(Path.of("examples", "messages", "messages.csv"));
        Files.writeString(
                before.resolve("messages.csv"),
                String.join("\n", rows.lines().limit(21).toList()) + "\n");
        Path configuration = Files.writeString(before.resolve("text.xml"), CONFIGURATION.replace("@", before + "/"));
        done(
                "train",
                "--config",
                configuration.toString(),
                "--source",
                "table",
                "--trainer",
                trainer,
                "--out",
                before + "/model");
        return before;
    }

    /** Tribuo's ensembles know nothing of tokenizers; their members keep them. */
    @Test
    void ensemblesOfTextModelsDoWithoutTheTokenizerToo() throws IOException {
        Path before = trained("bag");
        done("predict", before + "/model", "--data", before + "/test.csv");
        String expected = output;
        Path after = Files.move(before, folder.resolve("after"));
        Files.delete(after.resolve("tokenizer.json"));
        done("predict", after + "/model", "--data", after + "/test.csv");
        assertEquals(expected, output);
    }

    @Test
    void predictsAndEvaluatesWhereItIsNow() throws IOException {
        Path before = trained("trainer");
        done("predict", before + "/model", "--data", before + "/test.csv");
        String expected = output;
        assertTrue(expected.startsWith("label,p_no,p_yes\n"), expected);
        Path after = Files.move(before, folder.resolve("after"));
        done("predict", after + "/model", "--data", after + "/test.csv");
        assertEquals(expected, output);
        done("evaluate", after + "/model", "--data", after + "/test.csv");
        assertTrue(output.contains("Macro F1"), output);
        done("reproduce", after + "/model");
        assertTrue(output.contains("identical"), output);
        Path tokenizer = after.resolve("tokenizer.json");
        Files.writeString(tokenizer, "{}");
        done("predict", after + "/model", "--data", after + "/test.csv");
        assertEquals(expected, output);
        Files.delete(tokenizer);
        done("predict", after + "/model", "--data", after + "/test.csv");
        assertEquals(expected, output);
        done("evaluate", after + "/model", "--data", after + "/test.csv");
        assertTrue(output.contains("Macro F1"), output);
        String refused = run("reproduce", after + "/model");
        String why = "tokenizer.json' (WordpiecePipeline) is missing";
        assertTrue(refused.contains(why), refused);
        assertEquals(refused.indexOf(why), refused.lastIndexOf(why), refused);
    }
}
