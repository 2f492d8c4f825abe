package org.finitentk.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.kernel.GradientStructure;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gram matrices against products of Jacobians that are taken one example and output at a time by the network itself.
 */
final class TangentKernelTest {
    private static final Graph MLP = NetworkBuilder.mlp(3, java.util.List.of(7, 5), 2, Activation.TANH, 1);

    private static Examples examples(int n, long seed) {
        float[] x = new float[n * 3];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextDouble(-1, 1);
        }
        return Examples.of(MLP.inputs().get(0).name(), Tensor.ofFloats(x, n, 3));
    }

    private static double[][] jacobian(LinearizedNetwork network, Examples x, Outputs outputs) {
        int k = network.outputSize();
        int r = outputs.count(k);
        double[][] rows = new double[x.size() * r][];
        for (int i = 0; i < x.size(); i++) {
            for (int c = 0; c < r; c++) {
                rows[i * r + c] = network.vjp(x.slice(i, i + 1), outputs.cotangent(c, 1, k));
            }
        }
        return rows;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Test
    void gramMatricesAreProductsOfJacobians() {
        compareWithJacobians(MLP, 1);
    }

    /** Once with as many positions as make gradients come as factors, and once multiplied out. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 12})
    void inputsThatAreFactorsThemselvesAreRead(int positions) {
        compareWithJacobians(SequenceNetwork.of(positions), 2 * positions);
    }

    /** So little memory that some of the outputs of one example go together. */
    @ParameterizedTest
    @ValueSource(ints = {100, 5_000, 20_000, 60_000})
    void outputsOfOneExampleGoInParts(int budget) {
        compareWithJacobians(SequenceNetwork.of(12), 24, ExecutionSettings.DEFAULT.withMemoryBudget(budget));
        compareWithJacobians(TableNetwork.of(), 2, ExecutionSettings.DEFAULT.withMemoryBudget(budget));
    }

    /** Tokens and positions are looked up in tables, tokens repeatedly and from both ends. */
    @Test
    void rowsOfTablesAreNotMultipliedOut() {
        compareWithJacobians(TableNetwork.of(), 2);
        try (LinearizedNetwork network =
                RunningNetwork.of(TableNetwork.of(), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            GradientStructure structure =
                    new GradientStructure(network, Outputs.all(), null, KernelTiles.choice(3, 6, 6));
            try (structure) {
                assertTrue(
                        structure.structured().stream()
                                        .filter(part -> part.kind() == PerExample.Kind.ROWS)
                                        .count()
                                == 2,
                        structure.structured().toString());
                assertTrue(structure.numbersPerExample() < 400, "numbers " + structure.numbersPerExample());
            }
        }
    }

    /**
     * Gradients that fill tens of megabytes an example are kept in single precision, here of all outputs, of some, and
     * of one example at a time.
     */
    @ParameterizedTest
    @ValueSource(ints = {400, 100, 20})
    void largeGradientsAreKeptInSinglePrecision(int mebibytes) {
        Graph graph = NetworkBuilder.withSeed(1)
                .images(2, 16, 16)
                .convolutions(java.util.List.of(32, 400), Activation.TANH)
                .dense(40)
                .build();
        try (LinearizedNetwork network = RunningNetwork.of(
                graph,
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT.withMemoryBudget((long) mebibytes << 20))) {
            try (GradientStructure structure =
                    new GradientStructure(network, Outputs.all(), null, KernelTiles.choice(40, 2, 2))) {
                assertTrue(structure.isLarge(), "numbers " + structure.numbersPerExample());
            }
            Examples x = RandomExamples.draw(network.inputs(), 2, 2);
            double[][] rows = jacobian(network, x, Outputs.all());
            double[] gram = new TangentKernel(network).gram(x, Outputs.all());
            double[] diagonal = new TangentKernel(network).diagonal(x, Outputs.all());
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < rows.length; j++) {
                    assertEquals(dot(rows[i], rows[j]), gram[i * rows.length + j], 1e-5 * diagonal[0]);
                }
                assertEquals(dot(rows[i], rows[i]), diagonal[i], 1e-5 * diagonal[0]);
            }
        }
    }

    private static void compareWithJacobians(Graph graph, int single) {
        compareWithJacobians(graph, single, ExecutionSettings.DEFAULT);
    }

    private static void compareWithJacobians(Graph graph, int single, ExecutionSettings settings) {
        try (LinearizedNetwork network = RunningNetwork.of(graph, ParameterSelection.DEFAULT, settings)) {
            TangentKernel kernel = new TangentKernel(network);
            Examples x = RandomExamples.draw(network.inputs(), 6, 2);
            Examples z = RandomExamples.draw(network.inputs(), 4, 3);
            for (Outputs outputs : new Outputs[] {Outputs.all(), Outputs.single(single - 1), Outputs.summed()}) {
                double[][] jx = jacobian(network, x, outputs);
                double[][] jz = jacobian(network, z, outputs);
                double[] gram = kernel.gram(x, outputs);
                double[] cross = kernel.gram(x, z, outputs);
                double[] diagonal = kernel.diagonal(x, outputs);
                double tolerance = 1e-6 * Math.max(1, Math.sqrt(dot(diagonal, diagonal)));
                for (int i = 0; i < jx.length; i++) {
                    for (int j = 0; j < jx.length; j++) {
                        assertEquals(dot(jx[i], jx[j]), gram[i * jx.length + j], tolerance);
                    }
                    for (int j = 0; j < jz.length; j++) {
                        assertEquals(dot(jx[i], jz[j]), cross[i * jz.length + j], tolerance);
                    }
                    assertEquals(dot(jx[i], jx[i]), diagonal[i], tolerance);
                }
            }
        }
    }

    @Test
    void chunksDoNotChangeTheResult() {
        Examples x = examples(50, 4);
        try (LinearizedNetwork network = RunningNetwork.of(MLP, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                LinearizedNetwork small = RunningNetwork.of(
                        MLP, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(1 << 16))) {
            double[] whole = new TangentKernel(network).gram(x, Outputs.all());
            double[] tiled = new TangentKernel(small).gram(x, Outputs.all());
            for (int i = 0; i < whole.length; i++) {
                assertEquals(whole[i], tiled[i], 1e-6 * Math.max(1, Math.abs(whole[i])));
            }
        }
    }

    @Test
    void theKernelOfAMovedNetworkIsAtItsOwnParameters() {
        Examples x = examples(7, 6);
        try (LinearizedNetwork source = RunningNetwork.of(MLP, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            double[] theta = source.parameterVector();
            for (int i = 0; i < theta.length; i++) {
                theta[i] += 0.1 * Math.sin(i);
            }
            try (LinearizedNetwork moved = source.at(theta)) {
                for (Outputs outputs : new Outputs[] {Outputs.all(), Outputs.single(0)}) {
                    double[][] j = jacobian(moved, x, outputs);
                    double[] gram = new TangentKernel(moved).gram(x, outputs);
                    for (int i = 0; i < gram.length; i++) {
                        assertEquals(dot(j[i / j.length], j[i % j.length]), gram[i], 1e-5);
                    }
                }
            }
        }
    }

    @Test
    void kernelsOfOneNetworkFromSeveralThreadsAreTheSame() {
        Examples x = examples(8, 9);
        try (LinearizedNetwork source = RunningNetwork.of(MLP, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            double[] theta = source.parameterVector();
            theta[0] += 0.5;
            try (LinearizedNetwork moved = source.at(theta)) {
                double[] here = new TangentKernel(source).gram(x, Outputs.all());
                double[] there = new TangentKernel(moved).gram(x, Outputs.all());
                IntStream.range(0, 24).parallel().forEach(i -> {
                    assertArrayEquals(
                            i % 2 == 0 ? here : there,
                            new TangentKernel(i % 2 == 0 ? source : moved).gram(x, Outputs.all()));
                    new TangentKernel(source).gram(x, examples(1 + i % 7, 3), Outputs.single(i % 2));
                    new TangentKernel(i % 3 == 0 ? source : moved).diagonal(x, Outputs.summed());
                });
            }
        }
    }

    @Test
    void progressReachesItsTotal() {
        Examples x = examples(50, 7);
        try (LinearizedNetwork small = RunningNetwork.of(
                MLP, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(1 << 16))) {
            long[] last = new long[2];
            new TangentKernel(small, (stage, done, total) -> {
                        assertEquals(last[0] + 1, done);
                        last[0] = done;
                        last[1] = total;
                    })
                    .gram(x, Outputs.all());
            assertEquals(last[1], last[0]);
            assertTrue(last[1] > 1, "one tile only");
        }
    }

    @Test
    void anOutputThatDoesNotExistIsRefused() {
        try (LinearizedNetwork network =
                RunningNetwork.of(MLP, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new TangentKernel(network).gram(examples(2, 5), Outputs.single(2)));
        }
    }
}
