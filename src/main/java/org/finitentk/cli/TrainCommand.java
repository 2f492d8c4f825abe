package org.finitentk.cli;

import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.finitentk.classification.Inference;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.tabular.OutputChoice;
import org.finitentk.internal.tabular.TableColumns;
import org.finitentk.internal.tabular.TableTraining;
import org.finitentk.internal.tabular.Task;
import org.finitentk.internal.tabular.TextChoice;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.internal.util.Said;
import org.finitentk.provenance.ProvenanceFile;
import org.finitentk.regression.OutputStructure;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Model;
import org.tribuo.Trainer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code train}: a table and a network become a Tribuo model. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Adapts a trained network to a table, and writes a Tribuo model that predicts with uncertainty. "
                + "Rows with missing or broken cells are refused, and their lines listed.")
final class TrainCommand implements Callable<Integer> {
    private static final Set<String> UNHEARD =
            Set.of("--labels", "--positive-label", "--structure", "--inference", "--tokenizer", "--length");

    @Mixin
    private TrainedNetworkOptions network;

    @Option(
            names = "--data",
            paramLabel = "TABLE.csv",
            description = "the training table: text with a header, plain or .gz")
    private @Nullable Path data;

    @Mixin
    private TableOptions table;

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            description =
                    "the column to learn; several times, or with commas between names, for several numbers, or for"
                            + " columns that each say whether a row has a label")
    private List<String> targets = new ArrayList<>();

    @Option(
            names = "--weights",
            paramLabel = "COLUMN",
            description = "the column of the rows' weights: how precise or how many each is (default: all count alike)")
    private String weights = "";

    @Option(
            names = "--features",
            paramLabel = "A,B,…",
            description = "the columns that are the network's inputs, in the order in which it was trained (default: by"
                    + " the network's metadata, or names that are numbered); with --tokenizer a column of texts, or"
                    + " two (default: the only one)")
    private @Nullable String features;

    @Mixin
    private TextOptions texts;

    @Option(
            names = {"--labels", "--outputs"},
            paramLabel = "A,B,…",
            description = "the labels of the network's outputs, or the targets, in the outputs' order (default: by the"
                    + " network's metadata, by numbers, or by how the network predicts the table)")
    private @Nullable String labels;

    @Option(
            names = "--positive-label",
            paramLabel = "LABEL",
            description = "of two labels and a network with one logit, the one whose log odds the logit is")
    private @Nullable String positiveLabel;

    @Option(
            names = "--task",
            paramLabel = "regression|classification|multi-label",
            description = "whether targets are numbers, labels, or labels of which a row may have several: 1 and 0, yes"
                    + " and no or true and false in a column each, or a list in one column (default: what table and"
                    + " network speak for)")
    private Task task = Task.AUTO;

    @Option(
            names = "--label-separator",
            paramLabel = "C",
            description =
                    "under multi-label what is between the labels of one cell, where an empty cell is a row without"
                            + " a label (default: whichever of ; | , it is)")
    private String labelSeparator = "";

    @Option(
            names = "--structure",
            paramLabel = "auto|matched|shared|independent",
            description = "shared: labels or targets have nothing to do with the network's outputs, which only give the"
                    + " kernel (default: ${DEFAULT-VALUE})")
    private OutputStructure structure = OutputStructure.AUTO;

    @Option(
            names = "--inference",
            paramLabel = "auto|laplace|map|mean-field|full-covariance",
            description =
                    "how labels are learned (default: auto, which is laplace for the network's own labels, and for others"
                            + " full-covariance or, where that would take minutes, map)")
    private @Nullable Inference inference;

    @Option(
            names = "--trainer",
            paramLabel = "NAME",
            description = "any Tribuo trainer, with all its settings: a component of --config, which has its own"
                    + " network")
    private @Nullable String trainer;

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description = "any of Tribuo's data sources, for text, dates and more: a component of --config, instead of"
                    + " --data and --target")
    private @Nullable String source;

    @Option(names = "--config", paramLabel = "FILE", description = "a configuration file of OLCUT: .xml or .json")
    private @Nullable Path config;

    @Option(names = "--out", paramLabel = "MODEL", required = true, description = "write the model")
    private Path out;

    @Option(
            names = "--provenance",
            paramLabel = "FILE.json",
            description = "write its provenance, with relative paths (default: MODEL with .json added)")
    private @Nullable Path provenance;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    TrainCommand() {}

    @Override
    @SuppressWarnings("try") // the log is plain as long as it is open
    public Integer call() throws IOException {
        requireWhole();
        Path recorded = provenance == null ? Path.of(out + ".json") : provenance;
        new OutputFiles(spec)
                .reads("--network", network.path())
                .reads("--data", data)
                .reads("--config", config)
                .reads("--tokenizer", texts.tokenizer())
                .writes("--out", out)
                .writes("--provenance", recorded);
        MissingFolders folders = new MissingFolders().above(out).above(recorded);
        PrintWriter print = spec.commandLine().getOut();
        try (ProgressBars progress = ProgressBars.onStandardError();
                PlainLog log = new PlainLog(spec.commandLine().getErr(), this::inOptions)) {
            log.open();
            TableTraining<?> training = training();
            training.notes().forEach(print::println);
            print.flush();
            Model<?> model = training.train(progress);
            write(model, recorded);
            new LearnedReport(print).print(model);
            folders.report(print);
            print.println("wrote '" + out + "', a Tribuo model of "
                    + model.getProvenance().getDatasetProvenance().getNumExamples() + " rows");
            print.println("wrote '" + recorded + "', its provenance, from which reproduce trains it again");
            print.flush();
            if (model instanceof AutoCloseable closeable) {
                close(closeable);
            }
        } catch (IllegalArgumentException | PropertyException e) {
            throw new IllegalArgumentException(inOptions(Said.by(e)), e);
        }
        return CommandLine.ExitCode.OK;
    }

    private void requireWhole() {
        String missing = null;
        if ((trainer == null) == (network.path() == null)) {
            missing = "either --network is needed, or --trainer, which has its own network";
        } else if ((trainer == null && source == null) != (config == null)) {
            missing = "--trainer and --source name components of --config; expected them together";
        } else if ((data == null) == (source == null)) {
            missing = "either --data is needed, or --source";
        } else if ((data == null) != targets.isEmpty()) {
            missing = data == null ? "--source has its own targets; expected no --target" : "--target is needed";
        } else if (data == null && texts.tokenizer() != null) {
            missing = "--source makes tokens of texts itself, by a WordpiecePipeline; expected no --tokenizer";
        }
        if (missing == null && trainer != null) {
            missing = ofAnotherTrainer();
        }
        if (missing == null) {
            missing = texts.complaint(network);
        }
        if (missing != null) {
            throw new ParameterException(spec.commandLine(), missing);
        }
    }

    /** An option that was given and that a trainer of a configuration file does not hear of; null if there is none. */
    private @Nullable String ofAnotherTrainer() {
        Set<String> unheard = new HashSet<>(UNHEARD);
        Objects.requireNonNull(spec.mixins().get("network"))
                .options()
                .forEach(option -> unheard.add(option.names()[0]));
        return spec.commandLine().getParseResult().matchedOptions().stream()
                .map(option -> option.names()[0])
                .filter(unheard::contains)
                .findFirst()
                .map(option ->
                        option + " is of the trainer that this command makes, and --trainer has its own settings; "
                                + "set it in the configuration file")
                .orElse(null);
    }

    /**
     * Both files, or none. Both are written before either is moved into place, and an earlier provenance goes before
     * the model does: whoever ends this command in the middle finds a model without a provenance beside it (it has one
     * inside), and never one beside that of another model.
     */
    private void write(Model<?> model, Path recorded) throws IOException {
        String json = ProvenanceFile.toJson(model.getProvenance()) + "\n";
        try {
            AtomicFile.write(recorded, temporary -> {
                Files.writeString(temporary, json, StandardCharsets.UTF_8);
                writeModel(model, recorded);
            });
        } catch (UncheckedIOException e) {
            throw new IOException(
                    "the model '" + out + "' cannot be written: "
                            + Objects.requireNonNull(e.getCause()).getMessage(),
                    e);
        } catch (IOException e) {
            throw new IOException("the provenance '" + recorded + "' cannot be written: " + e.getMessage(), e);
        }
    }

    private void writeModel(Model<?> model, Path recorded) {
        try {
            AtomicFile.write(out, temporary -> {
                model.serializeToFile(temporary);
                Files.deleteIfExists(recorded);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A trainer of a configuration file is spoken of in its properties, but the table's columns are chosen here. */
    private String inOptions(String message) {
        String logit = positiveLabel == null ? message : message.replace("outputNames", "--positive-label");
        return trainer == null
                ? OptionWords.of(logit)
                : message.replace(
                        "set unlistedFeatures IGNORE to leave columns out",
                        "choose the table's columns with --features, or set unlistedFeatures IGNORE to "
                                + "leave others out");
    }

    static void close(AutoCloseable model) throws IOException {
        try {
            model.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the model cannot be closed: " + e.getMessage(), e);
        }
    }

    private TableTraining<?> training() {
        if (config == null) {
            return ofTable();
        }
        try (Configuration configuration = Configuration.load(config, Map.of())) {
            return training(configuration);
        }
    }

    private TableTraining<?> training(Configuration configuration) {
        Trainer<?> chosen =
                trainer == null ? null : configuration.component(Trainer.class, "trainer", "--trainer", trainer);
        if (source == null) {
            return chosen == null ? ofTable() : TableTraining.of(columns(data), chosen, task);
        }
        ConfigurableDataSource<?> rows =
                configuration.component(ConfigurableDataSource.class, "data source", "--source", source);
        return chosen == null
                ? TableTraining.of(rows, network.backbone(listed()), outputs())
                : TableTraining.of(rows, chosen);
    }

    private TableTraining<?> ofTable() {
        TextChoice choice = texts.choice(network.pooling());
        return choice == null
                ? TableTraining.of(columns(data), network.backbone(listed()), outputs())
                : TableTraining.of(columns(data), choice, network.builder(), outputs());
    }

    private List<String> listed() {
        return features == null ? List.of() : Columns.parse(features);
    }

    private TableColumns columns(@Nullable Path path) {
        if (path == null) {
            throw new IllegalStateException("asked for only where --data was given");
        }
        TableFile file = new TableFile(path, table.format());
        return new TableColumns(file, TableColumns.named(file, targets), listed(), weights, labelSeparator);
    }

    private OutputChoice outputs() {
        return new OutputChoice(
                task, labels == null ? List.of() : Columns.parse(labels), positiveLabel, structure, inference);
    }
}
