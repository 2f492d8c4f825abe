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
import org.finitentk.onnx.Tensor;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.PreconditionerMethod;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;

/**
 * Conjugate gradients with each preconditioner, in function space and, by Fisher products, in parameter space, on the
 * 803,601-parameter network of the peers: iterations and seconds for plain inputs, and for inputs of which one in a
 * hundred is ten times as large.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.PreconditionerBenchmark 3000 0.01
 * }</pre>
 *
 * <p>Arguments are the number of examples, the noise variance and, to leave out the minutes that Fisher products take
 * here, {@code function-space}; the prior variance is 1 and the tolerance 1e-4.
 */
public final class PreconditionerBenchmark {
    private static final int POINTS = 50;

    private PreconditionerBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments number of examples, noise variance, "function-space"
     */
    public static void main(String[] arguments) {
        int n = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3000;
        double noise = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 0.01;
        boolean both = arguments.length < 3 || !arguments[2].equals("function-space");
        System.out.printf(
                Locale.ROOT,
                "%-8s %-16s %-17s %6s %9s %10s %9s %12s%n",
                "inputs",
                "solver",
                "preconditioner",
                "rank",
                "seconds",
                "iterations",
                "residual",
                "from dense");
        try (LinearizedNetwork network =
                NetworkFile.open(Peers.model("mlp"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            for (boolean outliers : new boolean[] {false, true}) {
                Examples x = outliers ? withOutliers(network, n) : RandomExamples.draw(network.inputs(), n, 1);
                compare(network, x, noise, outliers ? "outliers" : "plain", both);
            }
        }
    }

    private static Examples withOutliers(LinearizedNetwork network, int n) {
        SplittableRandom random = new SplittableRandom(1);
        int width = (int) network.inputs().get(0).dim(1);
        double[] x = new double[n * width];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i / width % 100 == 0 ? 10 : 1) * random.nextGaussian();
        }
        return Examples.of(network.inputs().get(0).name(), Tensor.ofReals(network.elementType(), x, n, width));
    }

    private static void compare(LinearizedNetwork network, Examples x, double noise, String inputs, boolean both) {
        Examples z = RandomExamples.draw(network.inputs(), POINTS, 2);
        SplittableRandom random = new SplittableRandom(3);
        double[] y = network.forward(x);
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.sin(10 * y[i]) + Math.sqrt(noise) * random.nextGaussian();
        }
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withFixedVariances(1, noise).withMean(MeanFunction.ZERO);
        double[] dense = fit(network, x, y, settings.withSolver(Solver.DENSE, RegressionSettings.Iterative.DEFAULT))
                .mean(z);
        for (int rank : List.of(100, 300)) {
            RegressionSettings.Iterative iterative = new RegressionSettings.Iterative(1e-4, 1000, rank, 2, 1);
            for (PreconditionerMethod method : PreconditionerMethod.values()) {
                measure(
                        network,
                        x,
                        y,
                        z,
                        settings.withSolver(Solver.ITERATIVE, iterative.withPreconditioner(method)),
                        dense,
                        inputs,
                        method.name());
            }
            if (both) {
                measure(
                        network,
                        x,
                        y,
                        z,
                        settings.withSolver(Solver.PARAMETER_SPACE, iterative),
                        dense,
                        inputs,
                        "landmarks");
            }
        }
    }

    private static RegressionPosterior fit(
            LinearizedNetwork network, Examples x, double[] y, RegressionSettings settings) {
        return RegressionPosterior.fit(network, x, y, null, settings, ProgressListener.NONE);
    }

    private static void measure(
            LinearizedNetwork network,
            Examples x,
            double[] y,
            Examples z,
            RegressionSettings settings,
            double[] dense,
            String inputs,
            String preconditioner) {
        long start = System.nanoTime();
        RegressionPosterior posterior = fit(network, x, y, settings);
        double[] mean = posterior.mean(z);
        double seconds = (System.nanoTime() - start) / 1e9;
        Solver.Iterations report = java.util.Objects.requireNonNull(posterior.iterations());
        double up = 0;
        double down = 0;
        for (int i = 0; i < mean.length; i++) {
            up += (mean[i] - dense[i]) * (mean[i] - dense[i]);
            down += dense[i] * dense[i];
        }
        System.out.printf(
                Locale.ROOT,
                "%-8s %-16s %-17s %6d %9.2f %10d %9.1e %12.1e %s%n",
                inputs,
                settings.solver(),
                preconditioner,
                report.rank(),
                seconds,
                report.iterations(),
                report.residual(),
                Math.sqrt(up / down),
                report.status());
    }
}
