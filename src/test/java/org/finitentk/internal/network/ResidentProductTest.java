package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with examples that stay where the network runs, against J v and Jᵀ u one after the other. */
final class ResidentProductTest {
    private static Graph graph(String name) {
        return switch (name) {
            case "float" -> SmallNetworks.mlp(ElementType.FLOAT, "batch", 3, 20, 4);
            case "double" -> SmallNetworks.mlp(ElementType.DOUBLE, "batch", 3, 20, 4);
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
    @ValueSource(strings = {"float", "double", "fixed", "cnn"})
    void productsAreThoseOfTheTwoGraphs(String name) {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph(name), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            compare(network, 6);
            double[] theta = Arrays.stream(network.parameterVector())
                    .map(value -> 0.5 * value + 0.1)
                    .toArray();
            try (LinearizedNetwork moved = network.at(theta)) {
                compare(moved, 6);
            }
        }
    }

    private static void compare(LinearizedNetwork network, int n) {
        Examples x = RandomExamples.draw(network.inputs(), n, 4);
        try (ResidentProduct product =
                ResidentProduct.of(RunningNetwork.of(network).open(), x)) {
            assertNotNull(product);
            assertEquals(1, product.graph().inputs().size());
            for (int seed = 0; seed < 2; seed++) {
                double[] u = SmallNetworks.gaussian(new Random(seed), (long) n * network.outputSize(), 1);
                double[] expected = network.jvp(x, network.vjp(x, u));
                double size = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                assertArrayEquals(
                        expected,
                        product.multiply(u),
                        (network.elementType() == ElementType.DOUBLE ? 1e-13 : 3e-6) * size);
            }
            assertThrows(
                    IllegalArgumentException.class, () -> product.multiply(new double[n * network.outputSize() + 1]));
        }
    }

    /** The joined graph has the network itself once. */
    @Test
    void nothingIsComputedTwice() {
        try (LinearizedNetwork network =
                        RunningNetwork.of(graph("float"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                ResidentProduct product = ResidentProduct.of(
                        RunningNetwork.of(network).open(), RandomExamples.draw(network.inputs(), 6, 4))) {
            assertNotNull(product);
            assertEquals(
                    1,
                    product.graph().nodes().stream()
                            .filter(node -> node.op().equals("Tanh"))
                            .count());
            int apart = RunningNetwork.of(network)
                            .graphs()
                            .graph(Product.VJP)
                            .nodes()
                            .size()
                    + RunningNetwork.of(network)
                            .graphs()
                            .graph(Product.JVP)
                            .nodes()
                            .size();
            assertTrue(
                    product.graph().nodes().size() < apart - 3,
                    product.graph().nodes().size() + " nodes of " + apart);
        }
    }

    @Test
    void onACpuChunksAreFaster() {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph("float"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertNull(RunningNetwork.of(network).resident(RandomExamples.draw(network.inputs(), 6, 4)));
        }
    }
}
