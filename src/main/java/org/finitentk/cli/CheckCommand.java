package org.finitentk.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.finitentk.check.Finding;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.check.LinearizationCheck;
import org.finitentk.check.RandomExamples;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code check}: whether a model's or bundle's graphs compute f, Jv and Jᵀu of one network, example by example. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Verifies that f, Jv and J'u are finite, that the graphs agree on f, that <u, Jv> = <J'u, v>, that Jv is"
                    + " the derivative of f (finite differences), that examples do not influence each other, "
                    + "and that the"
                    + " Gram matrix is J J'.",
            "Exit code 0 if nothing failed, else 1. Inconclusive is no failure: rounding errors hide the answer there,"
                    + " and the line says how large they are."
        })
final class CheckCommand implements Callable<Integer> {
    private static final double LONG_MINUTES = 0.5;

    @Mixin
    private NetworkOptions network;

    @Option(
            names = "--inputs",
            paramLabel = "X.npy",
            description = "examples to check with; for several inputs NAME=X.npy,NAME2=Z.npy (default: random ones)")
    private @Nullable String inputs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the random examples and directions (default: ${DEFAULT-VALUE})")
    private long seed;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    CheckCommand() {}

    @Override
    public Integer call() {
        try (LinearizedNetwork opened = network.open()) {
            Examples x = inputs == null
                    ? RandomExamples.draw(opened, LinearizationCheck.EXAMPLES, seed)
                    : network.examples(opened, "--inputs", inputs);
            LinearizationCheck check = check(opened, x);
            print(check.findings());
            if (!check.passed()) {
                List<Finding> failures = check.failures();
                throw new IllegalArgumentException("'" + network.model().path() + "' fails "
                        + failures.stream().map(Finding::name).collect(Collectors.joining(", ")) + ": "
                        + failures.get(0).sentence());
            }
            return CommandLine.ExitCode.OK;
        }
    }

    /** Says what is to come before it begins, where it takes long. */
    private void announce(LinearizedNetwork opened) {
        double operations = LinearizationCheck.operations(opened);
        double minutes = operations
                / KernelCommand.OPERATIONS_A_MINUTE
                / Runtime.getRuntime().availableProcessors();
        if (minutes >= LONG_MINUTES) {
            long least = Math.max(1, Math.round(minutes));
            spec.commandLine()
                    .getErr()
                    .println(String.format(
                            Locale.ROOT,
                            "a network this large is checked with about %.2g million million operations or more: "
                                    + "about %d to %d minutes",
                            operations / 1e12,
                            least,
                            4 * least));
            spec.commandLine().getErr().flush();
        }
    }

    private LinearizationCheck check(LinearizedNetwork opened, Examples x) {
        announce(opened);
        try (ProgressBars progress = ProgressBars.onStandardError()) {
            return LinearizationCheck.of(opened, x, seed, progress);
        }
    }

    private void print(List<Finding> findings) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, "%-20s %-12s %10s %10s", "check", "outcome", "measured", "tolerance"));
        for (Finding finding : findings) {
            out.println(String.format(
                    Locale.ROOT,
                    "%-20s %-12s %10s %10s  %s",
                    finding.name(),
                    finding.outcome() == Outcome.FAILED
                            ? "FAILED"
                            : finding.outcome().name().toLowerCase(Locale.ROOT),
                    number(finding.measured()),
                    number(finding.tolerance()),
                    finding.sentence()));
        }
        out.flush();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2g", value);
    }
}
