package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.finitentk.testing.WrittenNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks of which a file does not say how many columns they take: the table does. */
final class OpenColumnsTest {
    private static final String BODY = "w[4,5]; v[5,1]; h = MatMul(r, w); t = Tanh(h); y = MatMul(t, v);";

    @TempDir
    private Path folder = Path.of("");

    private String out = "";
    private String err = "";

    @BeforeEach
    void table() throws IOException {
        StringBuilder rows = new StringBuilder("d,a,c,b,z,target\n");
        for (int i = 0; i < 24; i++) {
            for (int j = 1; j <= 5; j++) {
                rows.append(Math.round(1000 * Math.sin(i * j + j)) / 1000.0).append(',');
            }
            rows.append(Math.cos(i)).append('\n');
        }
        Files.writeString(folder.resolve("t.csv"), rows);
    }

    /** The file of a network, with axes of its input left open. */
    private void network(String text, int... open) throws IOException {
        ModelProto.Builder file = ModelProto.parseFrom(WrittenNetwork.bytes(text)).toBuilder();
        for (int axis : open) {
            file.getGraphBuilder()
                    .getInputBuilder(0)
                    .getTypeBuilder()
                    .getTensorTypeBuilder()
                    .getShapeBuilder()
                    .getDimBuilder(axis)
                    .setDimParam("m" + axis);
        }
        Files.write(folder.resolve("net.onnx"), file.build().toByteArray());
    }

    private int run(String command, String... options) {
        String[] words = (command + " " + String.join(" ", options)).split(" ");
        ByteArrayOutputStream print = new ByteArrayOutputStream();
        ByteArrayOutputStream complain = new ByteArrayOutputStream();
        int code = Main.run(
                Arrays.stream(words)
                        .map(word -> word.replace("@", folder + "/"))
                        .toArray(String[]::new),
                new PrintStream(print, true, StandardCharsets.UTF_8),
                new PrintStream(complain, true, StandardCharsets.UTF_8));
        out = print.toString(StandardCharsets.UTF_8);
        err = complain.toString(StandardCharsets.UTF_8);
        return code;
    }

    private int train(String... options) {
        return run("train --network @net.onnx --data @t.csv --target target --out @m", options);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input x[4]; r = Identity(x);             | 1 | [n, m1]",
                "input x[1,4]; integers s[1] = 1; r = Squeeze(x, s); | 2 | [n, 1, m2]",
                "input x[4,1]; integers s[1] = 2; r = Squeeze(x, s); | 1 | [n, m1, 1]",
                "input x[2,2]; r = Flatten(x) axis=1;     | 2 | [n, 2, m2]",
            })
    void theColumnsThatWereNamedSayHowManyThereAre(String start, int open, String shape) throws IOException {
        network(start + BODY, open);
        assertEquals(0, train("--features", "a,b,c,d"), err);
        assertTrue(
                err.contains("the network's input 'x' of shape " + shape + " has 4 elements an example: by --features"),
                err);
        assertEquals(0, run("predict @m --data @t.csv --out @p.csv"), err);
        String named = Files.readString(folder.resolve("p.csv"));
        network(start + BODY);
        assertEquals(0, train("--features", "a,b,c,d"), err);
        assertEquals(0, run("predict @m --data @t.csv --out @p.csv"), err);
        assertEquals(Files.readString(folder.resolve("p.csv")), named);
    }

    @Test
    void columnsThatTheNetworkCannotTakeAreToldOf() throws IOException {
        network("input x[4]; r = Identity(x); " + BODY, 1);
        assertEquals(1, train("--features", "a,b,c"), out);
        assertTrue(
                err.contains(
                        "the network's input 'x' of shape [n, m1] leaves open how many columns it takes, but cannot "
                                + "take the 3 columns that were named, 'a', 'b', 'c'"),
                err);
        assertEquals(1, train(), out);
        assertTrue(
                err.contains(
                        "cannot take 5 columns of numbers, 'd', 'a', 'c', 'b', 'z'; name those that it was trained "
                                + "with, in its order, by --features"),
                err);
        // Two open sizes are more than a number of columns settles.
        network("input x[2,2]; r = Flatten(x) axis=1; " + BODY, 1, 2);
        assertEquals(1, train("--features", "a,b,c,d"), out);
        assertTrue(err.contains("--input-shape x=NxAxB"), err);
    }
}
