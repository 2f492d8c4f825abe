package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products that keep the network's own values, against those that do not. */
final class LinearizedExamplesTest {
    private static Graph graph(String name) {
        return switch (name) {
            case "double" -> SmallNetworks.mlp(ElementType.DOUBLE, "batch", 3, 20, 4);
            case "single" -> SmallNetworks.mlp(ElementType.DOUBLE, "batch", 3, 20, 1);
            case "cnn, one output" ->
                NetworkBuilder.withSeed(3)
                        .images(2, 8, 8)
                        .convolutions(List.of(4, 6), Activation.RELU)
                        .dense(1)
                        .build();
            case "fixed" -> SmallNetworks.mlp(ElementType.DOUBLE, "6", 3, 20, 4);
            default ->
                NetworkBuilder.withSeed(3)
                        .images(2, 8, 8)
                        .convolutions(List.of(4, 6), Activation.RELU)
                        .dense(3)
                        .build();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"double", "single", "fixed", "cnn", "cnn, one output"})
    void productsAreThoseOfTheNetwork(String name) {
        // a small budget makes several chunks
        for (long budget : new long[] {0, 1 << 20}) {
            try (LinearizedNetwork network = RunningNetwork.of(
                    graph(name), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(budget))) {
                compare(network);
                double[] theta = Arrays.stream(network.parameterVector())
                        .map(value -> 0.5 * value + 0.1)
                        .toArray();
                try (LinearizedNetwork moved = network.at(theta)) {
                    compare(moved);
                }
            }
        }
    }

    private static void compare(LinearizedNetwork network) {
        Examples x = RandomExamples.draw(network.inputs(), 100, 4);
        Examples other = RandomExamples.draw(network.inputs(), 90, 5);
        LinearizedExamples kept = new KeptJacobian(RunningNetwork.of(network).open(), x, Long.MAX_VALUE);
        LinearizedExamples others = new KeptJacobian(RunningNetwork.of(network).open(), other, Long.MAX_VALUE);
        double tolerance = network.elementType() == ElementType.DOUBLE ? 1e-12 : 1e-4;
        assertTrue(kept.isKept());
        assertEquals(x, kept.examples());
        for (int seed = 0; seed < 3; seed++) {
            double[][] us = draw(2 * seed, 100 * network.outputSize());
            double[][] vs = draw(2 * seed + 1, (int) network.parameterCount());
            for (int j = 0; j < us.length; j++) {
                assertArrayEquals(network.vjp(x, us[j]), kept.vjp(us[j]), tolerance);
                assertArrayEquals(network.jvp(x, vs[j]), kept.jvp(vs[j]), tolerance);
                assertArrayEquals(kept.vjp(us)[j], kept.vjp(us[j]), tolerance);
                assertArrayEquals(kept.jvp(vs)[j], kept.jvp(vs[j]), tolerance);
            }
            double[] few = Arrays.copyOf(us[0], 90 * network.outputSize());
            assertArrayEquals(network.vjp(other, few), others.vjp(few), tolerance);
        }
        assertThrows(IllegalArgumentException.class, () -> kept.vjp(new double[1]));
        assertThrows(IllegalArgumentException.class, () -> kept.jvp(new double[1]));
        assertEquals(0, kept.jvp(new double[0][]).length);
    }

    private static double[][] draw(int seed, int length) {
        Random random = new Random(seed);
        return new double[][] {SmallNetworks.gaussian(random, length, 1), SmallNetworks.gaussian(random, length, 1)};
    }

