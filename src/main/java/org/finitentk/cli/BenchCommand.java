package org.finitentk.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.finitentk.check.RandomExamples;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: how fast a model's products are on this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Times f, Jv, J'u and the Gram matrix on random inputs: median seconds, and this process's peak memory.",
            "What takes more than a minute is run once. If the Gram matrix does not fit, gram_s says why, "
                    + "and the other times stand.",
            "jvp_again_s and vjp_again_s are further products with the same inputs, as solvers make them: "
                    + "what does not depend on v and u is kept, if it fits the memory."
        })
final class BenchCommand implements Callable<Integer> {
    private static final long SEED = 1;
    private static final Path STATUS = Path.of("/proc/self/status");

    @Mixin
    private NetworkOptions network;

    private static final long WARM_UP_NANOSECONDS = 1_000_000_000L;
    private static final double LONG_SECONDS = 60;

    @Option(
            names = "--n",
            paramLabel = "N",
            defaultValue = "1000",
            description = "examples (default: ${DEFAULT-VALUE})")
    private int n;

    @Option(names = "--inputs", paramLabel = "X.npy", description = "time these examples rather than random ones")
    private @Nullable String inputs;

    @Option(
            names = "--gram-n",
            paramLabel = "N",
            description = "examples of the Gram matrix (default: N, but at most 8192 rows)")
    private @Nullable Integer gramSize;

    @Option(
            names = "--repeats",
            paramLabel = "R",
            defaultValue = "5",
            description = "timed runs, after a second of others, at least one (default: ${DEFAULT-VALUE})")
    private int repeats;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    BenchCommand() {}

    @Override
    public Integer call() throws IOException {
        if (n < 1 || repeats < 1 || gramSize != null && gramSize < 1) {
            throw new ParameterException(spec.commandLine(), "--n, --gram-n and --repeats must be at least 1");
        }
        ObjectNode result;
        try (LinearizedNetwork opened = network.open()) {
            Examples x = inputs == null
                    ? RandomExamples.draw(opened, n, SEED)
                    : network.examples(opened, "--inputs", inputs);
            result = measure(opened, x);
        }
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result));
            spec.commandLine().getOut().flush();
        }
        return CommandLine.ExitCode.OK;
    }

    private ObjectNode measure(LinearizedNetwork opened, Examples x) {
        int k = opened.outputSize();
        double[] v = gaussian(Math.toIntExact(opened.parameterCount()));
        double[] u = gaussian(x.size() * k);
        int rows = gramSize != null ? gramSize : Math.max(1, 8192 / k);
        Examples some = x.slice(0, Math.min(x.size(), rows));
        opened.requireIndependentExamples(x);
        TangentKernel kernel = new TangentKernel(opened);
        ObjectNode result = new ObjectMapper().createObjectNode();
        result.put("model", network.model().path().toString())
                .put("n", x.size())
                .put("P", opened.parameterCount())
                .put("k", k);
        result.put("device", opened.settings().device().name())
                .put("threads", opened.settings().threads());
        result.put("chunk", opened.chunkSize());
        result.put("forward_s", median(() -> opened.forward(x)));
        result.put("jvp_s", median(() -> opened.jvp(x, v)));
        result.put("vjp_s", median(() -> opened.vjp(x, u)));
        try (LinearizedExamples kept = opened.keeping(x)) {
            result.put("jvp_again_s", median(() -> kept.jvp(v)));
            result.put("vjp_again_s", median(() -> kept.vjp(u)));
        }
        result.put("gram_n", some.size());
        // the matrix may take much longer than all before, or more memory than there is
        int printed = print(result, 0);
        try {
            result.put("gram_s", median(() -> kernel.gram(some, Outputs.all())));
        } catch (IllegalArgumentException | OutOfMemoryError e) {
            result.put("gram_s", "not measured: " + e.getMessage());
        }
        result.put("peak_memory_mib", peakMemoryMib());
        print(result, printed);
        return result;
    }

    /**
     * Prints all fields after the first {@code from} as text, unless one JSON object is to come; returns how many there
     * are.
     */
    private int print(ObjectNode result, int from) {
        if (!json) {
            result.properties().stream()
                    .skip(from)
                    .forEach(e -> spec.commandLine()
                            .getOut()
                            .println(String.format(
                                    Locale.ROOT,
                                    "%-18s %s",
                                    e.getKey(),
                                    e.getValue().asText())));
            spec.commandLine().getOut().flush();
        }
        return result.size();
    }

    /** The first run opens sessions; the JVM's compiler needs some more. Returns what the runs took in seconds. */
    private static double warmUp(Runnable work) {
        long start = System.nanoTime();
        do {
            work.run();
        } while (System.nanoTime() - start < WARM_UP_NANOSECONDS);
        return (System.nanoTime() - start) / 1e9;
    }

    /** What takes long enough is not repeated. */
    private double median(Runnable work) {
        double first = warmUp(work);
        if (first > LONG_SECONDS) {
            return first;
        }
        double[] seconds = new double[repeats];
        for (int i = 0; i < repeats; i++) {
            long start = System.nanoTime();
            work.run();
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return repeats % 2 == 1 ? seconds[repeats / 2] : (seconds[repeats / 2 - 1] + seconds[repeats / 2]) / 2;
    }

    private static double[] gaussian(int size) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }

    /** Peak resident memory of this process, JVM and native together, where the system tells it (Linux). */
    private static @Nullable Double peakMemoryMib() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
        } catch (IOException e) {
            return null; // no such file: not Linux
        }
        return null;
    }
}
