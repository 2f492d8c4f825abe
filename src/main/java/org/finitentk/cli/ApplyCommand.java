package org.finitentk.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.LinearizedNetwork.Linearized;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code apply}: f, Jv and Jᵀu of given arrays. */
@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        description = "Computes f (n, k), Jv (n, k) and J'u (P, summed over the examples), written as float64.")
final class ApplyCommand implements Callable<Integer> {
    @Mixin
    private NetworkOptions network;

    @Option(
            names = "--inputs",
            paramLabel = "X.npy",
            required = true,
            description = "n examples; for several inputs NAME=X.npy,NAME2=Z.npy")
    private String inputs;

    @Option(names = "--forward", paramLabel = "F.npy", description = "write f (n, k)")
    private @Nullable Path forward;

    @Option(names = "--tangent", paramLabel = "V.npy", description = "the tangent v (P)")
    private @Nullable Path tangent;

    @Option(names = "--jvp", paramLabel = "JV.npy", description = "write Jv (n, k); needs --tangent")
    private @Nullable Path jvp;

    @Option(names = "--cotangent", paramLabel = "U.npy", description = "the cotangent u (n, k)")
    private @Nullable Path cotangent;

    @Option(names = "--vjp", paramLabel = "G.npy", description = "write J'u (P); needs --cotangent")
    private @Nullable Path vjp;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    ApplyCommand() {}

    @Override
    public Integer call() {
        requireTogether("--tangent", tangent, "--jvp", jvp);
        requireTogether("--cotangent", cotangent, "--vjp", vjp);
        if (forward == null && jvp == null && vjp == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "nothing to compute: give --forward, --tangent with --jvp, or --cotangent with --vjp");
        }
        OutputFiles results = new OutputFiles(spec)
                .reads("MODEL", network.model().path())
                .reads("--inputs", inputs)
                .reads("--tangent", tangent)
                .reads("--cotangent", cotangent)
                .writes("--forward", forward)
                .writes("--jvp", jvp)
                .writes("--vjp", vjp);
        try (LinearizedNetwork opened = network.open()) {
            compute(opened, network.examples(opened, "--inputs", inputs), results);
        }
        results.write();
        return CommandLine.ExitCode.OK;
    }

    private void requireTogether(String given, @Nullable Path in, String written, @Nullable Path out) {
        if ((in == null) != (out == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    given + " and " + written + " belong together; found only " + (in == null ? written : given));
        }
    }

    /** All arrays are read and checked before anything is computed. */
    private void compute(LinearizedNetwork opened, Examples x, OutputFiles results) {
        opened.requireFit(x);
        int n = x.size();
        int k = opened.outputSize();
        double @Nullable [] v = tangent == null ? null : Inputs.reals("--tangent", tangent, opened.parameterCount());
        double @Nullable [] u = cotangent == null ? null : Inputs.reals("--cotangent", cotangent, n, k);
        if (v != null && jvp != null) {
            Linearized both = opened.linearized(x, v);
            results.put(jvp, Tensor.ofDoubles(both.products(), n, k));
            if (forward != null) {
                results.put(forward, Tensor.ofDoubles(both.outputs(), n, k));
            }
        } else if (forward != null) {
            results.put(forward, Tensor.ofDoubles(opened.forward(x), n, k));
        }
        if (u != null && vjp != null) {
            results.put(vjp, Tensor.ofDoubles(opened.vjp(x, u), opened.parameterCount()));
        }
    }
}
