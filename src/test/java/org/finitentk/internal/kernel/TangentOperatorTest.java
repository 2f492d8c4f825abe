package org.finitentk.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.kernel.SequenceNetwork;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with the operator, gradients kept or not, against products with the dense Gram matrix. */
final class TangentOperatorTest {
    private static Graph graph(String name) {
        return switch (name) {
            case "mlp" -> NetworkBuilder.mlp(3, List.of(7, 5), 2, Activation.TANH, 1);
            case "sequence" -> SequenceNetwork.of(3);
            case "wide" -> NetworkBuilder.mlp(4, List.of(60, 50), 1, Activation.ELU, 2);
            default ->
                NetworkBuilder.withSeed(3)
                        .images(2, 8, 8)
                        .convolutions(List.of(4, 6), Activation.RELU)
                        .dense(3)
                        .build();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "wide", "cnn", "sequence"})
    void productsAreThoseOfTheGramMatrix(String name) {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph(name), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            for (int n : new int[] {1, 9, 2100}) {
                Examples x = RandomExamples.draw(network.inputs(), n, 4);
                for (Outputs outputs : n > 1000
                        ? List.of(Outputs.single(0))
                        : List.of(Outputs.all(), Outputs.single(0), Outputs.summed())) {
                    if (n < 1000 || !name.equals("cnn")) {
                        compare(network, x, outputs);
                    }
                }
            }
        }
    }

    private static void compare(LinearizedNetwork network, Examples x, Outputs outputs) {
        double[] k = new TangentKernel(network).gram(x, outputs);
        int n = x.size() * outputs.count(network.outputSize());
        for (int columns : new int[] {1, 3}) {
            double[] v = gaussian(n * columns);
            double[] expected = new double[n * columns];
            Blas.gemm(ArrayMatrix.of(k, n, n), ArrayMatrix.of(v, n, columns), 0, ArrayMatrix.of(expected, n, columns));
            for (long memory : new long[] {Long.MAX_VALUE, 0}) {
                try (TangentOperator operator =
                        TangentOperator.of(network, x, outputs, memory, ProgressListener.NONE)) {
                    assertEquals(memory > 0, operator.isHeld());
                    assertEquals(n, operator.size());
                    double[] y = new double[v.length];
                    operator.multiply(v, columns, y);
                    double norm = distance(expected, new double[y.length]);
                    double error = distance(expected, y) / norm;
                    assertTrue(
                            error < 3e-6,
                            n + " rows, " + columns + " columns, held " + operator.isHeld() + ": off by " + error);
                    double[] rounded = new double[v.length];
                    operator.rounded().multiply(v, columns, rounded);
                    assertTrue(
                            distance(expected, rounded) < 3e-6 * norm,
                            n + " rows, " + columns + " columns, rounded: off by "
                                    + distance(expected, rounded) / norm);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE})
    void blocksOfWrongSizeAreRefused(long memory) {
        try (LinearizedNetwork network =
                        RunningNetwork.of(graph("mlp"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                TangentOperator operator = TangentOperator.of(
                        network,
                        RandomExamples.draw(network.inputs(), 2, 5),
                        Outputs.all(),
                        memory,
                        ProgressListener.NONE)) {
            assertThrows(IllegalArgumentException.class, () -> operator.multiply(new double[3], 1, new double[3]));
            assertThrows(IllegalArgumentException.class, () -> operator.multiply(new double[4], 1, new double[3]));
        }
    }

    private static double[] gaussian(int n) {
        SplittableRandom random = new SplittableRandom(6);
        double[] v = new double[n];
        for (int i = 0; i < n; i++) {
            v[i] = random.nextGaussian();
        }
        return v;
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }
}
