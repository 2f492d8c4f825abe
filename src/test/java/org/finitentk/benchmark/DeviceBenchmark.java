package org.finitentk.benchmark;

import java.util.List;
import java.util.Locale;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.Preconditioner;
import org.finitentk.internal.network.ResidentProduct;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.runtime.RunSettings;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ParameterSelection;

/**
 * Times what crosses the bus: J (Jᵀ u) by two runs and by one whose examples stay on the device, and conjugate
 * gradients driven from here and inside one ONNX {@code Loop}; and compares results with the CPU's.
 * {@code src/test/python/torch_products.py} times the same with torch.func.
 *
 * <pre>{@code
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.DeviceBenchmark cuda mlp 2000 resnet14 1000 encoder 1000 wide 1000
 * }</pre>
 */
public final class DeviceBenchmark {
    private static final int REPEATS = 9;
    private static final int ITERATIONS = 50;
    private static final double NOISE = 0.69;

    private DeviceBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments device, then names and numbers of examples, by turns
     */
    public static void main(String[] arguments) {
        ExecutionSettings settings = ExecutionSettings.DEFAULT
                .withDevice(ExecutionSettings.Device.of(arguments[0]))
                .withMemoryBudget(8L << 30);
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            try {
                time(arguments[i], Integer.parseInt(arguments[i + 1]), settings);
            } catch (RuntimeException e) {
                e.printStackTrace(System.out);
            }
        }
        System.out.printf(Locale.ROOT, "peak resident set %.0f MiB%n", Stopwatch.peakMebibytes());
    }

    private static void time(String name, int n, ExecutionSettings settings) {
        String title = name + " n=" + n + " on " + settings.device() + " ";
        try (LinearizedNetwork network = open(name, settings)) {
            Examples x = RandomExamples.draw(network.inputs(), n, 1);
            double[] u = Vectors.gaussian(n * network.outputSize());
            double[] v = Vectors.gaussian((int) network.parameterCount());
            agree(title, network, name, n);
            print(title + "forward", Stopwatch.median(REPEATS, () -> network.forward(x)));
            print(title + "vjp", Stopwatch.median(REPEATS, () -> network.vjp(x, u)));
            print(title + "jvp", Stopwatch.median(REPEATS, () -> network.jvp(x, v)));
            double pair = Stopwatch.median(REPEATS, () -> network.jvp(x, network.vjp(x, u)));
            print(title + "J(J'u), two runs", pair);
            long start = System.nanoTime();
            try (ResidentProduct product = RunningNetwork.of(network).resident(x)) {
                if (product == null) {
                    System.out.println(title + "examples cannot stay");
                    return;
                }
                print(title + "opening the resident product", (System.nanoTime() - start) * 1e-9);
                System.out.printf(
                        Locale.ROOT,
                        "%sresident product is off the two runs by %.1e%n",
                        title,
                        Vectors.distance(product.multiply(u), network.jvp(x, network.vjp(x, u))));
                print(title + "J(J'u), resident", Stopwatch.median(REPEATS, () -> product.multiply(u)));
                loop(title, network, product, u, n, settings);
            }
        }
    }

    /** A network of the peers, or "wide": 784-5000-4000-500-10, of 26 million parameters. */
    private static LinearizedNetwork open(String name, ExecutionSettings settings) {
        return name.equals("wide")
                ? RunningNetwork.of(
                        NetworkBuilder.mlp(784, List.of(5000, 4000, 500), 10, Activation.RELU, 1),
                        ParameterSelection.DEFAULT,
                        settings)
                : NetworkFile.open(Peers.model(name), ParameterSelection.DEFAULT, settings);
    }

    private static void loop(
            String title,
            LinearizedNetwork network,
            ResidentProduct product,
            double[] b,
            int n,
            ExecutionSettings settings) {
        LinearOperator shifted = new LinearOperator() {
            @Override
            public int size() {
                return b.length;
            }

            @Override
            public void multiply(double[] x, int columns, double[] y) {
                double[] all = product.multiply(x);
                for (int i = 0; i < all.length; i++) {
                    y[i] = all[i] + NOISE * x[i];
                }
            }
        };
        ConjugateGradients.Column[] driven = new ConjugateGradients.Column[1];
        double seconds = Stopwatch.median(
                3,
                () -> driven[0] = new ConjugateGradients(1e-12, ITERATIONS, (iteration, residual) -> {})
                        .solve(shifted, Preconditioner.identity(b.length), List.of(b), null)
                        .get(0));
        print(title + driven[0].iterations() + " iterations, driven from here", seconds);
        try (ConjugateLoop loop = new ConjugateLoop(
                product.graph(),
                n,
                network.outputSize(),
                NOISE,
                ITERATIONS,
                new RunSettings(
                        settings.device() == ExecutionSettings.Device.CUDA,
                        settings.deviceId(),
                        settings.threads(),
                        settings.effectiveMemoryBudget(),
                        settings.deterministic()))) {
            print(title + ITERATIONS + " iterations, one Loop", Stopwatch.median(3, () -> loop.solve(b)));
            System.out.printf(
                    Locale.ROOT,
                    "%sthe Loop's solution is off by %.1e%n",
                    title,
                    Vectors.distance(loop.solve(b), driven[0].solution()));
        }
    }

    /** Products on the device against those of the CPU, on a few examples. */
    private static void agree(String title, LinearizedNetwork network, String name, int n) {
        Examples x = RandomExamples.draw(network.inputs(), Math.min(n, 64), 1);
        double[] u = Vectors.gaussian(x.size() * network.outputSize());
        double[] v = Vectors.gaussian((int) network.parameterCount());
        try (LinearizedNetwork cpu = open(name, ExecutionSettings.DEFAULT)) {
            System.out.printf(
                    Locale.ROOT,
                    "%soff the CPU's by: f %.1e, vjp %.1e, jvp %.1e%n",
                    title,
                    Vectors.distance(network.forward(x), cpu.forward(x)),
                    Vectors.distance(network.vjp(x, u), cpu.vjp(x, u)),
                    Vectors.distance(network.jvp(x, v), cpu.jvp(x, v)));
        }
    }

    private static void print(String what, double seconds) {
        System.out.printf(Locale.ROOT, "%-60s %9.5f s%n", what, seconds);
    }
}
