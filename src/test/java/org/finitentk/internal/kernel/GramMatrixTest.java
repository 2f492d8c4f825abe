package org.finitentk.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kept matrix against the one in a Java array. */
final class GramMatrixTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 10, 100})
    void isTheGramMatrixWhateverItsPanels(int panel) {
        try (LinearizedNetwork network = RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(3, List.of(7, 5), 2, Activation.TANH, 1)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), 10, 4);
            for (Outputs outputs : List.of(Outputs.all(), Outputs.single(1))) {
                double[] k = new TangentKernel(network).gram(x, outputs);
                int n = 10 * outputs.count(2);
                try (GramMatrix matrix = GramMatrix.of(network, x, outputs, panel, ProgressListener.NONE)) {
                    assertEquals(n, matrix.size());
                    double[] v = new SplittableRandom(5).doubles(3L * n, -1, 1).toArray();
                    double[] expected = new double[v.length];
                    Blas.gemm(ArrayMatrix.of(k, n, n), ArrayMatrix.of(v, n, 3), 0, ArrayMatrix.of(expected, n, 3));
                    double[] y = new double[v.length];
                    matrix.multiply(v, 3, y);
                    assertArrayEquals(expected, y, 1e-10);
                    double[] diagonal = matrix.diagonal();
                    for (int i = 0; i < n; i++) {
                        assertEquals(k[i * (n + 1)], diagonal[i], 1e-10);
                    }
                    double[] columns = matrix.columns(2, 5, new int[] {7, 1});
                    for (int i = 0; i < 3; i++) {
                        assertEquals(k[(2 + i) * n + 7], columns[2 * i], 1e-10);
                        assertEquals(k[(2 + i) * n + 1], columns[2 * i + 1], 1e-10);
                    }
                    assertThrows(
                            IllegalArgumentException.class, () -> matrix.multiply(new double[3], 1, new double[3]));
                }
            }
        }
    }
}
