package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
final class CheckCommandTest {
    private static final List<String> CHECKS = List.of(
            "finite values",
            "agreement of f",
            "adjoint identity",
            "finite differences",
            "batch independence",
            "Gram matrix");

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        out.reset();
        err.reset();
        return Main.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aGoodModelAndItsBundlePass() {
        Path model = folder.resolve("mlp.onnx");
        ModelWriter.write(NetworkBuilder.mlp(3, List.of(5), 2, Activation.TANH, 1), model);
        Path bundle = folder.resolve("bundle.zip");
        assertEquals(0, run("export", model.toString(), "--out", bundle.toString()), err::toString);
        Path x = folder.resolve("x.npy");
        NpyFile.write(x, Tensor.ofFloats(new float[] {1, 2, 3, -1, 0, 1}, 2, 3));
        for (String[] args : new String[][] {
            {"check", model.toString()},
            {"check", bundle.toString()},
            {"check", model.toString(), "--inputs", x.toString(), "--seed", "4"},
            {"check", model.toString(), "--exclude", "ias"}
        }) {
            assertEquals(0, run(args), err::toString);
            List<String> lines = out().lines().toList();
            assertEquals(1 + CHECKS.size(), lines.size(), out());
            for (int i = 0; i < CHECKS.size(); i++) {
                assertTrue(lines.get(1 + i).matches(CHECKS.get(i) + " +passed .*"), out());
            }
        }
    }

    @Test
    void aModelThatMixesExamplesIsRefusedInOneSentence() {
        AttributeProto axis = AttributeProto.newBuilder()
                .setName("axis")
                .setType(AttributeProto.AttributeType.INT)
                .setI(0)
                .build();
        Graph graph = new Graph(
                "mixing",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "2"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "2"))),
                Map.of("w", Tensor.ofFloats(new float[] {1, 2, 3, -4}, 2, 2)),
                List.of(
                        new Node("product", "", "MatMul", List.of("x", "w"), List.of("h"), Map.of()),
                        new Node("mix", "", "Softmax", List.of("h"), List.of("y"), Map.of("axis", axis))));
        Path model = folder.resolve("mixing.onnx");
        ModelWriter.write(graph, model);
        assertEquals(1, run("check", model.toString()));
        assertTrue(out().contains("batch independence   FAILED"), out());
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(
                lines.get(0).contains("mixing.onnx' fails batch independence: the network mixes examples"),
                lines.toString());
    }
}
