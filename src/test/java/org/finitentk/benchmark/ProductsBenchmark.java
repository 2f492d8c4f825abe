package org.finitentk.benchmark;

import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.RandomExamples;
import org.finitentk.onnx.ParameterSelection;

/**
 * Times forward passes and Jacobian products, J v and Jᵀ u, next to {@code shared/peers/functorch_products.py}.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.ProductsBenchmark resnet14 128 mlp 2000
 * }</pre>
 *
 * <p>Arguments are networks and numbers of examples, by turns; without any, all three networks of the peers. The peer runs before ours and after, and its
 * faster run counts. It is left out where PyTorch (Debian's {@code python3-torch libopenblas0-pthread}) is not installed.
 */
public final class ProductsBenchmark {
    private static final int REPEATS = 9;

    private ProductsBenchmark() {
    }

    /**
     * Runs it.
     *
     * @param arguments names and numbers of examples, by turns
     */
    public static void main(String[] arguments) {
        String[] work = arguments.length > 0 ? arguments : new String[] {"resnet14", "128", "mlp", "2000", "encoder", "64"};
        ExecutionSettings settings = ExecutionSettings.DEFAULT;
        Stopwatch.printHead(Map.of("cores", Integer.toString(Runtime.getRuntime().availableProcessors())));
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
        try (LinearizedNetwork network = LinearizedNetwork.open(Peers.model(name), ParameterSelection.DEFAULT, settings)) {
            Examples x = RandomExamples.draw(network.inputs(), n, 1);
            double[] u = gaussian(n * network.outputSize());
            double[] v = gaussian((int) network.parameterCount());
            forward = Stopwatch.median(REPEATS, () -> network.forward(x));
            vjp = Stopwatch.median(REPEATS, () -> network.vjp(x, u));
            jvp = Stopwatch.median(REPEATS, () -> network.jvp(x, v));
        }
        Map<String, Double> peer = new java.util.HashMap<>(Peers.run("functorch_products.py", name, Integer.toString(n)));
        before.forEach((key, value) -> peer.merge(key, value, Math::min));
        String title = name + " n=" + n + " ";
        Stopwatch.print(title + "forward", forward, peer.get("forward"));
        Stopwatch.print(title + "vjp", vjp, peer.get("vjp"));
        Stopwatch.print(title + "jvp", jvp, peer.get("jvp"));
        Double both = peer.containsKey("vjp") ? Double.valueOf(peer.getOrDefault("vjp", 0.0) + peer.getOrDefault("jvp", 0.0)) : null;
        Stopwatch.print(title + "vjp + jvp", vjp + jvp, both);
    }

    private static double[] gaussian(int length) {
        SplittableRandom random = new SplittableRandom(7);
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }
}
