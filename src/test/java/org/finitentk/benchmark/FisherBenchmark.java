package org.finitentk.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.fisher.FisherOperator;
import org.finitentk.fisher.FisherOperator.Difference;
import org.finitentk.fisher.Likelihood;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;

/**
 * Times products with the Fisher matrix, exact and approximate, by the number of examples and by the number of
 * parameters, and measures the error of the approximate ones; in the shape of the figures of Maddox et al. (AISTATS
 * 2021).
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.FisherBenchmark provenance/fisher-products
 * }</pre>
 *
 * <p>Arguments are the folder for the table and the pictures and, if given, the largest number of examples (100,000
 * otherwise). By examples, the network is the paper's, 5-200-2000-200-1 with ELU and fresh weights, P = 803,601; by
 * parameters it is 5-w-w-w-1 for widths w from 10 to 2000, at 1000 examples. The likelihood is Gaussian.
 */
public final class FisherBenchmark {
    private static final int[] EXAMPLES = {300, 1000, 3000, 10_000, 30_000, 100_000};
    private static final int[] WIDTHS = {10, 30, 100, 300, 1000, 2000};
    private static final int EXAMPLES_BY_WIDTH = 1000;
    private static final int REPEATS = 5;

    private FisherBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments folder, and the largest number of examples
     * @throws IOException if the folder cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments.length > 0 ? arguments[0] : "target/fisher-products");
        int most = arguments.length > 1 ? Integer.parseInt(arguments[1]) : EXAMPLES[EXAMPLES.length - 1];
        List<Row> byExamples = new ArrayList<>();
        for (int n : EXAMPLES) {
            if (n <= most) {
                byExamples.addAll(measure(List.of(200, 2000, 200), n));
            }
        }
        List<Row> byParameters = new ArrayList<>();
        for (int width : WIDTHS) {
            byParameters.addAll(measure(List.of(width, width, width), EXAMPLES_BY_WIDTH));
        }
        List<Row> all = new ArrayList<>(byExamples);
        all.addAll(byParameters);
        StringBuilder csv = new StringBuilder(Row.HEAD);
        all.forEach(row -> csv.append(row.line()));
        AtomicFile.write(folder.resolve("fisher-products.csv"), csv.toString().getBytes(StandardCharsets.UTF_8));
        draw(folder, "by-examples", "examples n (5-200-2000-200-1, ELU)", byExamples, row -> row.n());
        draw(folder, "by-parameters", "parameters P (5-w-w-w-1, ELU, n = 1000)", byParameters, row -> row.parameters());
    }

    /** How a product is taken. */
    private enum Method {
        EXACT("exact"),
        FORWARD("approximate, forward"),
        CENTRAL("approximate, central");

        private final String title;

        Method(String title) {
            this.title = title;
        }

        FisherOperator open(LinearizedNetwork network, Examples x) {
            return switch (this) {
                case EXACT -> FisherOperator.exact(network, x, Likelihood.GAUSSIAN);
                case FORWARD -> FisherOperator.approximate(network, x, Likelihood.GAUSSIAN, Difference.FORWARD);
                case CENTRAL -> FisherOperator.approximate(network, x, Likelihood.GAUSSIAN, Difference.CENTRAL);
            };
        }
    }

    /**
     * One method's figures for one network and data set; errors are relative to the exact product, in the Euclidean
     * norm.
     */
    private record Row(
            String network,
            long parameters,
            int n,
            Method method,
            double seconds,
            double randomError,
            double gradientError) {
        static final String HEAD =
                "network,parameters,examples,method,seconds,relative error for a random vector,relative "
                        + "error for a gradient\n";

        String line() {
            return String.format(
                    Locale.ROOT,
                    "%s,%d,%d,\"%s\",%.4g,%.2g,%.2g%n",
                    network,
                    parameters,
                    n,
                    method.title,
                    seconds,
                    randomError,
                    gradientError);
        }
    }

    private static List<Row> measure(List<Integer> widths, int n) {
        Graph graph = NetworkBuilder.mlp(5, widths, 1, Activation.ELU, 1);
        String name =
                "5-" + String.join("-", widths.stream().map(String::valueOf).toList()) + "-1";
        List<Row> rows = new ArrayList<>();
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), n, 1);
            double[] random = Vectors.gaussian((int) network.parameterCount());
            double[] gradient = network.vjp(x, Vectors.gaussian(n));
            FisherOperator exact = Method.EXACT.open(network, x);
            double[] ofRandom = exact.multiply(random);
            double[] ofGradient = exact.multiply(gradient);
            List<FisherOperator> fishers = Arrays.stream(Method.values())
                    .map(method -> method.open(network, x))
                    .toList();
            double[] seconds = Stopwatch.medians(
                    n > 3000 ? REPEATS - 2 : REPEATS,
                    fishers.stream()
                            .map(fisher -> (Runnable) () -> fisher.multiply(random))
                            .toList());
            for (int i = 0; i < seconds.length; i++) {
                FisherOperator fisher = fishers.get(i);
                Row row = new Row(
                        name,
                        network.parameterCount(),
                        n,
                        Method.values()[i],
                        seconds[i],
                        Vectors.distance(fisher.multiply(random), ofRandom),
                        Vectors.distance(fisher.multiply(gradient), ofGradient));
                System.out.print(row.line());
                rows.add(row);
            }
        }
        return rows;
    }

    private static void draw(Path folder, String by, String axis, List<Row> rows, ToDoubleFunction<Row> x)
            throws IOException {
        LogLogPicture time = new LogLogPicture("Time of a Fisher product", axis, "seconds");
        LogLogPicture error = new LogLogPicture("Error of an approximate Fisher product", axis, "relative error");
        for (Method method : Method.values()) {
            List<Row> own = rows.stream().filter(row -> row.method() == method).toList();
            double[] at = own.stream().mapToDouble(x).toArray();
            time.add(method.title, at, own.stream().mapToDouble(Row::seconds).toArray());
            if (method != Method.EXACT) {
                String difference = method == Method.FORWARD ? "forward" : "central";
                error.add(
                        difference + ", random vector",
                        at,
                        own.stream().mapToDouble(Row::randomError).toArray());
                error.add(
                        difference + ", gradient",
                        at,
                        own.stream().mapToDouble(Row::gradientError).toArray());
            }
        }
        time.write(folder.resolve("time-" + by));
        error.write(folder.resolve("error-" + by));
    }
}
