package org.finitentk.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.table.TableStream;
import org.finitentk.internal.tabular.TablePredictions;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.provenance.Reproduction;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code predict}: a model's predictions for the rows of a table. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = "Predicts the rows of a table with a Tribuo model. For numbers TARGET_mean, TARGET_sd, "
                + "TARGET_lower and TARGET_upper (the last three empty for a model without variances), for "
                + "labels the label and p_LABEL, the probability of each; where a row may have several, labels, those "
                + "that it rather has than not (with ; between them, or what was between them in the training table), "
                + "and p_LABEL. Columns are found by their names. A row with broken cells, or with missing ones for a "
                + "network that has no Imputer for them, gets an empty prediction; the exit code is then 1.")
final class PredictCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    @Parameters(paramLabel = "MODEL", description = "a Tribuo model that predicts numbers or labels")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "TABLE.csv|-",
            required = true,
            description = "the table, plain or .gz; - reads CSV or JSON lines from standard input and answers in the"
                    + " same form as they come")
    private String data;

    @Mixin
    private TableOptions table;

    @Option(
            names = "--out",
            paramLabel = "PREDICTIONS.csv",
            description = "where the predictions go (default: standard output)")
    private @Nullable Path out;

    @Option(
            names = "--level",
            paramLabel = "P",
            converter = Level.Converter.class,
            description = "probability of the intervals, between 0 and 1 (default: ${DEFAULT-VALUE})")
    private Level level = Level.USUAL;

    @Option(
            names = "--keep",
            paramLabel = "A,B,…|all",
            description = "columns of the table that are written before the predictions (default: none)")
    private String keep = "";

    @Spec
    private CommandLine.Model.CommandSpec spec;

    PredictCommand() {}

    @Override
    public Integer call() throws IOException {
        boolean streams = data.equals(STANDARD_INPUT);
        new OutputFiles(spec)
                .reads("MODEL", file)
                .reads("--data", streams ? null : Path.of(data))
                .writes("--out", out);
        Model<?> model = Reproduction.readModel(file);
        try (ProgressBars progress = ProgressBars.onStandardError()) {
            TablePredictions predictions = new TablePredictions(model, file, level.probability(), kept());
            report(streams ? stream(predictions) : file(predictions, progress));
        } finally {
            if (model instanceof AutoCloseable closeable) {
                TrainCommand.close(closeable);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private @Nullable List<String> kept() {
        return keep.equals("all") ? null : keep.isEmpty() ? List.of() : Columns.parse(keep);
    }

    private TablePredictions.Counts file(TablePredictions predictions, ProgressBars progress) throws IOException {
        TableFile read = new TableFile(Path.of(data), table.format());
        return write(to -> predictions.write(read, to, progress));
    }

    private TablePredictions.Counts stream(TablePredictions predictions) throws IOException {
        TableStream read = new TableStream(System.in, "standard input", table.format());
        return write(to -> predictions.write(read, to));
    }

    /** What writes predictions. */
    private interface Run {
        TablePredictions.Counts to(Writer writer) throws IOException;
    }

    private TablePredictions.Counts write(Run run) throws IOException {
        if (out == null) {
            return run.to(spec.commandLine().getOut());
        }
        TablePredictions.Counts[] counts = new TablePredictions.Counts[1];
        MissingFolders folders = new MissingFolders().above(out);
        try {
            AtomicFile.write(out, temporary -> {
                try (Writer writer = new BufferedWriter(new OutputStreamWriter(
                        Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        StandardCharsets.UTF_8))) {
                    counts[0] = run.to(writer);
                }
            });
        } catch (IOException e) {
            throw new IOException("the predictions '" + out + "' cannot be written: " + e.getMessage(), e);
        }
        PrintWriter print = spec.commandLine().getOut();
        folders.report(print);
        print.println("wrote '" + out + "', predictions for " + counts[0].rows() + " rows");
        print.flush();
        return counts[0];
    }

    private void report(TablePredictions.Counts counts) {
        if (spec.commandLine().getOut().checkError() && out == null) {
            throw new IllegalStateException("standard output does not take the predictions; they are not complete");
        }
        if (counts.empty() > 0) {
            throw new IllegalArgumentException(
                    counts.empty() + " of " + counts.rows() + " rows have no prediction: " + counts.complaints());
        }
    }
}