    @Test
    void whatDoesNotFitIsNotKept() {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph("double"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), 100, 4);
            // 20 hidden values an example, and more for the derivatives
            assertFalse(new KeptJacobian(RunningNetwork.of(network).open(), x, 100 * 20 * Double.BYTES).isKept());
            double[] u = draw(1, 400)[0];
            assertArrayEquals(
                    network.vjp(x, u),
                    new KeptJacobian(RunningNetwork.of(network).open(), x, 1).vjp(u));
            assertArrayEquals(
                    network.vjp(x, new double[][] {u, u})[1],
                    new KeptJacobian(RunningNetwork.of(network).open(), x, 1).vjp(new double[][] {u, u})[1]);
            Examples none = x.slice(0, 0);
            assertEquals(0, network.keeping(none).jvp(draw(1, (int) network.parameterCount())[0]).length);
        }
    }

    /** Examples that others keep count: the JVM has one limit for all buffers. */
    @Test
    void togetherTheyKeepAShareOfTheHeapsLimit() {
        try (LinearizedNetwork network = RunningNetwork.of(
                SmallNetworks.mlp(ElementType.FLOAT, "batch", 3, 4000, 1),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            long each = Objects.requireNonNull(
                            RunningNetwork.of(network)
                                    .open()
                                    .sessions()
                                    .staged(false, true)
                                    .get(Product.VJP),
                            "vjp")
                    .keptBytes();
            int n = (int) (Runtime.getRuntime().maxMemory() / 4 * 11 / 20 / each);
            LinearizedExamples first = new KeptJacobian(
                    RunningNetwork.of(network).open(), RandomExamples.draw(network.inputs(), n, 4), Long.MAX_VALUE);
            LinearizedExamples second = new KeptJacobian(
                    RunningNetwork.of(network).open(), RandomExamples.draw(network.inputs(), n, 5), Long.MAX_VALUE);
            // decided, but nothing is computed
            assertTrue(first.isKept());
            assertFalse(second.isKept());
            first.close();
            first.close();
            assertFalse(first.isKept());
            try (LinearizedExamples third =
                    new KeptJacobian(RunningNetwork.of(network).open(), second.examples(), Long.MAX_VALUE)) {
                assertTrue(third.isKept());
            }
        }
    }

    @Test
    void severalThreadsShareWhatIsKept() {
        try (LinearizedNetwork network = RunningNetwork.of(
                graph("cnn"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(1 << 20))) {
            Examples x = RandomExamples.draw(network.inputs(), 100, 4);
            LinearizedExamples kept =
                    new KeptJacobian(RunningNetwork.of(network).open(), x, Long.MAX_VALUE);
            double[] u = draw(1, 300)[0];
            double[] expected = network.vjp(x, u);
            IntStream.range(0, 16).parallel().forEach(i -> assertArrayEquals(expected, kept.vjp(u), 1e-4));
        }
    }

    /** What is kept goes back to the network's pool, for others to write on: only when nobody reads it any more. */
    @Test
    void closingWaitsForProductsUnderWay() {
        try (LinearizedNetwork network = RunningNetwork.of(
                graph("cnn"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(1 << 20))) {
            Examples x = RandomExamples.draw(network.inputs(), 100, 4);
            Examples others = RandomExamples.draw(network.inputs(), 100, 5);
            double[] u = draw(1, 300)[0];
            double[] expected = network.vjp(x, u);
            double[] expectedOfOthers = network.vjp(others, u);
            for (int turn = 0; turn < 10; turn++) {
                LinearizedExamples kept =
                        new KeptJacobian(RunningNetwork.of(network).open(), x, Long.MAX_VALUE);
                IntStream.range(0, 6).parallel().forEach(i -> {
                    if (i == 3) {
                        kept.close();
                    }
                    assertArrayEquals(expected, kept.vjp(u), 1e-4);
                    try (LinearizedExamples again =
                            new KeptJacobian(RunningNetwork.of(network).open(), others, Long.MAX_VALUE)) {
                        assertArrayEquals(expectedOfOthers, again.vjp(u), 1e-4);
                    }
                });
            }
        }
    }

    @Test
    void ofAClosedNetworkIsRefused() {
        LinearizedNetwork network =
                RunningNetwork.of(graph("cnn"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
        LinearizedExamples kept = network.keeping(RandomExamples.draw(network.inputs(), 10, 4));
        double[] u = draw(1, 30)[0];
        kept.vjp(u);
        network.close();
        assertThrows(IllegalStateException.class, () -> kept.vjp(u));
    }
}
