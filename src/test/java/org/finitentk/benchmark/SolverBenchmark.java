package org.finitentk.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;

/**
 * Function space against parameter space: whole solves with seconds, residuals and peak memory, by the number of
 * examples and by the network's width, in the shape of the figures of Maddox et al. (AISTATS 2021). A solve is a fit at
 * λ = 1 and σ² = 0.1 and the means at 50 points, each in a Java process of its own, so that the peak is its own.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.SolverBenchmark provenance/solvers
 * }</pre>
 *
 * <p>Arguments are the folder for the table and the pictures and, if given, the largest number of examples and width
 * (100,000 and 2,000 otherwise). By examples the network is 10-66-64-1 with tanh and fresh weights, P = 5,079; by width
 * it is 10-w-w-1 at 1,000 examples. What takes longer than five minutes is stopped and told.
 *
 * <p>Seconds of processors, of all cores together, are in the pictures, since other programs that share the machine
 * change them less than what the clock says; the table has both. The Java compiler's are among them, which weigh where
 * there is little to solve.
 *
 * <p>The residual is of the weights' equation, evaluated anew at the weights ŵ that a solver returns, the same for all:
 * ‖λ Jᵀ(y − J ŵ) − σ² ŵ‖ / ‖λ Jᵀ y‖, y being the targets less the network. Its products are in single precision.
 */
public final class SolverBenchmark {
    private static final int[] EXAMPLES = {300, 1000, 3000, 10_000, 30_000, 100_000};
    private static final int[] WIDTHS = {10, 30, 100, 300, 1000, 2000};
    private static final int EXAMPLES_BY_WIDTH = 1000;
    private static final List<Integer> HIDDEN = List.of(66, 64);
    private static final int INPUTS = 10;
    private static final int POINTS = 50;
    private static final double PRIOR = 1;
    private static final double NOISE = 0.1;
    /** Seconds that a process has. */
    private static final int LIMIT = 300;

    private static final List<Solver> SOLVERS = List.of(Solver.DENSE, Solver.ITERATIVE, Solver.PARAMETER_SPACE);

    private SolverBenchmark() {}

    /**
     * Runs it.
     *
     * @param arguments folder, and the largest number of examples and width; or one solve, as the benchmark itself
     *     starts them
     * @throws IOException if the folder cannot be written
     * @throws InterruptedException if the benchmark is stopped
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length > 0 && arguments[0].equals("solve")) {
            System.out.println(solve(Solver.valueOf(arguments[1]), Integer.parseInt(arguments[2]), arguments[3]));
            return;
        }
        Path folder = Path.of(arguments.length > 0 ? arguments[0] : "target/solvers");
        int most = arguments.length > 1 ? Integer.parseInt(arguments[1]) : EXAMPLES[EXAMPLES.length - 1];
        int widest = arguments.length > 2 ? Integer.parseInt(arguments[2]) : WIDTHS[WIDTHS.length - 1];
        StringBuilder csv = new StringBuilder(Row.HEAD);
        List<Row> byExamples = new ArrayList<>();
        for (int n : Arrays.stream(EXAMPLES).filter(n -> n <= most).toArray()) {
            byExamples.addAll(compare(HIDDEN, n, csv));
        }
        List<Row> byWidth = new ArrayList<>();
        for (int width : Arrays.stream(WIDTHS).filter(width -> width <= widest).toArray()) {
            byWidth.addAll(compare(List.of(width, width), EXAMPLES_BY_WIDTH, csv));
        }
        AtomicFile.write(folder.resolve("solvers.csv"), csv.toString().getBytes(StandardCharsets.UTF_8));
        draw(folder, "by-examples", "examples n (10-66-64-1, tanh, P = 5,079)", byExamples, Row::n);
        draw(folder, "by-width", "width w (10-w-w-1, tanh, n = 1,000)", byWidth, Row::width);
    }

    /**
     * One solve.
     *
     * @param meanError of the means at new points, relative to the dense solver's; NaN without those
     */
    private record Row(
            Solver solver,
            int n,
            List<Integer> hidden,
            long parameters,
            double seconds,
            double processorSeconds,
            double residual,
            double mebibytes,
            double meanError) {
        static final String HEAD =
                "network,parameters,examples,solver,seconds,processor seconds,relative residual,peak MiB,"
                        + "means from DENSE\n";

        int width() {
            return hidden.get(0);
        }

        String line() {
            return String.format(
                    Locale.ROOT,
                    "%s,%d,%d,%s,%.4g,%.4g,%.2g,%.0f,%s%n",
                    name(hidden),
                    parameters,
                    n,
                    solver,
                    seconds,
                    processorSeconds,
                    residual,
                    mebibytes,
                    Double.isNaN(meanError) ? "" : String.format(Locale.ROOT, "%.2g", meanError));
        }
    }

    private static String name(List<Integer> hidden) {
        return INPUTS + "-"
                + String.join(
                        "-", hidden.stream().map(size -> Integer.toString(size)).toList()) + "-1";
    }

