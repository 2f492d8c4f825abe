package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect} tells how a network is computed otherwise than its file says. */
final class InspectNotesTest {
    @TempDir
    private Path folder = Path.of("");

    private String run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertEquals(0, code, () -> err.toString(StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Node node(String op, String output, Attributes attributes, String... inputs) {
        return new Node("the_" + output, "", op, List.of(inputs), List.of(output), attributes.build());
    }

    @Test
    void ofNarrowNumbers() throws IOException {
        Attributes none = new Attributes();
        Graph graph = new Graph(
                "narrow",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "2"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "2"))),
                Map.of(
                        "wq",
                        new Tensor(ElementType.INT8, new long[] {2, 2}, ByteBuffer.wrap(new byte[] {1, 2, 3, 4})),
                        "s",
                        Tensor.ofFloats(new float[] {0.5f})),
                List.of(
                        node("DequantizeLinear", "w", none, "wq", "s"),
                        node("MatMul", "m", none, "x", "w"),
                        node("Cast", "h", new Attributes().integer("to", ElementType.FLOAT16.code()), "m"),
                        node("Cast", "y", new Attributes().integer("to", ElementType.FLOAT.code()), "h")));
        Path file = folder.resolve("narrow.onnx");
        ModelWriter.write(graph, file);
        List<String> notes = List.of(
                "16-bit sections are computed in float32",
                "quantized constants are dequantized, (x - zero point) · scale in float32, and are weights "
                        + "like others: 'wq' (INT8)");
        List<String> lines = run("inspect", file.toString()).lines().toList();
        notes.forEach(note -> assertTrue(lines.contains("note    " + note), lines.toString()));
        JsonNode json = new ObjectMapper().readTree(run("inspect", file.toString(), "--json"));
        assertEquals(
                notes,
                List.of(
                        json.get("notes").get(0).textValue(),
                        json.get("notes").get(1).textValue()));
        assertEquals("wq", json.get("parameters").get(0).get("name").textValue());
    }
}
