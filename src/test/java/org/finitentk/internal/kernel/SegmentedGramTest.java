package org.finitentk.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.network.SegmentedGradients;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An image classifier in small, with branches that join again, and pooling, whose way back folds channels into the
 * examples' axis: its gradients are made piece by piece.
 */
final class SegmentedGramTest {
    private static final int OUTPUTS = 16;
    private static final int CHANNELS = 64;
    private static final int BLOCKS = 4;
    private static final long ENOUGH = 1L << 30;

    /**
     * A network.
     *
     * @param examples how many it takes
     * @param convolutions that a block begins with
     */
    private static Graph network(String examples, int convolutions) {
        SplittableRandom random = new SplittableRandom(5);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        add(weights, random, "stem", CHANNELS, 3, 3, 3);
        add(weights, random, "last", OUTPUTS, CHANNELS);
        List<Node> nodes = new ArrayList<>();
        nodes.add(convolution("x", "stem", "h0", 1));
        nodes.add(node("Tanh", "h1", "h0"));
        String h = "h1";
        for (int i = 0; i < BLOCKS; i++) {
            String block = "block" + i + "_";
            add(weights, random, block + "each", CHANNELS, 1, 3, 3);
            add(weights, random, block + "second", CHANNELS, CHANNELS, 3, 3);
            add(weights, random, block + "bias", CHANNELS);
            String inside = h;
            for (int j = 0; j < convolutions; j++) {
                add(weights, random, block + "first" + j, CHANNELS, CHANNELS, 3, 3);
                nodes.add(convolution(inside, block + "first" + j, block + 1 + "_" + j, 1));
                inside = block + 2 + "_" + j;
                nodes.add(node("Tanh", inside, block + 1 + "_" + j));
            }
            nodes.add(convolution(inside, block + "each", block + 3, CHANNELS));
            nodes.add(node("Tanh", block + 4, block + 3));
            nodes.add(convolution(block + 4, block + "second", block + 5, 1, block + "bias"));
            nodes.add(node("Add", block + 6, block + 5, h));
            h = block + 6;
            if (i % 2 == 1) {
                nodes.add(halved(i == 1 ? "MaxPool" : "AveragePool", h, block + 7));
                h = block + 7;
            }
        }
        nodes.add(node("GlobalAveragePool", "h9", h));
        nodes.add(node("Flatten", "h10", "h9"));
        nodes.add(new Node(
                "last",
                "",
                "Gemm",
                List.of("h10", "last"),
                List.of("f"),
                new Attributes().integer("transB", 1).build()));
        return new Graph(
                "branch",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of(examples, "3", "24", "24"))),
                List.of(new ValueInfo("f", ElementType.FLOAT, List.of(examples, Integer.toString(OUTPUTS)))),
                weights,
                nodes);
    }

    private static void add(Map<String, Tensor> weights, SplittableRandom random, String name, long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        double scale = Math.sqrt(3.0 * shape[0] / values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-scale, scale);
        }
        weights.put(name, Tensor.ofFloats(values, shape));
    }

    private static Node node(String op, String output, String... inputs) {
        return new Node(output, "", op, List.of(inputs), List.of(output), Map.of());
    }

    private static Node convolution(String x, String w, String output, int group, String... bias) {
        List<String> inputs = new ArrayList<>(List.of(x, w));
        inputs.addAll(List.of(bias));
        return new Node(
                output,
                "",
                "Conv",
                inputs,
                List.of(output),
                new Attributes()
                        .integers("pads", 1, 1, 1, 1)
                        .integer("group", group)
                        .build());
    }

    private static Node halved(String op, String x, String output) {
        return new Node(
                output,
                "",
                op,
                List.of(x),
                List.of(output),
                new Attributes()
                        .integers("kernel_shape", 2, 2)
                        .integers("strides", 2, 2)
                        .build());
    }

    /** A long block is cut inside, past which its shortcut goes; some networks take one example at a time. */
    @ParameterizedTest
    @CsvSource({"n, 1, 22", "1, 1, 22", "n, 12, 106", "1, 12, 106"})
    void piecesGiveTheKernelOfTheJacobian(String examples, int convolutions, long mebibytes) {
        long budget = mebibytes << 20;
        try (LinearizedNetwork network = RunningNetwork.of(
                network(examples, convolutions),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT.withMemoryBudget(budget))) {
            Examples x = RandomExamples.draw(network.inputs(), 1, 2);
            assertNull(pieces(network, x, ENOUGH));
            SegmentedGradients pieces = pieces(network, x, budget);
            assertNotNull(pieces);
            assertTrue(pieces.count() > 1);
            List<Long> heard = new ArrayList<>();
            KernelTiles tiles = new KernelTiles(network, (stage, done, total) -> {
                assertEquals(OUTPUTS, total);
                heard.add(done);
            });
            double[] k = tiles.gram(x, Outputs.all());
            assertEquals(
                    IntStream.rangeClosed(1, OUTPUTS).mapToObj(i -> (long) i).toList(), heard);
            assertEquals(OUTPUTS, tiles.estimate(x, Outputs.all()).gradients());
            double[][] rows = new double[OUTPUTS][];
            for (int c = 0; c < OUTPUTS; c++) {
                rows[c] = network.vjp(x, Outputs.all().cotangent(c, 1, OUTPUTS));
            }
            for (int i = 0; i < OUTPUTS; i++) {
                for (int j = 0; j < OUTPUTS; j++) {
                    assertEquals(dot(rows[i], rows[j]), k[i * OUTPUTS + j], 1e-5 * dot(rows[0], rows[0]));
                }
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static @Nullable SegmentedGradients pieces(LinearizedNetwork network, Examples x, long budget) {
        try (GradientStructure structure = GradientStructure.large(
                network, Outputs.all(), x, KernelTiles.choiceIfLarge(OUTPUTS, 1, 1), parameter -> true)) {
            return SegmentedGram.gradients(structure, 1, OUTPUTS, budget);
        }
    }
}
