package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Where many classes share the Jacobian's rows, products by these rows are the network's. */
@NullUnmarked
final class LogitRowsTest {
    private static final int N = 7;
    private static final int CLASSES = 40;

    private static double[] gaussian(int length, long seed) {
        Random random = new Random(seed);
        double[] values = new double[length];
        Arrays.setAll(values, i -> random.nextGaussian());
        return values;
    }

    private static LinearizedNetwork open() {
        return RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(5), 3, Activation.TANH, 3)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT);
    }

    private static Examples examples(LinearizedNetwork network, int n) {
        return Examples.of(network.inputs().get(0).name(), Tensor.ofDoubles(gaussian(n * 4, 1), n, 4));
    }

    /** The most probable weights where the i-th example's label is i modulo the classes. */
    private static ClassificationPosterior mostProbable(LinearizedNetwork network, Examples x, double priorVariance) {
        int[] labels = new int[x.size()];
        Arrays.setAll(labels, i -> i % CLASSES);
        return ClassificationPosterior.fit(
                network,
                x,
                new ClassificationPosterior.Labels(labels, CLASSES),
                null,
                ClassificationSettings.DEFAULT
                        .with(Inference.MAP)
                        .withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.ZERO)
                        .withPriorVariance(priorVariance, false),
                ProgressListener.NONE);
    }

    @Test
    void productsAreTheNetworks() {
        try (LinearizedNetwork network = open()) {
            Examples x = examples(network, N);
            int p = Math.toIntExact(network.parameterCount());
            for (Outputs outputs : List.of(Outputs.summed(), Outputs.single(2))) {
                LogitMap map = new LogitMap(network, outputs, CLASSES);
                assertTrue(LogitRows.serve(map, 1));
                double[][] ws = {gaussian(p * CLASSES, 2), gaussian(p * CLASSES, 3)};
                double[][] us = {gaussian(N * CLASSES, 4), gaussian(N * CLASSES, 5)};
                double[][] products = map.products(x, ws);
                double[][] transposed = map.transposed(x, us);
                for (int s = 0; s < ws.length; s++) {
                    for (int c = 0; c < CLASSES; c++) {
                        double[] f = network.jvp(x, Arrays.copyOfRange(ws[s], c * p, (c + 1) * p));
                        double[] u = new double[N];
                        for (int i = 0; i < N; i++) {
                            assertEquals(outputs.of(f, 3)[i], products[s][i * CLASSES + c], 1e-12);
                            u[i] = us[s][i * CLASSES + c];
                        }
                        assertArrayEquals(
                                network.vjp(x, outputs.cotangents(u, 3)),
                                Arrays.copyOfRange(transposed[s], c * p, (c + 1) * p),
                                1e-12);
                    }
                }
            }
        }
    }

    @Test
    void fewClassesAndMatchedOnesAreTheNetworksOwn() {
        try (LinearizedNetwork network = open()) {
            assertFalse(LogitRows.serve(new LogitMap(network, Outputs.summed(), 5), 1));
            assertFalse(LogitRows.serve(new LogitMap(network, Outputs.all(), 3), 100));
        }
    }

    /** Mini-batches are for networks that are run for each product. */
    @Test
    void manyExamplesWithRowsThatAreKeptTakeNewtonsSteps() {
        try (LinearizedNetwork network = open()) {
            Examples x = examples(network, 2010);
            assertEquals("NEWTON", mostProbable(network, x, 0.01).report().solver());
        }
    }

    /** The gradient at the most probable weights, by the network's own products. */
    @Test
    void theMostProbableWeightsOfManyClassesHaveNoGradient() {
        try (LinearizedNetwork network = open()) {
            Examples x = examples(network, 3 * CLASSES);
            double lambda = 0.3;
            ClassificationPosterior found = mostProbable(network, x, lambda);
            double[] residuals = found.probabilities(x);
            int p = Math.toIntExact(network.parameterCount());
            for (int c = 0; c < CLASSES; c++) {
                double[] u = new double[x.size()];
                for (int i = 0; i < u.length; i++) {
                    u[i] = (i % CLASSES == c ? 1 : 0) - residuals[i * CLASSES + c];
                }
                double[] gradient = network.vjp(x, Outputs.summed().cotangents(u, 3));
                for (int j = 0; j < p; j++) {
                    assertEquals(found.weights()[c * p + j], lambda * gradient[j], 1e-6);
                }
            }
        }
    }
}
