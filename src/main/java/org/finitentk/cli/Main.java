package org.finitentk.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The program {@code tribuo-finite-ntk}. Exit codes: 0 done, 1 refused or failed (one sentence on standard error), 2 wrong usage.
 */
@Command(name = "tribuo-finite-ntk", mixinStandardHelpOptions = true, versionProvider = Version.class,
    description = "Closed-form, uncertainty-aware adaptation of trained ONNX networks through their finite-width neural tangent kernel.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {InspectCommand.class, ExportCommand.class, CheckCommand.class, ApplyCommand.class, KernelCommand.class, PosteriorCommand.class,
        BenchCommand.class, RunCommand.class, ReproduceCommand.class, CommandLine.HelpCommand.class},
    footer = {"", "Arrays are .npy files: version 1.0, little endian, C order, float32, float64 or int64.",
        "COMMAND --help tells a command's options."})
public final class Main implements Runnable {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "print the stack trace of a failure")
    private boolean debug;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    /** For picocli; use {@link #run}. */
    public Main() {
    }

    /**
     * Runs the program and ends the JVM with its exit code.
     *
     * @param args command and options
     */
    public static void main(String[] args) {
        System.exit(run(args, System.out, System.err));
    }

    /**
     * Runs the program inside this JVM.
     *
     * @param args command and options
     * @param out where results go
     * @param err where refusals, usage errors and progress go
     * @return the exit code: 0, 1 or 2
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(refusal(main));
        try {
            return line.execute(args);
        } catch (OutOfMemoryError e) {
            return fail(main, line, e, "the computation needs more memory than this JVM has (" + e.getMessage() + "); raise -Xmx, lower --memory, or use fewer examples");
        } catch (StackOverflowError e) {
            return fail(main, line, e, "the computation nested too deeply; raise the JVM's stack size with -Xss");
        }
    }

    private static int fail(Main main, CommandLine line, Throwable e, String sentence) {
        line.getErr().println("error: " + sentence);
        if (main.debug) {
            e.printStackTrace(line.getErr());
        }
        line.getErr().flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static IExecutionExceptionHandler refusal(Main main) {
        return (e, line, parsed) -> {
            String message = e.getMessage();
            return fail(main, line, e, message == null ? "failed with " + e.getClass().getSimpleName() + "; run again with --debug for details" : message.replace('\n', ' '));
        };
    }

    /** Without a command: usage, as a usage error. */
    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
        }
    }
}
