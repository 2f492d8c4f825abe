package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.impl.ArrayExample;
import org.tribuo.regression.Regressor;

/** What the commands that take tables make of them. */
@NullUnmarked
final class TableCommandsTest extends TableCommands {
    @Test
    void predictionsAreTheModels() throws IOException {
        done("train", "--network", "@named.onnx", "--data", "@train.csv", "--target", "quality", "--out", "@m");
        assertTrue(output.contains("left out: 'id', 'grade'"), output);
        done("predict", "@m", "--data", "@new.csv", "--keep", "id,note", "--out", "@p.csv", "--level", "0.5");
        List<String> lines = Files.readAllLines(path("p.csv"));
        assertEquals("id,note,quality_mean,quality_sd,quality_lower,quality_upper", lines.get(0));
        assertTrue(lines.get(1).startsWith("n1,\"a,b\","), lines.get(1));
        Example<Regressor> second = new ArrayExample<>(
                new Regressor("quality", Double.NaN), new String[] {"age", "height", "weight"}, new double[] {-0.5, 1, 0
                });
        Regressor expected = Model.deserializeFromFile(path("m"))
                .castModel(Regressor.class)
                .predict(second)
                .getOutput();
        double mean = expected.getValues()[0];
        double deviation = Math.sqrt(expected.getVariances()[0]);
        String[] cells = lines.get(2).split(",", -1);
        assertEquals(mean, Double.parseDouble(cells[2]), 1e-5 * Math.abs(mean));
        assertEquals(deviation, Double.parseDouble(cells[3]), 1e-5 * deviation);
        // The quartiles of the normal distribution.
        assertEquals(mean - 0.67448975 * deviation, Double.parseDouble(cells[4]), 1e-5);
        assertEquals(mean + 0.67448975 * deviation, Double.parseDouble(cells[5]), 1e-5);
        done("evaluate", "@m", "--data", "@train.csv", "--out", "@report");
        assertTrue(output.contains("Tribuo's evaluation"), output);
        assertTrue(Files.readString(path("report/report.html")).contains("data:image/png"));
        done("reproduce", "@m");
        assertTrue(output.contains("the same parameters to the last bit"), output);
        done("reproduce", "@m.json");
    }

    @Test
    void trainersWithoutANetworkTakeTablesToo() throws IOException {
        Files.writeString(
                path("rbf.xml"),
                "<config><component name=\"rbf\" type=\"org.finitentk.regression.RbfGaussianProcessTrainer\"/></config>");
        done(
                "train",
                "--trainer",
                "rbf",
                "--config",
                "@rbf.xml",
                "--data",
                "@train.csv",
                "--target",
                "quality",
                "--out",
                "@m");
        done("predict", "@m", "--data", "@new.csv", "--keep", "id", "--out", "@p.csv");
        assertEquals(3, Files.readAllLines(path("p.csv")).size());
        done("evaluate", "@m", "--data", "@train.csv");
        done("reproduce", "@m");
        assertTrue(output.contains("the same parameters to the last bit"), output);
        done("reproduce", "@m.json");
        Files.writeString(
                path("rbf.xml"),
                Files.readString(path("rbf.xml"))
                        .replace("/></c", "><property name=\"starts\" value=\"0\"/></component></c"));
        refused(
                "starts is 0; expected at least 1",
                "train",
                "--trainer",
                "rbf",
                "--config",
                "@rbf.xml",
                "--data",
                "@train.csv",
                "--target",
                "quality",
                "--out",
                "@n");
    }

    @Test
    void aChangedTableIsNamed() throws IOException {
        done("train", "--network", "@named.onnx", "--data", "@train.csv", "--target", "quality", "--out", "@m");
        Files.writeString(path("train.csv"), Files.readString(path("train.csv")) + "p99,0,0,0,0,low\n");
        refused("train.csv", "reproduce", "@m");
        assertTrue(output.contains("CHANGED"), output);
    }

    @Test
    void brokenRowsAreListedByTrainAndEmptyInPredictions() throws IOException {
        String[] rows = Files.readString(path("train.csv")).split("\n");
        rows[3] = rows[3].replaceFirst(",[^,]*", ",");
        rows[5] = rows[5] + ",more";
        rows[7] = rows[7].replaceFirst(",[^,]*", ",oops");
        Files.writeString(path("broken.csv"), String.join("\n", rows) + "\n");
        refused(
                "has 3 rows that cannot be used, of 40: line 4 ('weight' is empty), line 6 (it has 7 cells; expected 6),"
                        + " line 8 ('weight' is 'oops', no finite number)",
                "train",
                "--network",
                "@named.onnx",
                "--data",
                "@broken.csv",
                "--target",
                "quality",
                "--out",
                "@m");
        done("train", "--network", "@named.onnx", "--data", "@train.csv", "--target", "quality", "--out", "@m");
        refused(
                "3 of 40 rows have no prediction",
                "predict",
                "@m",
                "--data",
                "@broken.csv",
                "--out",
                "@p.csv",
                "--keep",
                "id");
        List<String> lines = Files.readAllLines(path("p.csv"));
        assertEquals(41, lines.size());
        assertEquals("p2,,,,", lines.get(3));
        assertTrue(lines.get(4).matches("p3,[-0-9.E]+,.*"), lines.get(4));
        refused("has no column 'age', 'height', 'weight', which the model needs", "predict", "@m", "--data", "@p.csv");
    }

