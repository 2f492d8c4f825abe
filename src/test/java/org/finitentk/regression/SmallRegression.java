package org.finitentk.regression;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** A network of two outputs and 90 rows. */
final class SmallRegression {
    static final int K = 2;
    static final int N = 90;
    static final Graph GRAPH = NetworkBuilder.mlp(3, List.of(6, 5), K, Activation.TANH, 1);
    static final RegressionSettings.Iterative ACCURATE = new RegressionSettings.Iterative(1e-10, 2000, 40, 30, 1);

    private SmallRegression() {}

    static double[] random(int size, long seed) {
        return new SplittableRandom(seed).doubles(size, -1, 1).toArray();
    }

    static Examples examples(LinearizedNetwork network, int n, long seed) {
        return Examples.of(
                GRAPH.inputs().get(0).name(), Tensor.ofReals(network.elementType(), random(n * 3, seed), n, 3));
    }

    static double @Nullable [] weights(boolean weighted) {
        return weighted ? Arrays.stream(random(N, 5)).map(w -> 1.5 + w).toArray() : null;
    }

    static double[] targets() {
        double[] y = random(N * K, 3);
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.sin(i / 9.0) + 0.3 * y[i] + i % K;
        }
        return y;
    }

    static RegressionPosterior fit(LinearizedNetwork network, RegressionSettings settings, boolean weighted) {
        return RegressionPosterior.fit(
                network, examples(network, N, 2), targets(), weights(weighted), settings, ProgressListener.NONE);
    }
}
