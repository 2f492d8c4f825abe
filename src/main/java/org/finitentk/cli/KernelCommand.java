package org.finitentk.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kernel}: the tangent kernel between examples. */
@Command(
        name = "kernel",
        mixinStandardHelpOptions = true,
        description = "Computes the finite-width neural tangent kernel K = J(x) J(z)' as float64; row i*k + c is "
                + "output c of example i.")
final class KernelCommand implements Callable<Integer> {
    /** Of one core: what convolutions and matrix products of two kinds of numbers reach together. */
    static final double OPERATIONS_A_MINUTE = 60 * 40e9;

    private static final double GIBIBYTE = 1L << 30;
    /**
     * Weights are in the graph, in one vector, in ONNX Runtime's sessions and in what it makes of them for products; as
     * many numbers has the gradient that it hands over.
     */
    private static final double WEIGHT_COPIES = 6;
    /** What the JVM takes of its heap, with libraries, whatever the network. */
    private static final long JAVA_HEAP = 2_300L << 20;

    private static final double LONG_MINUTES = 0.25;

    @Mixin
    private NetworkOptions network;

    @Option(
            names = "--inputs",
            paramLabel = "X.npy",
            required = true,
            description = "n examples; for several inputs NAME=X.npy,NAME2=Z.npy")
    private String inputs;

    @Option(
            names = "--inputs2",
            paramLabel = "Z.npy",
            description = "m other examples: K is (nk, mk) (default: the same, K is (nk, nk))")
    private @Nullable String inputs2;

    @Option(
            names = "--output-index",
            paramLabel = "C",
            description = "output C of each example alone, from 0: K is (n, n) or (n, m) (default: all)")
    private @Nullable Integer outputIndex;

    @Option(names = "--out", paramLabel = "K.npy", required = true, description = "the file to write")
    private Path out;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    KernelCommand() {}

    /** Says what is to come before it begins, where it takes long. */
    private void announce(TangentKernel.Estimate estimate, LinearizedNetwork opened) {
        long budget = opened.settings().effectiveMemoryBudget();
        double minutes = estimate.operations()
                / OPERATIONS_A_MINUTE
                / Runtime.getRuntime().availableProcessors();
        if (minutes >= LONG_MINUTES) {
            spec.commandLine()
                    .getErr()
                    .println(String.format(
                            Locale.ROOT,
                            "%d rows from %d gradients, %d MiB of which are in memory at a time, of a "
                                    + "budget of %d MiB; with the network's copies and the Java heap the process takes "
                                    + "about %.1f GiB; about %.2g million million operations: %s",
                            estimate.rows(),
                            estimate.gradients(),
                            estimate.gradientBytes() >> 20,
                            budget >> 20,
                            process(estimate.gradientBytes(), opened.parameterCount() * Float.BYTES) / GIBIBYTE,
                            estimate.operations() / 1e12,
                            minutes < 1
                                    ? "about a minute"
                                    : "about " + Math.round(minutes) + " to " + Math.round(3 * minutes) + " minutes"));
            spec.commandLine().getErr().flush();
        }
    }

    /**
     * What the process takes at most, within a quarter, as measured on AlexNet, ConvNeXt, DenseNet, EfficientNet,
     * ResNet-50, ResNeXt-50 and VGG-11 with 1000 outputs.
     */
    private static double process(long gradientBytes, long weightBytes) {
        return gradientBytes
                + WEIGHT_COPIES * weightBytes
                + Math.min(JAVA_HEAP, Runtime.getRuntime().maxMemory());
    }

    private Outputs outputs(int found) {
        if (outputIndex == null) {
            return Outputs.all();
        }
        if (outputIndex < 0 || outputIndex >= found) {
            throw new IllegalArgumentException("--output-index is " + outputIndex + ", but the network has " + found
                    + " outputs, numbered from 0");
        }
        return Outputs.single(outputIndex);
    }

    @Override
    public Integer call() {
        OutputFiles files = new OutputFiles(spec)
                .reads("MODEL", network.model().path())
                .reads("--inputs", inputs)
                .reads("--inputs2", inputs2)
                .writes("--out", out);
        try (LinearizedNetwork opened = network.open();
                ProgressBars progress = ProgressBars.onStandardError()) {
            Examples x = network.examples(opened, "--inputs", inputs);
            TangentKernel kernel = new TangentKernel(opened, progress);
            Outputs outputs = outputs(opened.outputSize());
            long each = outputs.count(opened.outputSize());
            if (inputs2 == null) {
                announce(kernel.estimate(x, outputs), opened);
                files.put(out, Tensor.ofDoubles(kernel.gram(x, outputs), x.size() * each, x.size() * each));
            } else {
                Examples z = network.examples(opened, "--inputs2", inputs2);
                announce(kernel.estimate(x, z, outputs), opened);
                files.put(out, Tensor.ofDoubles(kernel.gram(x, z, outputs), x.size() * each, z.size() * each));
            }
        }
        files.write();
        return CommandLine.ExitCode.OK;
    }
}
