package org.finitentk.cli;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.io.ConfigLoaderException;
import com.oracle.labs.mlrg.olcut.config.json.JsonConfigFactory;
import com.oracle.labs.mlrg.olcut.config.xml.XMLConfigFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.ExperimentReport;
import org.finitentk.experiment.Experiment;
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
    private static final Logger MAPPINGS = Logger.getLogger(OnnxBackbone.class.getPackageName());

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
        try (ConfigurationManager configuration = load()) {
            Experiment experiment = experiment(configuration);
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
        Level before = MAPPINGS.getLevel();
        if (before == null) {
            MAPPINGS.setLevel(Level.WARNING);
        }
        try (ProgressBars progress = ProgressBars.onStandardError()) {
            return experiment.run(progress);
        } finally {
            MAPPINGS.setLevel(before);
        }
    }

    private ConfigurationManager load() {
        if (!Files.isRegularFile(config)) {
            throw new IllegalArgumentException(
                    "configuration file '" + config + "' " + (Files.exists(config) ? "is no file" : "does not exist")
                            + "; expected an .xml or .json file of OLCUT");
        }
        ConfigurationManager.addFileFormatFactory(new GuardedFormat(new XMLConfigFactory()));
        ConfigurationManager.addFileFormatFactory(new GuardedFormat(new JsonConfigFactory()));
        try {
            ConfigurationManager loaded =
                    new ConfigurationManager(config.toAbsolutePath().toString());
            if (out != null) {
                loaded.setGlobalProperty(OUTPUT, out.toString());
            }
            return loaded;
        } catch (PropertyException | ConfigLoaderException e) {
            throw refused(e);
        }
    }

    private Experiment experiment(ConfigurationManager configuration) {
        try {
            List<String> names = configuration.listAll(Experiment.class);
            if (component != null && !names.contains(component)) {
                throw new IllegalArgumentException("configuration file '" + config + "' has no experiment named '"
                        + component + "'; it has " + names);
            }
            if (component == null && names.size() != 1) {
                throw new IllegalArgumentException(
                        "configuration file '" + config + "' has " + names.size() + " experiments " + names
                                + (names.isEmpty()
                                        ? "; expected a component whose type implements " + Experiment.class.getName()
                                        : "; choose one with --component"));
            }
            return (Experiment) configuration.lookup(component == null ? names.get(0) : component);
        } catch (PropertyException | ConfigLoaderException e) {
            throw refused(e);
        }
    }

    private IllegalArgumentException refused(RuntimeException e) {
        Throwable cause = e;
        StringBuilder reasons = new StringBuilder();
        while (cause != null) {
            String message = String.valueOf(cause.getMessage())
                    .replaceAll(
                            "[\\w.]+Exception: |\\s+at \\[Source: REDACTED.*;(?= line)|(?<=column: \\d{1,9})\\]", "");
            if (cause.getMessage() != null && reasons.indexOf(message) < 0) {
                reasons.append(reasons.isEmpty() ? "" : ": ").append(message);
            }
            cause = cause.getCause();
        }
        return new IllegalArgumentException("configuration file '" + config + "': " + reasons, e);
    }
}
