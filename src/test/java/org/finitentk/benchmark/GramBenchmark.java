package org.finitentk.benchmark;

import java.util.Locale;
import java.util.Map;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.check.RandomExamples;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.ParameterSelection;

/**
 * Times dense Gram matrices of the tangent kernel, next to the contraction of {@code shared/peers/functorch_ntk.py}.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.GramBenchmark mlp 1000 all cnn 50 all resnet14 500 0
 * }</pre>
 *
 * <p>Arguments are networks, numbers of examples, and outputs ({@code all} or an index), by turns; without any, the two
 * networks of the peer. The peer has no other networks and always takes all outputs; it is left out where PyTorch is
 * not installed, and with {@code -Dpeers=false}.
 */
public final class GramBenchmark {
    private static final int REPEATS = 3;

    private GramBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments names, numbers of examples and outputs, by turns
     */
    public static void main(String[] arguments) {
        String[] work = arguments.length > 0 ? arguments : new String[] {"mlp", "1000", "all", "cnn", "50", "all"};
        Stopwatch.printHead(
                Map.of("cores", Integer.toString(Runtime.getRuntime().availableProcessors())));
        for (int i = 0; i + 2 < work.length; i += 3) {
            time(work[i], Integer.parseInt(work[i + 1]), work[i + 2]);
        }
        System.out.printf(Locale.ROOT, "peak resident set %.0f MiB%n", Stopwatch.peakMebibytes());
    }

    private static void time(String name, int n, String chosen) {
        Outputs outputs = chosen.equals("all") ? Outputs.all() : Outputs.single(Integer.parseInt(chosen));
        double seconds;
        try (LinearizedNetwork network =
                NetworkFile.open(Peers.model(name), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            TangentKernel kernel = new TangentKernel(network);
            Examples x = RandomExamples.draw(network.inputs(), n, 1);
            seconds = Stopwatch.median(REPEATS, () -> kernel.gram(x, outputs));
        }
        boolean comparable = chosen.equals("all") && !name.equals("resnet14") && n <= 1000;
        Map<String, Double> peer =
                comparable ? Peers.run("functorch_ntk.py", name, "contraction", Integer.toString(n), "2") : Map.of();
        Stopwatch.print("Gram " + name + " n=" + n + " outputs " + chosen, seconds, peer.get("seconds"));
    }
}
