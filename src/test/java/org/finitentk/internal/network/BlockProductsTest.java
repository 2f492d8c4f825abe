package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with several vectors against those with one at a time. */
class BlockProductsTest {
    private static Graph graph(String name) {
        return switch (name) {
            case "linear" -> NetworkBuilder.mlp(3, List.of(), 2, Activation.TANH, 1);
            case "one output" -> NetworkBuilder.mlp(4, List.of(30, 20), 1, Activation.ELU, 2);
            case "cnn, one output" ->
                NetworkBuilder.withSeed(3)
                        .images(2, 8, 8)
                        .convolutions(List.of(4, 6), Activation.RELU)
                        .dense(1)
                        .build();
            case "mlp" -> NetworkBuilder.mlp(4, List.of(30, 20), 3, Activation.ELU, 2);
            default ->
                NetworkBuilder.withSeed(3)
                        .images(2, 8, 8)
                        .convolutions(List.of(4, 6), Activation.RELU)
                        .dense(3)
                        .build();
        };
    }

    private static double[][] random(int count, int size) {
        SplittableRandom random = new SplittableRandom(7);
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(j -> random.doubles(size, -1, 1).toArray())
                .toArray(double[][]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "mlp", "cnn", "one output", "cnn, one output"})
    void areTheProductsOneByOne(String name) {
        for (int threads : new int[] {1, 2}) {
            ExecutionSettings settings = ExecutionSettings.DEFAULT.withThreads(threads);
            try (LinearizedNetwork original = RunningNetwork.of(graph(name), ParameterSelection.DEFAULT, settings);
                    LinearizedNetwork moved = original.at(Arrays.stream(original.parameterVector())
                            .map(w -> 0.9 * w + 0.01)
                            .toArray())) {
                for (LinearizedNetwork network : List.of(original, moved)) {
                    for (int n : new int[] {1, 700}) {
                        compare(network, RandomExamples.draw(network.inputs(), n, 4));
                    }
                }
            }
        }
    }

    private static void compare(LinearizedNetwork network, Examples x) {
        double[][] vs = random(3, (int) network.parameterCount());
        double[][] us = random(3, x.size() * network.outputSize());
        double[][] jvs = network.jvp(x, vs);
        double[][] vjps = network.vjp(x, us);
        for (int j = 0; j < 3; j++) {
            double[] jv = network.jvp(x, vs[j]);
            double[] vjp = network.vjp(x, us[j]);
            assertArrayEquals(jv, jvs[j], 1e-5 * largest(jv));
            assertArrayEquals(vjp, vjps[j], 1e-5 * largest(vjp));
        }
        assertEquals(0, network.jvp(x, new double[0][]).length);
        assertArrayEquals(network.vjp(x, us[0]), network.vjp(x, new double[][] {us[0]})[0]);
        assertThrows(IllegalArgumentException.class, () -> network.jvp(x, new double[][] {vs[0], new double[1]}));
        assertThrows(
                IllegalArgumentException.class,
                () -> network.vjp(x, new double[][] {us[0], new double[us[0].length + 1]}));
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }
}
