package org.finitentk.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.internal.backbone.TrainingTask;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run}: an experiment that a configuration file describes. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs the experiment of an OLCUT configuration file, prints its results and writes report, "
                + "tables, pictures and provenance to its output folder.")
final class RunCommand implements Callable<Integer> {
    /**
     * An experiment trains hundreds of models, each with a line that says which feature and output is which; their
     * provenance says it too.
     */
    private static final List<Logger> MAPPINGS = Stream.of(OnnxBackbone.class, TrainingTask.class)
            .map(type -> Logger.getLogger(type.getPackageName()))
            .toList();

    /** The global property by which configurations name their output folder. */
    private static final String OUTPUT = "output";

    @Parameters(paramLabel = "CONFIG", description = "a configuration file: .xml or .json")
    private Path config;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "where the results go, instead of the configuration's global property '" + OUTPUT + "'")
    private @Nullable Path out;

    @Option(names = "--component", paramLabel = "NAME", description = "which experiment, if the file has several")
    private @Nullable String component;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    RunCommand() {}

    @Override
    public Integer call() throws IOException {
        long start = System.nanoTime();
        Map<String, String> globals = out == null ? Map.of() : Map.of(OUTPUT, out.toString());
        try (Configuration configuration = Configuration.load(config, globals)) {
            Experiment experiment = configuration.component(Experiment.class, "experiment", "--component", component);
            MissingFolders folders = new MissingFolders().with(experiment.output());
            ExperimentReport report = run(experiment);
            PrintWriter print = spec.commandLine().getOut();
            print.print(report.summary());
            folders.report(print);
            print.println(String.format(
                    Locale.ROOT,
                    "%nreport   %s%nseconds  %.1f",
                    experiment.output().resolve("report.html"),
                    (System.nanoTime() - start) / 1e9));
            print.flush();
        }
        return CommandLine.ExitCode.OK;
    }

    private static ExperimentReport run(Experiment experiment) throws IOException {
        List<Logger> quiet =
                MAPPINGS.stream().filter(logger -> logger.getLevel() == null).toList();
        quiet.forEach(logger -> logger.setLevel(Level.WARNING));
        try (ProgressBars progress = ProgressBars.onStandardError()) {
            return experiment.run(progress);
        } finally {
            quiet.forEach(logger -> logger.setLevel(null));
        }
    }
}
