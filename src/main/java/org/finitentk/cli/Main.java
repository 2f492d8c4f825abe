package org.finitentk.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.finitentk.internal.util.Said;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The program {@code tribuo-finite-ntk}. Exit codes: 0 done, 1 refused or failed (one sentence on standard error), 2
 * wrong usage; 128 and a signal's number where one ended it.
 */
@Command(
        name = "tribuo-finite-ntk",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Closed-form, uncertainty-aware adaptation of trained ONNX networks through their "
                + "finite-width neural tangent kernel.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            PredictCommand.class,
            EvaluateCommand.class,
            InspectCommand.class,
            ExportCommand.class,
            CheckCommand.class,
            ApplyCommand.class,
            KernelCommand.class,
            PosteriorCommand.class,
            BenchCommand.class,
            RunCommand.class,
            ReproduceCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Tables are text with a header: CSV, or another separator, plain or .gz.",
            "Arrays are .npy files: little endian, float32, float64 or int64.",
            "COMMAND --help tells a command's options."
        })
public final class Main implements Runnable {
    /** Columns that the word "usage: " takes. */
    private static final int SYNOPSIS_START = 7;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "print the stack trace of a failure")
    private boolean debug;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    /** For picocli; use {@link #run}. */
    public Main() {}

    /**
     * Runs the program and ends the JVM with its exit code.
     *
     * @param args command and options
     */
    public static void main(String[] args) {
        AtomicBoolean done = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> tellUnless(done), "end of the program"));
        int code = run(args, System.out, System.err);
        done.set(true);
        System.exit(code);
    }

    /** Ctrl-C or kill: the exit code is that of the signal (130, 143). */
    private static void tellUnless(AtomicBoolean done) {
        if (!done.get()) {
            System.err.println(
                    "error: ended by a signal; unfinished files are removed, earlier ones of the same names are "
                            + "as they were");
        }
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
        EnumWords.register(line);
        line.setExecutionExceptionHandler((e, command, parsed) -> fail(main, command, e));
        line.setParameterExceptionHandler((e, words) -> wrongUsage(e));
        try (PlainLog log = new PlainLog(line.getErr(), UnaryOperator.identity())) {
            log.open();
            int code = line.execute(args);
            if (code == CommandLine.ExitCode.OK && line.getOut().checkError()) {
                throw new IllegalStateException("standard output does not take what was printed; it is not complete");
            }
            return code;
        } catch (Throwable e) {
            return fail(main, line, e);
        }
    }

    /** The sentence comes last, where it is seen; the help of a command has more lines than a screen. */
    private static int wrongUsage(CommandLine.ParameterException e) {
        CommandLine command = e.getCommandLine();
        command.getErr()
                .println("usage: " + command.getHelp().synopsis(SYNOPSIS_START).strip());
        command.getErr()
                .println("'" + command.getCommandSpec().qualifiedName() + " --help' tells what each option means");
        CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
        command.getErr().println("error: " + oneLine(String.valueOf(e.getMessage())) + withoutOption(e));
        command.getErr().flush();
        return CommandLine.ExitCode.USAGE;
    }

    /** Some commands take their file alone, others by an option: whoever mixes them up reads which one is meant. */
    private static String withoutOption(CommandLine.ParameterException e) {
        if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched)) {
            return "";
        }
        Set<String> options = e.getCommandLine().getCommandSpec().optionsMap().keySet();
        return unmatched.getUnmatched().stream()
                .filter(word -> !word.startsWith("-"))
                .limit(1)
                .map(word -> (word.matches("(?i).*\\.(onnx|zip)") ? "--network" : "--data") + "=" + word)
                .filter(option -> options.contains(option.substring(0, option.indexOf('='))))
                .map(option -> "; is it meant as " + option + " ?")
                .findFirst()
                .orElse("");
    }

    private static int fail(Main main, CommandLine line, Throwable e) {
        line.getErr().println("error: " + sentence(e));
        if (main.debug) {
            e.printStackTrace(line.getErr());
        }
        line.getErr().flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Failures that were meant for a user say what they are; others are named, for a report. */
    private static String sentence(Throwable e) {
        String message = oneLine(Said.by(e));
        if (e instanceof OutOfMemoryError) {
            return "the computation needs more memory than this JVM has (" + message
                    + "); raise -Xmx, lower --memory, or use fewer examples";
        }
        if (e instanceof StackOverflowError) {
            return "the computation nested too deeply; raise the JVM's stack size with -Xss";
        }
        if (e instanceof FileSystemException file && file.getReason() == null) {
            return "'" + file.getFile() + "' cannot be used ("
                    + words(e.getClass().getSimpleName()) + ")";
        }
        boolean unmeant = e instanceof Error
                || e instanceof NullPointerException
                || e instanceof ClassCastException
                || e instanceof IndexOutOfBoundsException
                || e instanceof ArithmeticException
                || message.isEmpty();
        Throwable cause = e.getCause();
        if (unmeant && cause != null && cause != e) {
            return sentence(cause);
        }
        return unmeant
                ? "failed unexpectedly with " + e.getClass().getSimpleName()
                        + (message.isEmpty() ? "" : " (" + message + ")")
                        + ", which is a fault of this program; run again with --debug and report what it prints"
                : message;
    }

    /** "NoSuchFileException" as "no such file". */
    private static String words(String exception) {
        return exception
                .replace("Exception", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                .toLowerCase(Locale.ROOT);
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\s*\\R\\s*", " ");
    }

    /** Without a command: usage, as a usage error. */
    @Override
    public void run() {
        if (spec != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
        }
    }
}
