package org.finitentk.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.tabular.TableEvaluation;
import org.finitentk.provenance.Reproduction;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Model;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evaluate}: scores of a model on a table. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description =
                "Tests a Tribuo model on a table with targets: scores of its predictive distributions and Tribuo's"
                        + " own, printed, and as JSON and HTML with pictures on request.")
final class EvaluateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = "a Tribuo model that predicts numbers or labels")
    private Path file;

    @Option(names = "--data", paramLabel = "TABLE.csv", description = "the table, plain or .gz")
    private @Nullable Path data;

    @Mixin
    private TableOptions table;

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            description = "the column of labels, if the model's provenance does not say it (default: "
                    + TableEvaluation.LABEL + ")")
    private @Nullable String target;

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description = "any of Tribuo's data sources: a component of --config, instead of --data")
    private @Nullable String source;

    @Option(names = "--config", paramLabel = "FILE", description = "a configuration file of OLCUT: .xml or .json")
    private @Nullable Path config;

    @Option(
            names = "--level",
            paramLabel = "P",
            converter = Level.Converter.class,
            description = "probability of the intervals, between 0 and 1 (default: ${DEFAULT-VALUE})")
    private Level level = Level.USUAL;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "write report.html, results.json, results.csv and pictures")
    private @Nullable Path out;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    EvaluateCommand() {}

    @Override
    public Integer call() throws IOException {
        if ((data == null) == (config == null) || source != null && config == null) {
            throw new ParameterException(
                    spec.commandLine(), "either --data is needed, or --config with a data source (--source)");
        }
        if (config != null && target != null) {
            throw new ParameterException(
                    spec.commandLine(), "a data source of --config has its own targets; expected no --target");
        }
        Model<?> model = Reproduction.readModel(file);
        try (ProgressBars progress = ProgressBars.onStandardError()) {
            ExperimentReport report = report(model, progress);
            PrintWriter print = spec.commandLine().getOut();
            print.print(report.details());
            if (out != null) {
                MissingFolders folders = new MissingFolders().with(out);
                List<Path> written = report.write(out);
                folders.report(print);
                print.println();
                written.forEach(path -> print.println("wrote '" + path + "'"));
            }
            print.flush();
        } finally {
            if (model instanceof AutoCloseable closeable) {
                TrainCommand.close(closeable);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private ExperimentReport report(Model<?> model, ProgressBars progress) {
        TableEvaluation evaluation = new TableEvaluation(model, file, level.probability());
        if (data != null) {
            return evaluation.of(new TableFile(data, table.format()), target, progress);
        }
        if (config == null) {
            throw new IllegalStateException("looked at before");
        }
        try (Configuration configuration = Configuration.load(config, Map.of())) {
            ConfigurableDataSource<?> chosen =
                    configuration.component(ConfigurableDataSource.class, "data source", "--source", source);
            return evaluation.of(chosen, source == null ? config.toString() : source, progress);
        }
    }
}
