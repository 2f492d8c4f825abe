package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.finitentk.internal.autodiff.FileModel;
import org.finitentk.onnx.ElementType;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code train} asks of a person with a table and a network, and what it finds by itself. */
@NullUnmarked
final class TableQuestionsTest extends TableCommands {
    /** However two classes are written, a network with one output does not make numbers of them in silence. */
    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "-1, 1", "0.0, 1.0", "5, 10"})
    void twoNumbersCanBeTwoLabels(String first, String second) throws IOException {
        StringBuilder rows = new StringBuilder("weight,height,age,churn\n");
        for (int i = 0; i < 20; i++) {
            rows.append(i % 7)
                    .append(',')
                    .append(i % 4)
                    .append(',')
                    .append(i % 3)
                    .append(',');
            rows.append(i % 2 == 0 ? first : second).append('\n');
        }
        Files.writeString(path("churn.csv"), rows);
        refused(
                "it holds only " + first + " and " + second + ", which can be two labels or numbers",
                "train",
                "--network",
                "@one.onnx",
                "--data",
                "@churn.csv",
                "--target",
                "churn",
                "--features",
                "weight,height,age",
                "--out",
                "@m");
    }

    /** One sentence for a column of words, whether it was listed or not. */
    private void wordsAreNoInputs(String[] train, String[] listed) throws IOException {
        String before = Files.readString(path("shops.csv"));
        Files.writeString(path("shops.csv"), before.replaceAll("(?m)^(\\d+,\\d+),(\\d)", "$1,shop $2"));
        refused("the column 'shop' holds 'shop 0', 'shop 1', 'shop 2'; a network takes numbers", listed.clone());
        refused("if it was trained with 'shop' ('shop 0', 'shop 1', 'shop 2'): a network takes numbers", train.clone());
        Files.writeString(path("shops.csv"), before);
    }

    /** Numbers and the id of an embedding's row: names of columns do not tell which is which, the refusal does. */
    @Test
    void whatWasLearnedIsSaid() throws IOException {
        List<String> lines = Files.readAllLines(path("train.csv"));
        lines.set(7, lines.get(7).replaceFirst(",[^,]*,(low|high)$", ",99.5,$1"));
        Files.write(path("wrong.csv"), lines);
        done("train", "--network", "@named.onnx", "--data", "@wrong.csv", "--target", "quality", "--out", "@m");
        assertTrue(output.contains("mean before the data: "), output);
        assertTrue(output.contains("'quality': noise of standard deviation 1"), output);
        assertTrue(output.contains("1 of 40 targets "), output);
        assertTrue(output.contains("  row 7: 'quality' is 99.5, expected "), output);
        done(
                "train",
                "--network",
                "@named.onnx",
                "--data",
                "@train.csv",
                "--target",
                "grade",
                "--structure",
                "shared",
                "--out",
                "@m");
        assertTrue(output.contains("labels learned by FULL_COVARIANCE, solver PARAMETER_SPACE: "), output);
        assertTrue(output.contains("by AUTO, since the prior logits are FREQUENCIES, not the network's"), output);
    }

    @Test
    void severalInputsAreListedOneAfterTheOther() throws IOException {
        Files.write(
                path("shops.onnx"),
                FileModel.of(17)
                        .in("numbers", ElementType.FLOAT, "N", "2")
                        .in("shop", ElementType.INT64, "N")
                        .weights("embedding", 3, 2)
                        .weights("w", 4, 1)
                        .node("Gather", "e", "embedding,shop")
                        .node("Concat", "c", "numbers,e", "axis", 1)
                        .node("MatMul", "y", "c,w")
                        .out("y", "N", "1")
                        .bytes());
        StringBuilder rows = new StringBuilder("price,rain,shop,sales\n");
        for (int i = 0; i < 30; i++) {
            rows.append(i % 7).append(',').append(i % 4).append(',').append(i % 3);
            rows.append(',').append(i % 7 - i % 4 + i % 3).append('\n');
        }
        Files.writeString(path("shops.csv"), rows);
        String[] train = {
            "train", "--network", "@shops.onnx", "--data", "@shops.csv", "--target", "sales", "--out", "@m"
        };
        refused(
                "nothing says which column is which of the network's 3 inputs, which are 'numbers' (2), then 'shop' "
                        + "(1); if it was trained with the columns in the table's order, add --features "
                        + "price,rain,shop ",
                train.clone());
        String[] listed = Arrays.copyOf(train, train.length + 2);
        listed[train.length] = "--features";
        listed[train.length + 1] = "price,rain,shop";
        done(listed);
        wordsAreNoInputs(train, listed);
        Files.writeString(path("next.csv"), "shop,rain,price\n2,1,1\n-1,1,1\n3,1,1\n");
        assertEquals(1, run("predict", "@m", "--data", "@next.csv"));
        assertTrue(errors.contains("2 of 3 rows") && errors.contains("expected 0 to 2"), errors);
    }

    @Test
    void numbersWithCommasAreNeitherLeftOutNorLabels() throws IOException {
        Files.writeString(
                path("de.csv"),
                Files.readString(path("train.csv")).replace(',', ';').replace('.', ','));
        String[] train = {"train", "--network", "@named.onnx", "--data", "@de.csv", "--target", "quality", "--out", "@m"
        };
        refused("a number with a comma; if the comma is before a fraction, add --decimal , ;", train.clone());
        String[] comma = Arrays.copyOf(train, train.length + 2);
        comma[train.length] = "--decimal";
        comma[train.length + 1] = ",";
        done(comma);
        Files.writeString(path("us.csv"), "age,height,weight,quality\n1,2,3,\"1,250\"\n2,2,3,\"2,250\"\n");
        refused(
                "the column 'quality' has '1,250', a number with a comma",
                "train",
                "--network",
                "@named.onnx",
                "--data",
                "@us.csv",
                "--target",
                "quality",
                "--out",
                "@m2");
        for (String thousands : List.of("\"1,250.50\"", "1.250.000", "\"1.250,5\"")) {
            Files.writeString(path("us.csv"), "age,height,weight,quality\n1,2,3," + thousands + "\n2,2,3,25.5\n");
            refused(
                    "a number with ",
                    "train",
                    "--network",
                    "@named.onnx",
                    "--data",
                    "@us.csv",
                    "--target",
                    "quality",
                    "--out",
                    "@m2");
        }
    }

    @Test
    void aTargetOfTextsThatAreAllDifferentIsNoLabel() throws IOException {
        Files.writeString(
                path("percent.csv"), Files.readString(path("train.csv")).replaceAll(",(high|low)\n", " %,$1\n"));
        String[] train = {
            "train", "--network", "@named.onnx", "--data", "@percent.csv", "--target", "quality", "--out", "@m"
        };
        refused("40 texts in 40 rows, nearly all of them different, such as '", train.clone());
        train[4] = "@train.csv";
        train[6] = "grade";
        String[] numbers = Arrays.copyOf(train, train.length + 2);
        numbers[train.length] = "--task";
        numbers[train.length + 1] = "regression";
        refused("the column 'grade', which is learned as numbers, holds '", numbers.clone());
        numbers[train.length] = "--positive-label";
        numbers[train.length + 1] = "High";
        refused("'High' is named as the positive label", numbers.clone());
        numbers[6] = "quality";
        numbers[train.length] = "--weights";
        numbers[train.length + 1] = "grade";
        refused("the column 'grade', which has the weights, holds '", numbers.clone());
        numbers[train.length] = "--include";
        numbers[train.length + 1] = "w(";
        refused("include is 'w(', which is not a regular expression", numbers.clone());
        assertFalse(errors.contains("caused by"), errors);
        train[6] = "";
        refused("has no column '', which is a target", train.clone());
        train[6] = "grade";
        Files.writeString(path("header.csv"), "age,height,weight,grade\n");
        train[4] = "@header.csv";
        refused("has no rows below its header", train.clone());
        assertEquals("", output);
        Files.writeString(path("composed.csv"), "a\u0308ge,height,weight,grade\n1,2,3,low\n");
        train[4] = "@composed.csv";
        String[] listed = Arrays.copyOf(train, train.length + 2);
        listed[train.length] = "--features";
        listed[train.length + 1] = "\u00e4ge,height,weight";
        refused("It looks the same and is written with other characters", listed);
    }

    /** Keras and scikit-learn export an input for each column; a table has others beside them. */
    @Test
    void inputsNamedAsColumnsTakeThem() throws IOException {
        String net = "input serving_default_age[1]; input serving_default_weight[1]; w[2,4]; v[4,1]; "
                + "x = Concat(serving_default_age, serving_default_weight) axis=1; h = MatMul(x, w); t = Tanh(h); "
                + "y = MatMul(t, v);";
        Files.write(path("columns.onnx"), WrittenNetwork.bytes(net));
        Files.write(path("bare.onnx"), WrittenNetwork.bytes(net.replace("serving_default_", "")));
        String[] train = {
            "train", "--network", "@columns.onnx", "--data", "@train.csv", "--target", "quality", "--out", "@m"
        };
        done(train.clone());
        assertTrue(output.contains("regression of 'quality' from 2 columns: age, weight"), output);
        assertTrue(errors.contains("by the inputs' own names the features 'age', 'weight'"), errors);
        String[] listed = Arrays.copyOf(train, train.length + 2);
        listed[train.length] = "--features";
        listed[train.length + 1] = "weight,age";
        refused(
                "gives 'weight' to the network's input 'serving_default_age', but the network has an input 'serving_default_weight'",
                listed.clone());
        listed[2] = "@bare.onnx";
        refused("gives 'weight' to the network's input 'age', but the network has an input 'weight'", listed.clone());
        listed[train.length + 1] = "height,weight";
        done(listed.clone());
        train[6] = "age";
        refused("the network has 2 inputs, which are 'serving_default_age', 'serving_default_weight'", train.clone());
    }

    @Test
    void labelsThatAreAllOneAreToldOf() throws IOException {
        Files.writeString(path("alike.csv"), Files.readString(path("train.csv")).replace(",high", ",low"));
        done(
                "train",
                "--network",
                "@classes.onnx",
                "--data",
                "@alike.csv",
                "--target",
                "grade",
                "--features",
                "weight,height,age",
                "--labels",
                "high,low",
                "--inference",
                "full-covariance",
                "--out",
                "@m");
        assertTrue(errors.contains("warning: all 40 training examples have the label 'low'"), errors);
        // a part of a larger table: the positive label is known, and none of its rows
        done(
                "train",
                "--network",
                "@one.onnx",
                "--data",
                "@alike.csv",
                "--target",
                "grade",
                "--features",
                "weight,height,age",
                "--positive-label",
                "high",
                "--inference",
                "map",
                "--out",
                "@m");
        assertTrue(errors.contains("log odds of 'high' against 'low'"), errors);
    }

    @Test
    void theInferenceIsChosen() throws IOException {
        String[] train = {
            "train",
            "--network",
            "@classes.onnx",
            "--data",
            "@train.csv",
            "--target",
            "grade",
            "--features",
            "weight,height,age",
            "--structure",
            "shared",
            "--inference",
            "map",
            "--out",
            "@m"
        };
        done(train.clone());
        assertEquals(Set.of("MAP"), inferences());
        train[12] = "auto";
        done(train.clone());
        assertEquals(Set.of("AUTO", "FULL_COVARIANCE"), inferences());
        train[2] = "@one.onnx";
        train[6] = "quality";
        train[12] = "map";
        refused("the inference MAP was asked for, which is how labels are learned, but the targets are numbers", train);
    }

    /** What the provenance says was asked for, and, where that was AUTO, chosen. */
    private Set<String> inferences() throws IOException {
        return Pattern.compile("\"key\" : \"inference\",\\s*\"value\" : \"(\\w+)\"")
                .matcher(Files.readString(path("m.json")))
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toSet());
    }

    @Test
    void optionsThatATrainerDoesNotHearOfAreRefused() {
        for (String[] option : new String[][] {{"--labels", "a,b"}, {"--include", "w"}, {"--inference", "map"}}) {
            assertEquals(
                    2,
                    run(
                            "train",
                            "--trainer",
                            "any",
                            "--config",
                            "tribuo-config/classify.xml",
                            "--data",
                            "@train.csv",
                            "--target",
                            "grade",
                            option[0],
                            option[1],
                            "--out",
                            "@m"));
            assertTrue(errors.contains(option[0] + " is of the trainer that this command makes"), errors);
        }
    }

    @Test
    void theShapeOfAnInputThatTheNetworkLacksIsRefused() {
        String[] train =
                ("train --network @one.onnx --data @train.csv --target quality --features weight,height,age --out @m"
                                + " --input-shape input=Nx3")
                        .split(" ");
        done(train.clone());
        train[train.length - 1] = "z=Nx3";
        refused("the network has no input 'z', for which a shape is given; its inputs are 'input'", train.clone());
        train[train.length - 1] = "input=Nx3x1";
        refused("the shape Nx3x1 is given for input 'input'", train);
    }

    @Test
    void aFileWithoutItsOptionIsAskedFor() {
        assertEquals(2, run("train", "@named.onnx", "--data", "@train.csv", "--target", "quality", "--out", "@m"));
        assertTrue(errors.contains("; is it meant as --network=" + path("named.onnx") + " ?"), errors);
    }

    @Test
    void theRefusalHasTheLineToPaste() {
        refused(
                "add --features weight,height,age ",
                "train",
                "--network",
                "@one.onnx",
                "--data",
                "@train.csv",
                "--target",
                "quality",
                "--out",
                "@m");
        assertFalse(Files.exists(path("m")));
        done(
                "train",
                "--network",
                "@one.onnx",
                "--data",
                "@train.csv",
                "--target",
                "quality",
                "--features",
                "weight,height,age",
                "--out",
                "@m");
        assertTrue(Files.exists(path("m.json")));
    }
}
