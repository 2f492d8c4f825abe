package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.finitentk.internal.onnx.FloatConstant;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code inspect} tells of the float constants of a network. */
@NullUnmarked
final class InspectTest {
    private static final String SCALED =
            "input x[4]; w[4,6]; mu[4]; b2[] = 0.3; w2[6,1]; constant half[] = 0.5; z = Sub(x, mu);"
                    + "a = MatMul(z, w); t = Tanh(a); s = Mul(t, half); o = MatMul(s, w2); y = Add(o, b2)";

    @TempDir
    Path folder = Path.of("");

    private String inspect(String network, String... options) throws IOException {
        Path file = folder.resolve("network.onnx");
        Files.write(file, WrittenNetwork.bytes(network));
        return inspect(file, options);
    }

    private static String inspect(Path file, String... options) {
        String[] args = new String[options.length + 2];
        args[0] = "inspect";
        args[1] = file.toString();
        System.arraycopy(options, 0, args, 2, options.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertEquals(0, code, err.toString(StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyFloatConstantIsListedWithItsReason() throws IOException {
        String text = inspect(SCALED);
        JsonNode constants =
                new ObjectMapper().readTree(inspect(SCALED, "--json")).get("constants");
        Graph graph = WrittenNetwork.of(SCALED);
        assertEquals(6 - 1, constants.size());
        Map<String, JsonNode> byName = new HashMap<>();
        constants.forEach(constant -> byName.put(constant.get("name").textValue(), constant));
        for (FloatConstant constant : ParameterChoice.explain(graph, ParameterSelection.DEFAULT)) {
            JsonNode listed = byName.get(constant.name());
            assertEquals(constant.weight(), listed.get("parameter").booleanValue(), constant.name());
            assertEquals(constant.reason(), listed.get("reason").textValue());
            assertEquals(constant.shape().size(), listed.get("shape").size());
            assertTrue(text.contains(constant.name() + ": " + constant.reason()), text);
        }
        assertEquals(
                "standardizes the input: node 'z' (Sub) comes before any weight",
                byName.get("mu").get("reason").textValue());
    }

    @Test
    void reasonsAreListedWhereANetworkCannotBeLinearized() throws IOException {
        String text =
                inspect("input x[4]; w[4,4]; low[2,2] = -1e9 0 0 -1e9; a = MatMul(x, w); integers sh[3] = -1 2 2; r ="
                        + " Reshape(a, sh); s = Add(r, low); y = Det(s)");
        assertTrue(text.contains("cannot be linearized") && text.contains("low: a mask"), text);
    }

    @Test
    void thousandsOfConstantsAreFewLinesOfTextAndAllInJson() throws IOException {
        StringBuilder network = new StringBuilder("input x[2];");
        String before = "x";
        for (int i = 0; i < 700; i++) {
            network.append("w")
                    .append(i)
                    .append("[2,2]; constant c")
                    .append(i)
                    .append("[] = 0.5; m")
                    .append(i)
                    .append(" = MatMul(")
                    .append(before)
                    .append(", w")
                    .append(i)
                    .append("); h")
                    .append(i)
                    .append(" = Mul(m")
                    .append(i)
                    .append(", c")
                    .append(i)
                    .append(");");
            before = "h" + i;
        }
        network.append("y = Identity(").append(before).append(")");
        String text = inspect(network.toString());
        assertTrue(text.lines().count() < 260, text.lines().count() + " lines");
        assertTrue(
                text.contains("and 500 more, which --json lists")
                        && text.contains("c0 to c699: of the first, a scalar of a formula"),
                text);
        JsonNode listed = new ObjectMapper().readTree(inspect(network.toString(), "--json"));
        assertEquals(1400, listed.get("constants").size());
        assertEquals(700, listed.get("parameters").size());
    }

    @Test
    void aBundleHasTheParametersThatItWasMadeWith() throws IOException {
        Path file = folder.resolve("network.onnx");
        Files.write(file, WrittenNetwork.bytes(SCALED));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] export = {
            "export",
            file.toString(),
            "--exclude",
            "w2",
            "--out",
            folder.resolve("bundle").toString()
        };
        assertEquals(
                0,
                Main.run(export, new PrintStream(new ByteArrayOutputStream()), new PrintStream(err)),
                err.toString(StandardCharsets.UTF_8));
        String text = inspect(folder.resolve("bundle"));
        assertTrue(
                text.contains("w: a parameter of the bundle") && text.contains("w2: no parameter of the bundle"), text);
    }
}
