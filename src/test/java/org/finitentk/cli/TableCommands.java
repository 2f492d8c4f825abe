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
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A table, networks, and the commands that take them, as a person with both uses them. */
@NullUnmarked
abstract class TableCommands {
    @TempDir
    Path folder = Path.of("");

    String output = "";
    String errors = "";

    @BeforeEach
    void files() throws IOException {
        Random random = new Random(1);
        StringBuilder train = new StringBuilder("id,weight,height,age,quality,grade\n");
        for (int i = 0; i < 40; i++) {
            double[] x = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
            double y = Math.sin(x[2]) + x[1];
            train.append(row("p" + i, x[0], x[1], x[2], y)).append(y > 0 ? ",high\n" : ",low\n");
        }
        Files.writeString(path("train.csv"), train);
        // Columns in another order, none of the targets, one more column.
        Files.writeString(path("new.csv"), "age,note,height,weight,id\n0.5,\"a,b\",-1,0.25,n1\n-0.5,,1,0,n2\n");
        Graph one = NetworkBuilder.mlp(3, List.of(6), 1, Activation.TANH, 1);
        ModelWriter.write(one, path("one.onnx"));
        ModelWriter.write(
                new NetworkNames(List.of("age", "height", "weight"), List.of()).addTo(one), path("named.onnx"));
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(6), 2, Activation.TANH, 1), path("two.onnx"));
        ModelWriter.write(NetworkBuilder.mlp(3, List.of(6), 2, Activation.TANH, 1), path("classes.onnx"));
    }

    static String row(String id, double... values) {
        StringBuilder row = new StringBuilder(id);
        for (double value : values) {
            row.append(String.format(Locale.ROOT, ",%.4f", value));
        }
        return row.toString();
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Names of files are those in the folder. */
    int run(String... words) {
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].replace("@", folder + "/");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        output = out.toString(StandardCharsets.UTF_8);
        errors = err.toString(StandardCharsets.UTF_8);
        assertFalse(errors.contains("Exception"), errors);
        return code;
    }

    void done(String... words) {
        assertEquals(0, run(words), () -> errors);
    }

    void refused(String sentence, String... words) {
        assertEquals(1, run(words), () -> output);
        assertTrue(errors.contains(sentence), errors);
    }
}
