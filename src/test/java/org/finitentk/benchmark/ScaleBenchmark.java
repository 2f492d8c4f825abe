package org.finitentk.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.RandomExamples;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.jspecify.annotations.Nullable;

/**
 * Fits posteriors of the 803,601-parameter network of the peers with λ = 1 and σ² = 0.69, and predicts 50 points, with
 * the dense solver and with the iterative one.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.ScaleBenchmark 1000 3000 10000 100000
 * }</pre>
 *
 * <p>{@code -Ddevice=cuda} runs the network on a GPU, {@code -Dmemory} is the memory budget in MiB. The dense solver is
 * left out above 20,000 examples; the iterative one then goes to a residual of 1e-3, else to 1e-4. The paper's code
 * takes 33 s at 1000 examples.
 */
public final class ScaleBenchmark {
    private static final double NOISE = 0.69;
    private static final int DENSE_MOST = 20_000;
    private static final int POINTS = 50;

    private ScaleBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments numbers of examples
     */
    public static void main(String[] arguments) {
        List<String> sizes = arguments.length > 0 ? List.of(arguments) : List.of("1000", "3000", "10000");
        System.out.printf(
                Locale.ROOT,
                "%8s %-10s %9s %10s %9s %12s%n",
                "n",
                "solver",
                "seconds",
                "iterations",
                "residual",
                "from dense");
        ExecutionSettings settings = ExecutionSettings.DEFAULT
                .withDevice(ExecutionSettings.Device.of(System.getProperty("device", "cpu")))
                .withMemoryBudget(Long.getLong("memory", 0) << 20);
        try (LinearizedNetwork network = NetworkFile.open(Peers.model("mlp"), ParameterSelection.DEFAULT, settings)) {
            for (String size : sizes) {
                compare(network, Integer.parseInt(size));
            }
        }
        System.out.printf(Locale.ROOT, "peak resident set %.0f MiB%n", Stopwatch.peakMebibytes());
    }

    private static void compare(LinearizedNetwork network, int n) {
        Examples x = RandomExamples.draw(network.inputs(), n, 1);
        Examples z = RandomExamples.draw(network.inputs(), POINTS, 2);
        SplittableRandom random = new SplittableRandom(3);
        double[] y = network.forward(x);
        for (int i = 0; i < n; i++) {
            y[i] = Math.sin(10 * y[i]) + Math.sqrt(NOISE) * random.nextGaussian();
        }
        double[] dense = n <= DENSE_MOST ? fit(network, x, y, z, Solver.DENSE, 1e-4, null) : null;
        fit(network, x, y, z, Solver.ITERATIVE, n <= DENSE_MOST ? 1e-4 : 1e-3, dense);
    }

    private static double[] fit(
            LinearizedNetwork network,
            Examples x,
            double[] y,
            Examples z,
            Solver solver,
            double tolerance,
            double @Nullable [] dense) {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, NOISE)
                .withMean(MeanFunction.ZERO)
                .withSolver(solver, new RegressionSettings.Iterative(tolerance, 1000, 0, 2, 1));
        long start = System.nanoTime();
        RegressionPosterior posterior = RegressionPosterior.fit(network, x, y, null, settings, ProgressListener.NONE);
        double[] mean = posterior.mean(z);
        double seconds = (System.nanoTime() - start) / 1e9;
        Solver.Iterations report = posterior.iterations();
        System.out.printf(
                Locale.ROOT,
                "%8d %-10s %9.2f %10s %9s %12s%n",
                x.size(),
                solver,
                seconds,
                report == null ? "-" : Integer.toString(report.iterations()),
                report == null ? "-" : String.format(Locale.ROOT, "%.1e", report.residual()),
                dense == null ? "-" : String.format(Locale.ROOT, "%.1e", Vectors.distance(mean, dense)));
        return mean;
    }
}
