package org.finitentk.benchmark;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.kernel.TangentOperator;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.OperationCount;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.jspecify.annotations.Nullable;

/**
 * Times forward passes and Jacobian products, J v and Jᵀ u, next to {@code shared/peers/functorch_products.py}.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.ProductsBenchmark resnet14 128 mlp 2000
 * }</pre>
 *
 * <p>Arguments are networks and numbers of examples, by turns; without any, all three networks of the peers. The peer
 * runs before ours and after, and its faster run counts. It is left out where PyTorch (Debian's {@code python3-torch
 * libopenblas0-pthread}) is not installed.
 */
public final class ProductsBenchmark {
    private static final int REPEATS = 9;
    private static final int BLOCK = 8;
    private static final int BLOCK_REPEATS = 7;

    private ProductsBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments names and numbers of examples, by turns
     */
    public static void main(String[] arguments) {
        String[] work =
                arguments.length > 0 ? arguments : new String[] {"resnet14", "128", "mlp", "2000", "encoder", "64"};
        ExecutionSettings settings = ExecutionSettings.DEFAULT;
        Stopwatch.printHead(
                Map.of("cores", Integer.toString(Runtime.getRuntime().availableProcessors())));
        for (int i = 0; i + 1 < work.length; i += 2) {
            time(work[i], Integer.parseInt(work[i + 1]), settings);
        }
        System.out.printf(Locale.ROOT, "peak resident set %.0f MiB%n", Stopwatch.peakMebibytes());
    }

    private static void time(String name, int n, ExecutionSettings settings) {
        Map<String, Double> before = Peers.run("functorch_products.py", name, Integer.toString(n));
        double forward;
        double vjp;
        double jvp;
        double kept;
        double once;
        try (LinearizedNetwork network = NetworkFile.open(Peers.model(name), ParameterSelection.DEFAULT, settings)) {
            Examples x = RandomExamples.draw(network.inputs(), n, 1);
            double[] u = Vectors.gaussian(n * network.outputSize());
            double[] v = Vectors.gaussian((int) network.parameterCount());
            forward = Stopwatch.median(REPEATS, () -> network.forward(x));
            vjp = Stopwatch.median(REPEATS, () -> network.vjp(x, u));
            jvp = Stopwatch.median(REPEATS, () -> network.jvp(x, v));
            try (LinearizedExamples examples = network.keeping(x)) {
                kept = Stopwatch.median(REPEATS, () -> examples.jvp(examples.vjp(u)));
            }
            once = Stopwatch.median(REPEATS, () -> {
                try (LinearizedExamples examples = network.keeping(x)) {
                    examples.jvp(examples.vjp(u));
                }
            });
            timeBlocks(name + " n=" + n + " ", network, x);
            countBlock(
                    name + " n=" + n + " ", RunningNetwork.of(network).graphs().linearization());
        }
        Map<String, Double> peer =
                new java.util.HashMap<>(Peers.run("functorch_products.py", name, Integer.toString(n)));
        before.forEach((key, value) -> peer.merge(key, value, Math::min));
        String title = name + " n=" + n + " ";
        Stopwatch.print(title + "forward", forward, peer.get("forward"));
        Stopwatch.print(title + "vjp", vjp, peer.get("vjp"));
        Stopwatch.print(title + "jvp", jvp, peer.get("jvp"));
        Double both = peer.containsKey("vjp")
                ? Double.valueOf(peer.getOrDefault("vjp", 0.0) + peer.getOrDefault("jvp", 0.0))
                : null;
        Stopwatch.print(title + "vjp + jvp", vjp + jvp, both);
        Stopwatch.print(title + "the two, activations kept", kept, both);
        Stopwatch.print(title + "the same and keeping them", once, both);
    }

    /**
     * What a block would cost if all operations took the same time: the network itself, the third part of a product, is
     * computed once for all vectors.
     */
    private static void countBlock(String title, @Nullable Linearization linearization) {
        if (linearization != null) {
            double forward = OperationCount.of(linearization.forward()).perExample();
            double pair = OperationCount.of(linearization.jvp()).perExample()
                    + OperationCount.of(linearization.vjp()).perExample();
            double block = 2 * forward + BLOCK * (pair - 2 * forward);
            System.out.printf(
                    Locale.ROOT,
                    "%soperations an example: f %.4g, pair %.4g, vjp and jvp of %d %.4g (%.2f pairs)%n",
                    title,
                    forward,
                    pair,
                    BLOCK,
                    block,
                    block / pair);
        }
    }

    /**
     * A block of vectors next to one: each turn takes all of them, and the fastest counts, so that what else the
     * machine does weighs on all alike.
     */
    private static void timeBlocks(String title, LinearizedNetwork network, Examples x) {
        double[] u = Vectors.gaussian(x.size() * network.outputSize());
        double[] v = Vectors.gaussian((int) network.parameterCount());
        double[][] us = new double[BLOCK][];
        double[][] vs = new double[BLOCK][];
        Arrays.fill(us, u);
        Arrays.fill(vs, v);
        double[] columns = Vectors.gaussian(u.length * BLOCK);
        double[] fastest = new double[8];
        Arrays.fill(fastest, Double.MAX_VALUE);
        try (TangentOperator operator = TangentOperator.of(network, x, Outputs.all(), ProgressListener.NONE);
                LinearizedExamples kept = network.keeping(x)) {
            LinearOperator rounded = operator.rounded();
            Runnable[] work = {
                () -> network.jvp(x, network.vjp(x, u)),
                        () -> {
                            network.vjp(x, us);
                            network.jvp(x, vs);
                        },
                () -> kept.jvp(kept.vjp(u)),
                        () -> {
                            kept.vjp(us);
                            kept.jvp(vs);
                        },
                () -> operator.multiply(u, 1, new double[u.length]),
                        () -> operator.multiply(columns, BLOCK, new double[columns.length]),
                () -> rounded.multiply(u, 1, new double[u.length]),
                        () -> rounded.multiply(columns, BLOCK, new double[columns.length])
            };
            for (int turn = 0; turn < BLOCK_REPEATS; turn++) {
                for (int i = 0; i < work.length; i++) {
                    long start = System.nanoTime();
                    work[i].run();
                    fastest[i] = Math.min(fastest[i], (System.nanoTime() - start) * 1e-9);
                }
            }
            String[] what = {
                "pair",
                "vjp and jvp of " + BLOCK,
                "pair, activations kept",
                "block of " + BLOCK,
                operator.isHeld() ? "operator, gradients held, one" : "operator, network run, one",
                "block of " + BLOCK,
                "operator, single precision, one",
                "block of " + BLOCK
            };
            System.out.print(title);
            for (int i = 0; i < what.length; i++) {
                System.out.printf(
                        Locale.ROOT,
                        "%s%s %.4f s (%.2f pairs)",
                        i == 0 ? "" : "; ",
                        what[i],
                        fastest[i],
                        fastest[i] / fastest[0]);
            }
            System.out.println();
        }
    }
}
