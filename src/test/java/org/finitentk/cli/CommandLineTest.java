package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.OutputStructure;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.VarianceKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on arrays, as a user runs them. */
final class CommandLineTest {
    private static final int N = 7;
    private static final int K = 2;
    private static final Graph GRAPH = NetworkBuilder.mlp(3, List.of(6, 5), K, Activation.TANH, 1);

    @TempDir
    Path folder = Path.of("");

    private Examples x = Examples.of("input", Tensor.ofFloats(new float[3], 1, 3));
    private Examples z = x;

    private record Outcome(int code, String out, String err) {}

    /** Words without a file's extension stay; others are files of the test's folder. */
    private Outcome run(String line) {
        String[] args = Arrays.stream(line.split(" "))
                .map(word -> word.contains(".")
                                && !word.startsWith("-")
                                && !word.startsWith("^")
                                && !word.matches("[0-9.e-]+")
                        ? inFolder(word)
                        : word)
                .toArray(String[]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String inFolder(String word) {
        StringBuilder parts = new StringBuilder();
        for (String part : word.split(",")) {
            int at = part.indexOf('=');
            parts.append(parts.isEmpty() ? "" : ",")
                    .append(part, 0, at + 1)
                    .append(folder.resolve(part.substring(at + 1)));
        }
        return parts.toString();
    }

    private void succeeds(String line) {
        Outcome outcome = run(line);
        assertEquals(0, outcome.code(), outcome.err());
    }

    /** Exit code 1 and one sentence, without a stack trace. */
    private void refused(String expected, String line) {
        Outcome outcome = run(line);
        assertEquals(1, outcome.code(), line + outcome.out() + outcome.err());
        assertTrue(
                outcome.err().startsWith("error: ")
                        && outcome.err().strip().lines().count() == 1,
                outcome.err());
        assertTrue(outcome.err().contains(expected), outcome.err());
    }

    private void wrongUsage(String expected, String line) {
        Outcome outcome = run(line);
        assertEquals(2, outcome.code(), line + outcome.out() + outcome.err());
        assertTrue(outcome.err().contains(expected), outcome.err());
    }

    private double[] read(String name) {
        return NpyFile.read(folder.resolve(name)).toDoubles();
    }

    private void write(String name, double[] values, long... shape) {
        NpyFile.write(folder.resolve(name), Tensor.ofDoubles(values, shape));
    }

    private static double[] random(int size, long seed) {
        return new SplittableRandom(seed).doubles(size, -1, 1).toArray();
    }

    private static Tensor floats(int rows, long seed) {
        return Tensor.ofReals(ElementType.FLOAT, random(rows * 3, seed), rows, 3);
    }

    @BeforeEach
    void writeFiles() {
        ModelWriter.write(GRAPH, folder.resolve("net.onnx"));
        x = Examples.of("input", floats(N, 2));
        z = Examples.of("input", floats(4, 3));
        NpyFile.write(folder.resolve("x.npy"), floats(N, 2));
        NpyFile.write(folder.resolve("z.npy"), floats(4, 3));
    }

    private static LinearizedNetwork open() {
        return RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    /** The sentence is the last line, and the help of the command does not push it off the screen. */
    @Test
    void wrongUsageEndsWithItsSentence() {
        for (String line : List.of(
                "export net.onnx",
                "kernel net.onnx --inputs x.npy",
                "posterior net.onnx",
                "export net.onnx --ot bundle",
                "kernel net.onnx --inputs x.npy --out k.npy --memory much")) {
            Outcome outcome = run(line);
            List<String> lines = outcome.err().strip().lines().toList();
            assertEquals(2, outcome.code(), outcome.err());
            assertTrue(lines.get(lines.size() - 1).startsWith("error: ") && lines.size() <= 30, outcome.err());
        }
        wrongUsage("error: Missing required option: '--out=BUNDLE'", "export net.onnx");
    }

    @Test
    void foldersThatAreMadeAndFilesThatAreWrittenAreSaid() {
        Outcome kernel = run("kernel net.onnx --inputs x.npy --out new/er/k.npy");
        assertTrue(
                kernel.code() == 0
                        && kernel.out()
                                .contains("made the folder '" + folder.resolve("new") + "', '"
                                        + folder.resolve("new/er") + "'")
                        && kernel.out().contains("wrote '" + folder.resolve("new/er/k.npy") + "', an array of shape ["),
                kernel.out() + kernel.err());
        Outcome export = run("export net.onnx --out other/bundle.zip");
        assertTrue(export.out().contains("made the folder '" + folder.resolve("other") + "'"), export.out());
        assertTrue(
                !run("kernel net.onnx --inputs x.npy --out new/er/k.npy").out().contains("made the folder"));
    }

    /** Before anything is computed; no input is lost, and no output takes another's place. */
    @Test
    void outputsThatWouldOverwriteAreRefused() throws IOException {
        write("y.npy", random(N, 6), N);
        write("v.npy", random(4, 7), 4);
        byte[] before = Files.readAllBytes(folder.resolve("x.npy"));
        wrongUsage("which --inputs", "kernel net.onnx --inputs x.npy --out x.npy");
        wrongUsage("which MODEL reads", "kernel net.onnx --inputs x.npy --out net.onnx");
        wrongUsage(
                "which --forward writes", "apply net.onnx --inputs x.npy --forward f.npy --tangent v.npy --jvp f.npy");
        String posterior = "posterior net.onnx --inputs x.npy --targets y.npy --test z.npy --prior-variance 1 "
                + "--noise-variance 0.1 --output-index 0 ";
        wrongUsage("which --out-mean writes", posterior + "--out-mean m.npy --out-variance m.npy");
        wrongUsage(
                "expected latent or observation", posterior + "--variance none --out-mean m.npy --out-variance w.npy");
        refused("no folder that can be written to", posterior + "--out-mean m.npy --out-variance x.npy/w.npy");
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("x.npy")));
        assertTrue(Files.notExists(folder.resolve("m.npy")) && Files.notExists(folder.resolve("f.npy")));
        refused("expected 1 to 1024", "check net.onnx --threads 99999999");
        refused("--memory is -1 MiB", "check net.onnx --memory -1");
        refused("expected 0 to", "check net.onnx --memory 99999999999999999");
    }

    @Test
    void applyWritesOutputsAndProductsOfModelsAndBundles() {
        try (LinearizedNetwork network = open()) {
            double[] v = random((int) network.parameterCount(), 4);
            double[] u = random(N * K, 5);
            write("v.npy", v, v.length);
            write("u.npy", u, N, K);
            succeeds("export net.onnx --out net.bundle");
            succeeds("export net.onnx --out net.zip");
            for (String model : List.of("net.onnx", "net.bundle", "net.zip")) {
                succeeds("apply " + model
                        + " --inputs x.npy --forward f.npy --tangent v.npy --jvp jv.npy --cotangent u.npy --vjp g.npy");
                assertArrayEquals(network.forward(x), read("f.npy"));
                assertArrayEquals(network.jvp(x, v), read("jv.npy"), 1e-6);
                assertArrayEquals(network.vjp(x, u), read("g.npy"), 1e-6);
                assertArrayEquals(
                        new long[] {N, K},
                        NpyFile.read(folder.resolve("jv.npy")).shape());
                assertEquals(
                        ElementType.DOUBLE,
                        NpyFile.read(folder.resolve("g.npy")).type());
            }
        }
        refused("exists already", "export net.onnx --out net.zip");
        refused(
                "expected floats of shape [71]".replace("71", Integer.toString(read("v.npy").length)),
                "apply net.onnx --inputs x.npy --tangent u.npy --jvp jv.npy");
        refused("[7, 2]", "apply net.onnx --inputs x.npy --cotangent v.npy --vjp g.npy");
        refused("no examples", "apply net.onnx --inputs " + empty() + " --forward f.npy");
    }

    private String empty() {
        NpyFile.write(folder.resolve("empty.npy"), Tensor.ofFloats(new float[0], 0, 3));
        return "empty.npy";
    }

    @Test
    void parametersAreSelectedByName() {
        succeeds("apply net.onnx --exclude bias --inputs x.npy --cotangent " + ones() + " --vjp g.npy");
        assertEquals(3 * 6 + 6 * 5 + 5 * 2, read("g.npy").length);
        succeeds("apply net.onnx --include ^layers.2 --inputs x.npy --cotangent u1.npy --vjp g.npy");
        assertEquals(5 * 2 + 2, read("g.npy").length);
        refused(
                "no tangent parameters",
                "apply net.onnx --include nothing --inputs x.npy --cotangent u1.npy --vjp g.npy");
        Outcome outcome = run("apply net.onnx --include ( --inputs x.npy --cotangent u1.npy --vjp g.npy");
        assertTrue(outcome.code() != 0 && outcome.err().contains("regular expression"), outcome.err());
    }

    private String ones() {
        double[] u = new double[N * K];
        Arrays.fill(u, 1);
        write("u1.npy", u, N, K);
        return "u1.npy";
    }

    @Test
    void kernelsHaveARowForEachExampleAndOutput() {
        succeeds("kernel net.onnx --inputs x.npy --out K.npy");
        succeeds("kernel net.onnx --inputs x.npy --inputs2 z.npy --out C.npy");
        double[] gram = read("K.npy");
        double[] cross = read("C.npy");
        assertArrayEquals(
                new long[] {N * K, N * K}, NpyFile.read(folder.resolve("K.npy")).shape());
        try (LinearizedNetwork network = open()) {
            for (int row = 0; row < N * K; row++) {
                for (int column = 0; column < N * K; column++) {
                    assertEquals(
                            dot(gradient(network, x, row), gradient(network, x, column)),
                            gram[row * N * K + column],
                            1e-5);
                }
                for (int column = 0; column < 4 * K; column++) {
                    assertEquals(
                            dot(gradient(network, x, row), gradient(network, z, column)),
                            cross[row * 4 * K + column],
                            1e-5);
                }
            }
        }
    }

    @Test
    void aKernelOfOneOutputHasARowForEachExample() {
        succeeds("kernel net.onnx --inputs x.npy --out K.npy");
        double[] all = read("K.npy");
        for (int c = 0; c < K; c++) {
            succeeds("kernel net.onnx --inputs x.npy --output-index " + c + " --out one.npy");
            assertArrayEquals(
                    new long[] {N, N}, NpyFile.read(folder.resolve("one.npy")).shape());
            double[] one = read("one.npy");
            for (int i = 0; i < N * N; i++) {
                assertEquals(all[(i / N * K + c) * N * K + i % N * K + c], one[i], 1e-5);
            }
        }
        refused("--output-index", "kernel net.onnx --inputs x.npy --output-index " + K + " --out one.npy");
    }

    private static double[] gradient(LinearizedNetwork network, Examples at, int row) {
        double[] u = new double[K];
        u[row % K] = 1;
        return network.vjp(at.slice(row / K, row / K + 1), u);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Test
    void posteriorsAreThoseOfTheLibrary() {
        double[] y = random(N, 6);
        write("y.npy", y, N);
        succeeds("posterior net.onnx --inputs x.npy --targets y.npy --test z.npy --prior-variance 0.5 "
                + "--noise-variance 0.1 --mean constant --output-index 1 --solver dense "
                + "--out-mean m.npy --out-variance v.npy");
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(0.5, 0.1)
                .withMean(MeanFunction.CONSTANT)
                .withOutputs(OutputStructure.SHARED, 1);
        try (LinearizedNetwork network = open()) {
            RegressionPosterior.Predictive expected = RegressionPosterior.fit(
                            network, x, y, null, settings, ProgressListener.NONE)
                    .predict(z, VarianceKind.LATENT);
            assertArrayEquals(expected.mean(), read("m.npy"));
            assertArrayEquals(expected.variance(), read("v.npy"));
        }
        assertArrayEquals(new long[] {4}, NpyFile.read(folder.resolve("m.npy")).shape());
        write("y2.npy", random(N * K, 7), N, K);
        String learning = "posterior net.onnx --inputs x.npy --targets y2.npy --test z.npy --out-mean m2.npy";
        Outcome learned = run(learning + " --learn");
        assertTrue(learned.code() == 0 && learned.out().contains("learned"), learned.out() + learned.err());
        assertArrayEquals(
                new long[] {4, K}, NpyFile.read(folder.resolve("m2.npy")).shape());
        double[] withoutVariances = read("m2.npy");
        succeeds(learning + " --learn --prior-variance 1 --noise-variance 1");
        assertArrayEquals(withoutVariances, read("m2.npy"), 1e-9);
        for (String half : List.of("", " --noise-variance 1", " --hyperparameter-learning noise")) {
            Outcome missing = run(learning + half);
            assertTrue(missing.code() == 2 && missing.err().contains("--prior-variance is missing"), missing.err());
        }
        assertTrue(run(learning + " --prior-variance 1").err().contains("--noise-variance is missing"));
    }

    /** As the rest of what a command says, and not as a program's log. */
    @Test
    void warningsAreLinesForAPerson() {
        double[] same = new double[N];
        Arrays.fill(same, 3);
        write("y.npy", same, N);
        Outcome learned = run("posterior net.onnx --inputs x.npy --targets y.npy --test z.npy --learn --mean constant "
                + "--output-index 1 --out-mean m.npy");
        assertEquals(0, learned.code(), learned.err());
        assertTrue(
                learned.err().lines().anyMatch(line -> line.startsWith("warning: the targets equal the mean function")),
                learned.err());
    }

    @Test
    void targetsCanBeCounts() {
        double[] counts = {3, 0, 1, 2, 5, 1, 4, 0, 2, 7, 1, 3, 2, 6, 0, 1, 2, 3, 4, 5};
        double[] y = Arrays.copyOf(counts, N);
        write("y.npy", y, N);
        NpyFile.write(
                folder.resolve("whole.npy"),
                Tensor.ofLongs(Arrays.stream(y).mapToLong(v -> (long) v).toArray(), N));
        String rest = " --inputs x.npy --test z.npy --learn --out-mean ";
        succeeds("posterior net.onnx --targets y.npy" + rest + "m.npy");
        succeeds("posterior net.onnx --targets whole.npy" + rest + "w.npy");
        assertArrayEquals(read("m.npy"), read("w.npy"));
    }

    /** What version 0.1.0 called options, and what settings are called now. */
    @Test
    void formerNamesOfOptionsAreUnderstoodAndNotShown() {
        write("y.npy", random(N, 6), N);
        String begin = "posterior net.onnx --inputs x.npy --targets y.npy --test z.npy --prior-variance 0.5"
                + " --noise-variance 0.1 --out-mean m.npy --out-variance v.npy ";
        Outcome former =
                run(begin + "--output-index 1 --mean zero --learn --solver parameter --rank 3 --variances cached"
                        + " --variance observation");
        assertEquals(0, former.code(), former.err());
        double[] variances = read("v.npy");
        Outcome now = run(begin + "--shared-output 1 --mean-function zero --hyperparameter-learning both"
                + " --solver Parameter-Space --preconditioner-rank 3 --variance-method cached"
                + " --variance-kind observation");
        assertEquals(former.out(), now.out());
        assertArrayEquals(variances, read("v.npy"));
        assertEquals(
                0, run(begin + "--solver parameter_space --shared-output 1").code());
        wrongUsage("'few'; expected one of nystroem, pivoted-cholesky", begin + "--preconditioner few");
        String help = run("posterior --help").out().replaceAll("\\s+", "");
        for (String name : List.of("output-index", "mean", "learn", "rank", "variances", "variance")) {
            assertFalse(Pattern.compile("--" + name + "[^-\\w]").matcher(help).find(), name + " in " + help);
        }
        assertTrue(help.contains("--preconditioner-rank") && help.contains("(default:1.0E-4)"), help);
    }

    @Test
    void variancesSayHowTheyWereComputed() {
        write("y.npy", random(N, 6), N);
        String all = "posterior net.onnx --inputs x.npy --targets y.npy --test z.npy --prior-variance 0.5 "
                + "--noise-variance 0.1 --output-index 1 --out-mean m.npy --out-variance v.npy";
        Outcome exact = run(all + " --solver iterative");
        assertTrue(exact.code() == 0 && exact.out().contains("variances exact"), exact.out() + exact.err());
        double[] expected = read("v.npy");
        Outcome cached = run(all + " --solver iterative --variances cached --variance-rank 3");
        assertTrue(
                cached.code() == 0
                        && cached.out().contains("variances cached, rank 3: none is too large by more than "),
                cached.out() + cached.err());
        double[] found = read("v.npy");
        String text = cached.out().replaceAll("(?s).*too large by more than (\\S+).*", "$1");
        for (int i = 0; i < found.length; i++) {
            assertTrue(
                    found[i] > expected[i] - 1e-5 && found[i] <= expected[i] + Double.parseDouble(text) + 1e-5,
                    found[i] + ", exactly " + expected[i] + ", bound " + text);
        }
        Outcome fisher = run(all + " --solver parameter --preconditioner pivoted_cholesky");
        assertTrue(
                fisher.code() == 0
                        && fisher.out().contains("by Fisher products")
                        && fisher.out().contains("CONVERGED"),
                fisher.out() + fisher.err());
        assertArrayEquals(expected, read("v.npy"), 1e-5);
        // the flag does not make the dense solver another one
        Outcome dense = run(all + " --solver dense --variances cached");
        assertTrue(dense.code() == 0 && dense.out().contains("variances exact\n"), dense.out() + dense.err());
    }

    @Test
    void badNumbersAreRefusedAndOldResultsKept() {
        String end = " --test z.npy --prior-variance 1 --noise-variance 0.1 --output-index 0 --out-mean m.npy "
                + "--out-variance v.npy";
        write("m.npy", new double[] {42}, 1);
        write("nan.npy", new double[] {1, 2, Double.NaN, 4, 5, 6, 7}, N);
        write("short.npy", new double[6], 6);
        write("y.npy", new double[N], N);
        NpyFile.write(folder.resolve("wide.npy"), Tensor.ofFloats(new float[1_000_000], 1, 1_000_000));
        double[] infinite = random(N * 3, 1);
        infinite[10] = Double.POSITIVE_INFINITY;
        write("inf.npy", infinite, N, 3);
        refused("example 2: target 0 is NaN", "posterior net.onnx --inputs x.npy --targets nan.npy" + end);
        refused("expected numbers of shape [7]", "posterior net.onnx --inputs x.npy --targets short.npy" + end);
        refused(
                "has shape [1, 1000000]; input 'input' expects [batch, 3]",
                "posterior net.onnx --inputs wide.npy --targets y.npy" + end);
        refused(
                "example 3 has a value that is not finite",
                "posterior net.onnx --inputs inf.npy --targets y.npy" + end);
        double[] large = random(N * 3, 1);
        large[4] = -1e300;
        write("large.npy", large, N, 3);
        refused(
                "holds -1.0E300 at position 4, which does not fit",
                "posterior net.onnx --inputs large.npy --targets y.npy" + end);
        refused("output", "posterior net.onnx --inputs x.npy --targets y.npy" + end.replace("index 0", "index 9"));
        refused(
                "--prior-variance is -1.0; expected a positive",
                "posterior net.onnx --inputs x.npy --targets y.npy"
                        + end.replace("prior-variance 1", "prior-variance -1"));
        refused(
                "--tolerance is 2.0; expected",
                "posterior net.onnx --inputs x.npy --targets y.npy --solver iterative --tolerance 2" + end);
        refused("CUDA", "posterior net.onnx --inputs x.npy --targets y.npy --device cuda" + end);
        wrongUsage("nonsense", "posterior net.onnx --inputs x.npy --targets y.npy --solver nonsense" + end);
        wrongUsage("--targets", "posterior net.onnx --inputs x.npy" + end);
        assertArrayEquals(new double[] {42}, read("m.npy"));
    }

    /** A move would put a file in a device's place, which root may. */
    @Test
    void whatIsNoFileIsNotReplaced() throws IOException {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("socket.npy")))) {
            refused("a device or pipe", "kernel net.onnx --inputs x.npy --out socket.npy");
            String message = String.valueOf(
                    assertThrows(IOException.class, () -> AtomicFile.write(folder.resolve("socket.npy"), new byte[1]))
                            .getMessage());
            assertTrue(message.contains("a device or pipe"), message);
            assertFalse(Files.isRegularFile(folder.resolve("socket.npy")));
            assertTrue(socket.isOpen());
        }
    }

    @Test
    void aFolderOrDamagedConfigurationIsNamed() throws IOException {
        Files.createDirectory(folder.resolve("configs.xml"));
        refused("configs.xml' is no file", "run configs.xml");
        refused("does not exist", "run none.xml");
        refused("configs.xml' is a folder", "reproduce configs.xml");
        refused("there is no such file", "reproduce none.json");
        Files.writeString(folder.resolve("garbage.json"), "garbage");
        refused("Unrecognized token 'garbage'", "run garbage.json");
        refused("line: 1, column: ", "run garbage.json");
        assertFalse(run("run garbage.json").err().contains("jackson")
                || run("run garbage.json").err().contains("REDACTED"));
        Files.writeString(
                folder.resolve("none.xml"), "<config><component name=\"e\" type=\"java.lang.Object\"/></config>");
        refused("none.xml", "run none.xml");
    }

    @Test
    void inspectAndBenchTellWhatProgramsRead() throws IOException {
        JsonNode inspected =
                new ObjectMapper().readTree(run("inspect net.onnx --json").out());
        assertEquals(K, inspected.get("k").intValue());
        assertEquals(6, inspected.get("parameters").size());
        assertEquals(3 * 6 + 6 + 6 * 5 + 5 + 5 * 2 + 2, inspected.get("P").intValue());
        assertTrue(inspected.get("operators").get(0).get("rule").booleanValue());
        assertEquals(0, inspected.get("others").size());
        String excluded = inspected.get("parameters").get(2).get("name").textValue();
        Outcome narrowed = run("inspect net.onnx --exclude ^" + excluded);
        assertTrue(
                narrowed.out().indexOf(excluded) > narrowed.out().indexOf("other float constants")
                        && narrowed.out().contains("other float constants"),
                narrowed.out() + narrowed.err());
        JsonNode timed = new ObjectMapper()
                .readTree(run("bench net.onnx --n 20 --repeats 1 --json").out());
        for (String key : List.of("forward_s", "jvp_s", "vjp_s", "gram_s", "peak_memory_mib")) {
            assertTrue(timed.get(key).doubleValue() > 0, timed.toString());
        }
        JsonNode partly = new ObjectMapper()
                .readTree(run("bench net.onnx --n 50000 --gram-n 50000 --repeats 1 --json")
                        .out());
        assertTrue(
                partly.get("forward_s").doubleValue() > 0 && partly.get("vjp_s").doubleValue() > 0, partly.toString());
        assertTrue(
                partly.get("gram_s").textValue().startsWith("not measured: a Gram matrix of 50000 examples"),
                partly.toString());
        ValueInfo in = new ValueInfo("x", ElementType.FLOAT, List.of("batch", "3"));
        ModelWriter.write(
                new Graph(
                        "odd",
                        List.of(in),
                        List.of(new ValueInfo("y", ElementType.FLOAT, List.of("batch", "3"))),
                        java.util.Map.of("w", Tensor.ofFloats(new float[] {1, 2, 3}, 3)),
                        List.of(
                                new Node("scaled", "", "Mul", List.of("x", "w"), List.of("s"), java.util.Map.of()),
                                new Node("odd", "", "Det", List.of("s"), List.of("y"), java.util.Map.of()))),
                folder.resolve("odd.onnx"));
        Outcome odd = run("inspect odd.onnx");
        assertTrue(
                odd.code() == 0 && odd.out().contains("NO RULE") && odd.out().contains("cannot be linearized"),
                odd.out() + odd.err());
        refused("Det", "bench odd.onnx --n 5");
    }

    @Test
    void everyCommandHasHelpAndUnknownOnesAreWrongUsage() {
        for (String command :
                List.of("inspect", "export", "check", "apply", "kernel", "posterior", "bench", "run", "reproduce")) {
            Outcome help = run(command + " --help");
            assertTrue(
                    help.code() == 0 && help.out().contains("Usage: tribuo-finite-ntk " + command),
                    help.out() + help.err());
        }
        wrongUsage("Unmatched", "nonsense");
        wrongUsage("a command is missing", "--debug");
        wrongUsage("Unknown option", "inspect net.onnx --nonsense");
        refused("does not exist", "inspect missing.onnx");
        Outcome debug = run("--debug inspect missing.onnx");
        assertTrue(debug.code() == 1 && debug.err().contains("at org.finitentk"), debug.err());
        assertFalse(run("inspect missing.onnx").err().contains("at org.finitentk"));
    }
}
