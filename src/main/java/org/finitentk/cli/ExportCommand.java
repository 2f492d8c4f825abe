package org.finitentk.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.network.LinearizedNetwork;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code export}: writes the derivative graphs of a model. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes a linearization bundle: forward.onnx, jvp.onnx and vjp.onnx with the parameters "
                + "stored once, and bundle.json.")
final class ExportCommand implements Callable<Integer> {
    @Mixin
    private NetworkOptions network;

    @Option(
            names = "--out",
            paramLabel = "BUNDLE",
            required = true,
            description = "the folder to write, or a file ending in .zip; must not exist yet")
    private Path out;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    ExportCommand() {}

    @Override
    public Integer call() {
        if (Files.exists(out)) {
            throw new IllegalArgumentException(
                    "--out '" + out + "' exists already; choose another name or delete it first");
        }
        MissingFolders folders = new MissingFolders().above(out);
        try (LinearizedNetwork opened = network.open()) {
            LinearizationBundle.of(opened).write(out);
            folders.report(spec.commandLine().getOut());
            spec.commandLine()
                    .getOut()
                    .println("wrote " + out + ": P = " + opened.parameterCount() + ", k = " + opened.outputSize());
        }
        return CommandLine.ExitCode.OK;
    }
}
