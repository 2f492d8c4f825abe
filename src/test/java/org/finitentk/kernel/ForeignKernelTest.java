package org.finitentk.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.finitentk.bundle.ForeignBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kernels of networks whose graphs were made elsewhere, which have no structure to use, against the structured kernel
 * of the same network.
 */
@NullUnmarked
final class ForeignKernelTest {
    @TempDir
    private Path folder;

    private static Examples examples(int n, long seed) {
        float[] x = new float[n * 3];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return Examples.of("x", Tensor.ofFloats(x, n, 3));
    }

    @Test
    void kernelsAreThoseOfTheSameNetworkInChunksOfAnySize() throws IOException {
        Examples x = examples(7, 1);
        Examples z = examples(4, 2);
        Path bundle = ForeignBundle.write(folder, false);
        // One example at a time; some; all.
        for (long budget : new long[] {1, 20_000, 0}) {
            ExecutionSettings settings = ExecutionSettings.DEFAULT.withMemoryBudget(budget);
            try (LinearizedNetwork ours = RunningNetwork.of(
                            ForeignBundle.network(), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                    LinearizedNetwork foreign = NetworkFile.open(bundle, ParameterSelection.DEFAULT, settings)) {
                assertNotNull(RunningNetwork.of(ours).graphs().linearization());
                assertEquals(null, RunningNetwork.of(foreign).graphs().linearization());
                TangentKernel structured = new TangentKernel(ours);
                TangentKernel plain = new TangentKernel(foreign);
                for (Outputs outputs : new Outputs[] {Outputs.all(), Outputs.single(1), Outputs.summed()}) {
                    assertArrayEquals(structured.gram(x, outputs), plain.gram(x, outputs), 2e-5);
                    assertArrayEquals(structured.gram(x, z, outputs), plain.gram(x, z, outputs), 2e-5);
                    assertArrayEquals(structured.diagonal(x, outputs), plain.diagonal(x, outputs), 2e-5);
                }
            }
        }
    }
}
