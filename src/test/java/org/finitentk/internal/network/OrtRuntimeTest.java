package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.ChildJvm;
import org.finitentk.testing.Runs;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * ONNX Runtime 1.29.0 kills a JVM with a long command line, and hides that when CI is in the environment; this project
 * must start under both.
 */
@NullUnmarked
final class OrtRuntimeTest {
    @Test
    void startsUnderALongCommandLineAndOutsideContinuousIntegration(@TempDir Path home)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(ChildJvm.command(
                "-Xmx256m",
                "-Dpadding=" + "x".repeat(6 * 1024),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName()));
        builder.environment().remove("CI");
        builder.environment().remove("ORT_DISABLE_TELEMETRY");
        builder.environment().put("HOME", home.toString());
        Path output = home.resolve("output.txt");
        Process child = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(child.waitFor(60, TimeUnit.SECONDS), "the child JVM hangs");
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, child.exitValue(), text);
        assertEquals("2.0", text.strip(), "nothing but the result is printed");
        assertFalse(Files.exists(home.resolve(".cache")), "ONNX Runtime wrote a cache, as its telemetry does");
    }

    /** Runs y = tanh(0) W + b once. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            try (GraphRunner runner = new GraphRunner(SmallNetworks.mlp(ElementType.FLOAT, "n", 3, 2), Runs.CPU)) {
                Tensor y = runner.run(Map.of("x", Tensor.ofFloats(new float[3], 1, 3)))
                        .get("y");
                System.out.println((double) y.size());
            }
        }
    }
}
