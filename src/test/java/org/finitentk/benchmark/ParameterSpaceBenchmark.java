package org.finitentk.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;

/**
 * Fits posteriors in parameter space, λ = 1 and σ² = 0.1, to a d-66-64-1 network of 5,079 parameters, and shows the
 * rate of arithmetic beside that of a product of dense float64 matrices in the same run.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -Xmx4g -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.ParameterSpaceBenchmark 10000 100000
 * }</pre>
 *
 * <p>Arguments are numbers of examples. n P² multiplications are counted, of JᵀJ's lower triangle.
 */
public final class ParameterSpaceBenchmark {
    private static final int SIDE = 2000;

    private ParameterSpaceBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments numbers of examples
     */
    public static void main(String[] arguments) {
        System.out.printf(
                Locale.ROOT,
                "a dense product reaches %.1f Gflop/s%n%9s %6s %9s %9s %12s%n",
                product(),
                "n",
                "P",
                "seconds",
                "Gflop/s",
                "peak RSS");
        try (LinearizedNetwork network = RunningNetwork.of(
                NetworkBuilder.mlp(10, List.of(66, 64), 1, Activation.TANH, 1),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            for (String size : arguments.length > 0 ? List.of(arguments) : List.of("10000", "100000")) {
                fit(network, Integer.parseInt(size));
            }
        }
    }

    private static void fit(LinearizedNetwork network, int n) {
        Examples x = RandomExamples.draw(network.inputs(), n, 1);
        SplittableRandom random = new SplittableRandom(3);
        double[] y = network.forward(x);
        for (int i = 0; i < n; i++) {
            y[i] = Math.sin(10 * y[i]) + 0.3 * random.nextGaussian();
        }
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, 0.1)
                .withMean(MeanFunction.ZERO)
                .withSolver(Solver.PARAMETER_SPACE, RegressionSettings.Iterative.DEFAULT);
        long start = System.nanoTime();
        RegressionPosterior posterior =
                RegressionPosterior.fit(network, x, y, null, settings, (stage, done, total) -> {});
        posterior.mean(RandomExamples.draw(network.inputs(), 50, 2));
        double seconds = (System.nanoTime() - start) / 1e9;
        double p = network.parameterCount();
        System.out.printf(
                Locale.ROOT,
                "%9d %6.0f %9.1f %9.1f %8.0f MiB%n",
                n,
                p,
                seconds,
                n * p * p / seconds / 1e9,
                Stopwatch.peakMebibytes());
    }

    private static double product() {
        try (NativeDoubles a = new NativeDoubles((long) SIDE * SIDE);
                NativeDoubles c = new NativeDoubles((long) SIDE * SIDE)) {
            a.put(0, new double[SIDE * SIDE], 0, SIDE * SIDE);
            return 2.0
                    * SIDE
                    * SIDE
                    * SIDE
                    / Stopwatch.median(
                            3,
                            () -> Blas.gemm(
                                    a.matrix(SIDE, SIDE), a.matrix(SIDE, SIDE).transposed(), 0, c.matrix(SIDE, SIDE)))
                    / 1e9;
        }
    }
}