    @Test
    void aNumberThatIsTooLargeIsTheFaultOfItsOwnRow() throws IOException {
        done("train", "--network", "@named.onnx", "--data", "@train.csv", "--target", "quality", "--out", "@m");
        Files.writeString(path("large.csv"), "age,height,weight\n1,1,1\n1,1e300,1\n2,2,2\n");
        refused("1 of 3 rows have no prediction: line 3", "predict", "@m", "--data", "@large.csv", "--out", "@p.csv");
        List<String> lines = Files.readAllLines(path("p.csv"));
        assertEquals(",,,", lines.get(2));
        assertFalse(lines.get(3).startsWith(","), lines.get(3));
    }

    @Test
    void severalTargets() throws IOException {
        done(
                "train",
                "--network",
                "@two.onnx",
                "--data",
                "@train.csv",
                "--target",
                "quality",
                "--target",
                "weight",
                "--features",
                "age,height",
                "--outputs",
                "weight,quality",
                "--out",
                "@m");
        done("predict", "@m", "--data", "@new.csv");
        assertTrue(
                output.startsWith("quality_mean,quality_sd,quality_lower,quality_upper,weight_mean,weight_sd,"),
                output);
        done("evaluate", "@m", "--data", "@train.csv");
        assertTrue(output.contains("quality") && output.contains("weight"), output);
        refused("has no column 'age'", "evaluate", "@m", "--data", "@m.json", "--columns", "quality,weight");
    }

    @Test
    void textLabels() throws IOException {
        String[] train = {
            "train",
            "--network",
            "@classes.onnx",
            "--data",
            "@train.csv",
            "--target",
            "grade",
            "--features",
            "age,height,weight",
            "--out",
            "@m"
        };
        refused("give with --labels the labels of all 2 outputs", train.clone());
        List<String> listed = new ArrayList<>(List.of(train));
        listed.addAll(List.of("--labels", "low,high"));
        done(listed.toArray(String[]::new));
        done("predict", "@m", "--data", "@train.csv", "--keep", "grade", "--out", "@p.csv");
        List<String> lines = Files.readAllLines(path("p.csv"));
        assertEquals("grade,label,p_high,p_low", lines.get(0));
        String[] cells = lines.get(1).split(",");
        assertEquals(1, Double.parseDouble(cells[2]) + Double.parseDouble(cells[3]), 1e-12);
        done("evaluate", "@m", "--data", "@train.csv");
        assertTrue(output.contains("Macro F1"), output);
        Files.writeString(path("other.csv"), Files.readString(path("train.csv")).replace(",low\n", ",medium\n"));
        refused("rows of the labels 'medium', which the model does not know", "evaluate", "@m", "--data", "@other.csv");
        done("evaluate", "@m", "--data", "@train.csv", "--target", "grade");
        refused("predicts 'grade', which", "evaluate", "@m", "--data", "@train.csv", "--target", "quality");
    }

    @Test
    void oneLogitHasItsPositiveLabel() throws IOException {
        String[] train = {
            "train",
            "--network",
            "@named.onnx",
            "--data",
            "@train.csv",
            "--target",
            "grade",
            "--out",
            "@m",
            "--positive-label",
            "low"
        };
        done(train.clone());
        assertTrue(errors.contains("'low'") || errors.contains("low]"), errors);
        done("predict", "@m", "--data", "@train.csv");
        assertTrue(output.startsWith("label,p_high,p_low\n"), output);
        String[] wrong = train.clone();
        wrong[wrong.length - 1] = "medium";
        refused("'medium' is named as the positive label", wrong);
        String[] several = train.clone();
        several[2] = "@classes.onnx";
        refused("the network has 2 outputs; expected one logit", several);
        List<String> shared = new ArrayList<>(List.of(train).subList(0, train.length - 2));
        shared.addAll(List.of("--structure", "shared"));
        done(shared.toArray(String[]::new));
    }

    @Test
    void aPipeIsAnsweredInItsOwnForm() {
        done("train", "--network", "@named.onnx", "--data", "@train.csv", "--target", "quality", "--out", "@m");
        InputStream before = System.in;
        try {
            System.setIn(
                    new ByteArrayInputStream("{\"age\":1,\"height\":0.5,\"weight\":\"2\",\"id\":7}\n{\"age\":1}\nno\n"
                            .getBytes(StandardCharsets.UTF_8)));
            refused("2 of 3 rows", "predict", "@m", "--data", "-", "--keep", "id");
            String[] lines = output.split("\n");
            assertTrue(lines[0].startsWith("{\"id\":7,\"quality_mean\":"), output);
            assertEquals(
                    "{\"id\":\"\",\"quality_mean\":null,\"quality_sd\":null,\"quality_lower\":null,\"quality_upper\":null}",
                    lines[1]);
            System.setIn(new ByteArrayInputStream("age\theight\tweight\n1\t0.5\t2\n".getBytes(StandardCharsets.UTF_8)));
            done("predict", "@m", "--data", "-");
            assertTrue(output.startsWith("quality_mean,quality_sd,"), output);
        } finally {
            System.setIn(before);
        }
    }
}
