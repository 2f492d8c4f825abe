package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.ChildJvm;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The process must not grow with the number of calls, nor with networks that nobody closed. Measured in a JVM whose
 * heap is fixed and touched from the start.
 */
@NullUnmarked
final class NativeMemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");

    @ParameterizedTest
    @CsvSource({"calls,32", "abandoned,64"})
    void residentMemoryIsBounded(String work, long allowedMegabytes) throws IOException, InterruptedException {
        assumeTrue(Files.isReadable(STATUS), "needs Linux");
        Process child = new ProcessBuilder(ChildJvm.command(
                        "-Xms64m",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:+AlwaysPreTouch",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        work))
                .redirectErrorStream(true)
                .start();
        String text = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, child.waitFor(), text);
        long growth = Long.parseLong(text);
        assertTrue(growth < allowedMegabytes << 20, "resident memory grew by " + growth + " bytes");
    }

    /** Prints by how many bytes the process has grown. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            System.out.println(arguments[0].equals("calls") ? calls() : abandoned());
        }

        private static long calls() throws IOException {
            Examples x = SmallNetworks.examples(ElementType.FLOAT, 64, 5, 1);
            try (LinearizedNetwork network = open(5, 50, 50, 1)) {
                double[] v = SmallNetworks.gaussian(new Random(1), network.parameterCount(), 1);
                double[] u = SmallNetworks.gaussian(new Random(1), 64, 1);
                everything(network, x, v, u, 200);
                long before = residentBytes();
                everything(network, x, v, u, 1000);
                for (int i = 0; i < 9000; i++) {
                    network.forward(x);
                }
                return residentBytes() - before;
            }
        }

        private static void everything(LinearizedNetwork network, Examples x, double[] v, double[] u, int count) {
            for (int i = 0; i < count; i++) {
                network.forward(x);
                network.jvp(x, v);
                network.vjp(x, u);
                gradients(network, x);
                try (LinearizedNetwork moved = network.at(v)) {
                    moved.forward(x);
                    gradients(moved, x);
                }
            }
        }

        private static void gradients(LinearizedNetwork network, Examples x) {
            try (PerExampleGraph graph =
                    RunningNetwork.of(network).perExample(null, (positions, in, out) -> true, false)) {
                Tensor ones = Tensor.ofFloats(new float[] {1}, 1, 1);
                graph.run(x.slice(0, 1), (chunk, from, runs) -> {
                    Map<String, Tensor> feeds = new HashMap<>(chunk.inputs());
                    feeds.put(Linearization.COTANGENT, ones);
                    runs.get(0).of(feeds);
                });
            }
        }

        /** Every network has 4 MB of weights in native memory. */
        private static long abandoned() throws IOException, InterruptedException {
            Examples x = SmallNetworks.examples(ElementType.FLOAT, 2, 1000, 1);
            long before = 0;
            for (int i = 0; i < 60; i++) {
                if (i == 10) {
                    before = residentBytes();
                }
                open(1000, 1000, 1).forward(x);
                System.gc();
                Thread.sleep(5);
            }
            return residentBytes() - before;
        }

        private static long residentBytes() throws IOException {
            String line = Files.readAllLines(STATUS).stream()
                    .filter(l -> l.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }

        private static LinearizedNetwork open(long... widths) {
            return RunningNetwork.of(
                    SmallNetworks.mlp(ElementType.FLOAT, "batch", widths),
                    ParameterSelection.DEFAULT,
                    ExecutionSettings.DEFAULT);
        }
    }
}
