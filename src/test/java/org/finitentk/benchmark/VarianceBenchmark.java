package org.finitentk.benchmark;

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
import org.finitentk.regression.VarianceKind;
import org.finitentk.regression.VarianceMethod;
import org.jspecify.annotations.Nullable;

/**
 * Latent variances of the 803,601-parameter network of the peers with λ = 1 and σ² = 0.69: the dense solver's, the
 * iterative one's by a solve each, and those from subspaces of several dimensions, with their errors and the bounds
 * that are reported with them.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.VarianceBenchmark 3000 2000
 * }</pre>
 */
public final class VarianceBenchmark {
    private static final double NOISE = 0.69;

    private VarianceBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments numbers of training and of test examples
     */
    public static void main(String[] arguments) {
        int n = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3000;
        int m = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2000;
        System.out.printf(
                Locale.ROOT,
                "%d training and %d test examples%n%-10s %6s %9s %10s %12s %12s %12s%n",
                n,
                m,
                "variances",
                "rank",
                "fit s",
                "predict s",
                "error",
                "bound",
                "mean");
        try (LinearizedNetwork network =
                NetworkFile.open(Peers.model("mlp"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            double[] dense = measure(network, n, m, Solver.DENSE, RegressionSettings.Iterative.DEFAULT, null);
            measure(network, n, m, Solver.ITERATIVE, RegressionSettings.Iterative.DEFAULT, dense);
            for (int rank : new int[] {0, 200, 400}) {
                measure(
                        network,
                        n,
                        m,
                        Solver.ITERATIVE,
                        RegressionSettings.Iterative.DEFAULT.withVariances(VarianceMethod.CACHED, rank),
                        dense);
            }
        }
        System.out.printf(Locale.ROOT, "peak resident set %.0f MiB%n", Stopwatch.peakMebibytes());
    }

    private static double[] measure(
            LinearizedNetwork network,
            int n,
            int m,
            Solver solver,
            RegressionSettings.Iterative iterative,
            double @Nullable [] dense) {
        Examples x = RandomExamples.draw(network.inputs(), n, 1);
        Examples z = RandomExamples.draw(network.inputs(), m, 2);
        double[] y = new SplittableRandom(3).doubles(n, -1, 1).toArray();
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, NOISE)
                .withMean(MeanFunction.ZERO)
                .withSolver(solver, iterative);
        long start = System.nanoTime();
        RegressionPosterior posterior = RegressionPosterior.fit(network, x, y, null, settings, ProgressListener.NONE);
        long fitted = System.nanoTime();
        double[] variance = posterior.variance(z, VarianceKind.LATENT);
        long predicted = System.nanoTime();
        double error = 0;
        double sum = 0;
        for (int i = 0; i < m; i++) {
            sum += variance[i];
            error = Math.max(error, dense == null ? 0 : Math.abs(variance[i] - dense[i]));
        }
        System.out.printf(
                Locale.ROOT,
                "%-10s %6s %9.2f %10.2f %12.2e %12.2e %12.2e%n",
                solver == Solver.DENSE ? "DENSE" : posterior.varianceMethod().name(),
                posterior.varianceRank() == 0 ? "-" : Integer.toString(posterior.varianceRank()),
                (fitted - start) / 1e9,
                (predicted - fitted) / 1e9,
                error,
                posterior.largestVarianceError(),
                sum / m);
        return variance;
    }
}