    /** All solvers, one after the other; those that fail or take too long have no row but a line in the table. */
    private static List<Row> compare(List<Integer> hidden, int n, StringBuilder csv)
            throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        double[] dense = {};
        for (Solver solver : SOLVERS) {
            double[] found = start(solver, n, hidden);
            if (found.length == 0) {
                csv.append(String.format(Locale.ROOT, "%s,,%d,%s,,,,,%n", name(hidden), n, solver));
                continue;
            }
            double[] means = Arrays.copyOfRange(found, 5, found.length);
            if (solver == Solver.DENSE) {
                dense = means;
            }
            double error = dense.length == 0 ? Double.NaN : Vectors.distance(means, dense);
            Row row = new Row(solver, n, hidden, (long) found[0], found[1], found[2], found[3], found[4], error);
            System.out.print(row.line());
            csv.append(row.line());
            rows.add(row);
        }
        return rows;
    }

    /**
     * Runs a solve in its own process. Returns parameters, both seconds, residual, MiB and means; nothing if it failed.
     */
    private static double[] start(Solver solver, int n, List<Integer> hidden) throws IOException, InterruptedException {
        Path log = Path.of(
                System.getProperty("java.io.tmpdir"),
                "solve-" + ProcessHandle.current().pid() + ".txt");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx4g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SolverBenchmark.class.getName(),
                        "solve",
                        solver.name(),
                        Integer.toString(n),
                        String.join("-", hidden.stream().map(String::valueOf).toList()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(LIMIT, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        List<String> lines = Files.readAllLines(log);
        Files.delete(log);
        String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        if (!ended || process.exitValue() != 0) {
            String reason = ended
                    ? lines.stream()
                            .filter(line -> line.contains("Exception"))
                            .findFirst()
                            .orElse(last)
                    : "took more than " + LIMIT + " s";
            System.out.println(solver + ", n = " + n + ", " + name(hidden) + ": " + reason);
            return new double[0];
        }
        return Arrays.stream(last.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    private static String solve(Solver solver, int n, String hidden) {
        List<Integer> sizes =
                Arrays.stream(hidden.split("-")).map(Integer::valueOf).toList();
        try (LinearizedNetwork network = RunningNetwork.of(
                NetworkBuilder.mlp(INPUTS, sizes, 1, Activation.TANH, 1),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), n, 1);
            SplittableRandom random = new SplittableRandom(3);
            double[] y = network.forward(x);
            for (int i = 0; i < n; i++) {
                y[i] = Math.sin(10 * y[i]) + 0.3 * random.nextGaussian();
            }
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(PRIOR, NOISE)
                    .withMean(MeanFunction.NETWORK)
                    .withSolver(solver, RegressionSettings.Iterative.DEFAULT);
            double processor = Stopwatch.processorSeconds();
            long start = System.nanoTime();
            RegressionPosterior posterior =
                    RegressionPosterior.fit(network, x, y, null, settings, ProgressListener.NONE);
            double[] means = posterior.mean(RandomExamples.draw(network.inputs(), POINTS, 2));
            double seconds = (System.nanoTime() - start) / 1e9;
            processor = Stopwatch.processorSeconds() - processor;
            double mebibytes = Stopwatch.peakMebibytes();
            StringBuilder line = new StringBuilder();
            line.append(network.parameterCount()).append(' ').append(seconds);
            line.append(' ').append(processor);
            line.append(' ').append(residual(network, x, y, posterior.weights(0)));
            line.append(' ').append(mebibytes);
            for (double mean : means) {
                line.append(' ').append(mean);
            }
            return line.toString();
        }
    }

    private static double residual(LinearizedNetwork network, Examples x, double[] targets, double[] weights) {
        double[] y = targets.clone();
        double[] mean = network.forward(x);
        double[] moved = network.jvp(x, weights);
        double[] rest = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            y[i] -= mean[i];
            rest[i] = y[i] - moved[i];
        }
        double[] all = network.vjp(x, y);
        double[] residual = network.vjp(x, rest);
        double squares = 0;
        double size = 0;
        for (int k = 0; k < all.length; k++) {
            double off = PRIOR * residual[k] - NOISE * weights[k];
            squares += off * off;
            size += PRIOR * PRIOR * all[k] * all[k];
        }
        return Math.sqrt(squares / size);
    }

    private static void draw(Path folder, String by, String axis, List<Row> rows, ToDoubleFunction<Row> x)
            throws IOException {
        String seconds = "processor seconds";
        picture(folder.resolve("time-" + by), "Time of a whole solve", axis, seconds, rows, x, Row::processorSeconds);
        picture(folder.resolve("residual-" + by), "Residual", axis, "relative residual", rows, x, Row::residual);
        picture(folder.resolve("memory-" + by), "Peak memory of the process", axis, "MiB", rows, x, Row::mebibytes);
    }

    private static void picture(
            Path file,
            String title,
            String axis,
            String unit,
            List<Row> rows,
            ToDoubleFunction<Row> x,
            ToDoubleFunction<Row> y)
            throws IOException {
        LogLogPicture picture = new LogLogPicture(title, axis, unit);
        for (Solver solver : SOLVERS) {
            List<Row> own = rows.stream().filter(row -> row.solver() == solver).toList();
            if (!own.isEmpty()) {
                picture.add(
                        solver.name(),
                        own.stream().mapToDouble(x).toArray(),
                        own.stream().mapToDouble(y).toArray());
            }
        }
        picture.write(file);
    }
}
