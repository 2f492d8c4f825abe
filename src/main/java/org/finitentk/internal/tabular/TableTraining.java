package org.finitentk.internal.tabular;

import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.RepeatableTrainer;
import org.finitentk.internal.onnx.ColumnInputs;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableRows;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.internal.tribuo.UnknownOrderException;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.regression.OutputStructure;
import org.finitentk.table.TableDataSource;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.WeightedExamples;
import org.tribuo.data.columnar.ResponseProcessor;

/**
 * Training data from a table, and the trainer that fits them: what a person says about columns, and what else follows
 * from the table and the network.
 *
 * @param <T> the type of the outputs
 */
public final class TableTraining<T extends Output<T>> {
    private final ConfigurableDataSource<T> source;
    private final Trainer<T> trainer;
    private final List<String> notes;
    private final ColumnCandidates candidates;
    /** Null where nobody chose columns for a network. */
    private final @Nullable NetworkAlone alone;

    private TableTraining(
            ConfigurableDataSource<T> source,
            Trainer<T> trainer,
            List<String> notes,
            ColumnCandidates candidates,
            @Nullable NetworkAlone alone) {
        this.source = source;
        this.trainer = trainer;
        this.notes = List.copyOf(notes);
        this.candidates = candidates;
        this.alone = alone;
    }

    /**
     * Any data for this project's own trainers.
     *
     * @param source the data: outputs are numbers or labels
     * @param backbone the network, with the features as a list if they were said
     * @param outputs what its outputs have to do with the targets
     * @return data and trainer
     * @throws IllegalArgumentException if the outputs are of another kind
     */
    public static TableTraining<?> of(ConfigurableDataSource<?> source, OnnxBackbone backbone, OutputChoice outputs) {
        Task task = ProjectTrainers.task(source.getOutputFactory().getTypeWitness());
        Trainer<?> trainer = new ProjectTrainers(backbone, outputs).of(task);
        NetworkAlone alone = NetworkAlone.of(trainer, NetworkAlone.OPTION, List.of(), List.of());
        return fitting(source, trainer, List.of(), ColumnCandidates.NONE, alone);
    }

    /**
     * Any data for any of Tribuo's trainers.
     *
     * @param source the data
     * @param trainer what learns from them
     * @return the pair
     */
    public static TableTraining<?> of(ConfigurableDataSource<?> source, Trainer<?> trainer) {
        return fitting(
                source,
                trainer,
                List.of(),
                ColumnCandidates.NONE,
                NetworkAlone.of(trainer, NetworkAlone.PROPERTY, List.of(), List.of()));
    }

    /**
     * A table for this project's own trainers.
     *
     * @param chosen the table and what was said of its columns
     * @param backbone the network, with the features as a list if they were said
     * @param outputs what its outputs have to do with the targets
     * @return data and trainer
     * @throws IllegalArgumentException if the table or the network cannot be used, or it must be said what is what
     */
    public static TableTraining<?> of(TableColumns chosen, OnnxBackbone backbone, OutputChoice outputs) {
        ColumnKinds kinds = look(chosen, outputs.task());
        TokenNetwork.requireNoTexts(backbone.path(), chosen, kinds);
        NetworkOutputs network = NetworkOutputs.of(backbone, outputs, opened -> {
            List<String> named = listed(chosen, kinds, opened.names(), opened.inputs());
            return OpenColumns.outputSize(
                    opened, backbone, named.isEmpty() ? kinds.numericFeatures() : named, !named.isEmpty());
        });
        List<String> listed = listed(chosen, kinds, network.names(), network.inputs());
        List<String> features = listed.isEmpty() ? kinds.numericFeatures() : listed;
        ColumnCandidates candidates =
                listed.isEmpty() ? new ColumnCandidates(features, kinds.wordColumns()) : ColumnCandidates.NONE;
        kinds.requireNumbers(chosen.file().name(), features);
        return adapting(chosen, kinds, network, FeatureColumns.ofNumbers(features), candidates);
    }

    /** The features by the person, the network's file or its inputs' names; empty if none says. */
    private static List<String> listed(
            TableColumns chosen, ColumnKinds kinds, NetworkNames names, List<ValueInfo> inputs) {
        List<String> own = names.features().isEmpty() ? kinds.namedAs(ColumnInputs.names(inputs)) : names.features();
        return chosen.features().isEmpty() ? own : chosen.features();
    }

    /**
     * A table of texts for this project's own trainers and a network that takes ids of tokens.
     *
     * @param chosen the table and what was said of its columns
     * @param texts what was said of its texts
     * @param backbone the network, without features
     * @param outputs what its outputs have to do with the targets
     * @return data and trainer
     * @throws IllegalArgumentException if the table, the tokenizer or the network cannot be used, or it must be said
     *     what is what
     */
    public static TableTraining<?> of(
            TableColumns chosen, TextChoice texts, OnnxBackbone.Builder backbone, OutputChoice outputs) {
        ColumnKinds kinds = look(chosen, outputs.task());
        TextColumns columns =
                TextColumns.of(chosen, kinds, texts, backbone.build().path());
        NetworkOutputs network = ofLength(columns, backbone, outputs);
        columns.requireFit(network.inputs());
        return adapting(chosen, kinds, network, columns.features(), ColumnCandidates.NONE);
    }

    /** A network that takes short rows and not these has no positions for so many tokens. */
    private static NetworkOutputs ofLength(TextColumns columns, OnnxBackbone.Builder backbone, OutputChoice outputs) {
        try {
            return NetworkOutputs.of(
                    backbone.inputTransformer(columns.transformer()).build(), outputs);
        } catch (InvalidModelException e) {
            try {
                NetworkOutputs.of(backbone.inputTransformer(columns.shortest()).build(), outputs);
            } catch (InvalidModelException ofAnyLength) {
                throw e;
            }
            throw columns.tooLong(e);
        }
    }

    /** What is known of a network's outputs when it was opened. */
    private record NetworkOutputs(
            OnnxBackbone backbone, OutputChoice choice, int size, NetworkNames names, List<ValueInfo> inputs) {
        static NetworkOutputs of(OnnxBackbone backbone, OutputChoice choice) {
            return of(backbone, choice, LinearizedNetwork::outputSize);
        }

        static NetworkOutputs of(OnnxBackbone backbone, OutputChoice choice, ToIntFunction<LinearizedNetwork> size) {
            NetworkOutputs found;
            try (LinearizedNetwork network = backbone.open()) {
                found = new NetworkOutputs(
                        backbone, choice, size.applyAsInt(network), network.names(), network.inputs());
            }
            if (choice.positiveLabel() != null && found.size != 1) {
                throw new IllegalArgumentException("a positive label was named ('" + choice.positiveLabel()
                        + "'), but the network has " + found.size + " outputs; expected one logit, or --labels with "
                        + found.size + " labels");
            }
            return found;
        }

        List<String> labels(ColumnKinds kinds) {
            return choice.positiveLabel() != null
                    ? List.copyOf(kinds.targetValues())
                    : choice.names().isEmpty() ? names.outputs() : choice.names();
        }
    }

    private static TableTraining<?> adapting(
            TableColumns chosen,
            ColumnKinds kinds,
            NetworkOutputs network,
            FeatureColumns features,
            ColumnCandidates candidates) {
        OutputChoice outputs = network.choice();
        requirePositive(outputs.positiveLabel(), kinds, chosen.targets());
        Task task = outputs.task() == Task.AUTO
                ? new TaskDecision(kinds, chosen.targets()).byNetwork(network.size(), network.labels(kinds))
                : outputs.task();
        TargetColumns target = TargetColumns.of(task, chosen, kinds);
        requireNumbers(kinds, chosen, task);
        List<String> notes = notes(kinds, chosen, target.notes(), features);
        OutputChoice settled = outputs;
        if (task == Task.REGRESSION && isIndependent(outputs, kinds, chosen.targets(), network.size())) {
            settled = new OutputChoice(
                    outputs.task(),
                    outputs.names(),
                    outputs.positiveLabel(),
                    OutputStructure.INDEPENDENT,
                    outputs.inference());
            notes.add(
                    "the spreads of " + Columns.quoted(chosen.targets()) + " are far apart, so that each has noise and "
                            + "a prior of its own (--structure independent); matched has one for all");
        }
        Trainer<?> trainer = new ProjectTrainers(network.backbone(), settled).of(task);
        NetworkAlone alone = NetworkAlone.of(trainer, NetworkAlone.OPTION, kinds.columns(), chosen.targets());
        return fitting(source(chosen, features, target.target()), trainer, notes, candidates, alone);
    }

    /** A table of one label may lack the positive one, as part of a larger table does. */
    private static void requirePositive(@Nullable String label, ColumnKinds kinds, List<String> targets) {
        Set<String> values = kinds.targetValues();
        if (label != null && values.size() > 1 && !values.contains(label)) {
            throw new IllegalArgumentException("'" + label
                    + "' is named as the positive label, whose log odds the network's only output is, but "
                    + Columns.quoted(targets) + " has "
                    + Columns.quoted(values.stream().sorted().toList()) + "; expected one of these");
        }
    }

    /** Targets that are learned as numbers, and weights. */
    private static void requireNumbers(ColumnKinds kinds, TableColumns chosen, Task task) {
        String table = chosen.file().name();
        if (task == Task.REGRESSION) {
            chosen.targets().forEach(target -> kinds.requireNumber(table, target, "which is learned as numbers"));
        }
        if (!chosen.weights().isEmpty()) {
            kinds.requireNumber(table, chosen.weights(), "which has the weights");
        }
    }

    /**
     * A table for any of Tribuo's trainers.
     *
     * @param chosen the table and what was said of its columns
     * @param trainer what learns from it
     * @param task what is learned; AUTO for what the trainer learns, or, if its class does not tell, the targets
     * @return data and trainer
     * @throws IllegalArgumentException if the table cannot be used, or does not fit the trainer
     */
    public static TableTraining<?> of(TableColumns chosen, Trainer<?> trainer, Task task) {
        ColumnKinds kinds = look(chosen, task);
        if (!chosen.weights().isEmpty() && !(trainer instanceof WeightedExamples)) {
            throw new IllegalArgumentException("the column '" + chosen.weights() + "' has weights of rows, which the "
                    + "trainer, a " + trainer.getClass().getSimpleName() + ", does not take; leave them out");
        }
        List<String> features = chosen.features().isEmpty() ? kinds.numericFeatures() : chosen.features();
        Task trained = TrainedOutputs.of(trainer);
        requireFit(trainer, trained, task, chosen.targets());
        Task decided = task != Task.AUTO ? task : trained;
        if (decided == Task.AUTO) {
            decided = new TaskDecision(kinds, chosen.targets()).byTargets();
        }
        TargetColumns target = TargetColumns.of(decided, chosen, kinds);
        requireNumbers(kinds, chosen, decided);
        kinds.requireNumbers(chosen.file().name(), features);
        FeatureColumns columns = FeatureColumns.ofNumbers(features);
        List<String> notes = notes(kinds, chosen, target.notes(), columns);
        NetworkAlone alone = NetworkAlone.of(trainer, NetworkAlone.PROPERTY, kinds.columns(), chosen.targets());
        return fitting(source(chosen, columns, target.target()), trainer, notes, ColumnCandidates.NONE, alone);
    }

    private static void requireFit(Trainer<?> trainer, Task trained, Task task, List<String> targets) {
        boolean isOther = trained != Task.AUTO && task != Task.AUTO && task != trained;
        if (isOther || trained == Task.CLASSIFICATION && targets.size() > 1) {
            throw new IllegalArgumentException("the trainer, a "
                    + trainer.getClass().getSimpleName() + ", learns "
                    + switch (trained) {
                        case REGRESSION -> "numbers";
                        case MULTI_LABEL -> "labels of which a row may have several";
                        case CLASSIFICATION, AUTO -> "one label a row";
                    }
                    + (isOther
                            ? ", but another task was asked for; expected a trainer of that, or no --task"
                            : ", but the targets are " + Columns.quoted(targets)
                                    + "; expected one target, or a trainer of labels of which a row may have several"));
        }
    }

    private static <T extends Output<T>> TableTraining<T> fitting(
            ConfigurableDataSource<T> source,
            Trainer<?> trainer,
            List<String> notes,
            ColumnCandidates candidates,
            @Nullable NetworkAlone alone) {
        @SuppressWarnings("unchecked") // What it learns was asked of its class, or of the person.
        Trainer<T> fitting = (Trainer<T>) trainer;
        return new TableTraining<>(source, fitting, notes, candidates, alone);
    }

    private static ColumnKinds look(TableColumns chosen, Task task) {
        try (TableRows rows = chosen.file().open()) {
            if (!chosen.weights().isEmpty()) {
                List<String> columns = rows.columns() == null ? List.of() : rows.columns();
                Columns.require(rows.name(), columns, List.of(chosen.weights()), "which has the weights");
            }
            ColumnKinds kinds = ColumnKinds.of(rows, chosen.targets(), chosen.weights());
            List<String> used = new ArrayList<>(chosen.features().isEmpty() ? kinds.columns() : chosen.features());
            boolean areLists =
                    task == Task.MULTI_LABEL || !chosen.labelSeparator().isEmpty();
            used.removeAll(chosen.targets());
            used.addAll(areLists ? List.of() : chosen.targets());
            kinds.requireNoCommas(rows.name(), chosen.file().format(), used);
            return kinds;
        } catch (IOException e) {
            throw new UncheckedIOException(chosen.file().name() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static <T extends Output<T>> TableDataSource<T> source(
            TableColumns chosen, FeatureColumns features, ResponseProcessor<T> target) {
        if (features.names().isEmpty()) {
            throw new IllegalArgumentException(chosen.file().name()
                    + " has no column of numbers beside the target; expected at least one feature");
        }
        return TableSource.of(chosen.file(), TableSource.processor(features, target, chosen.weights()));
    }

    /** Whether targets that are outputs each have no noise variance in common. */
    private static boolean isIndependent(OutputChoice outputs, ColumnKinds kinds, List<String> targets, int size) {
        return outputs.structure() == OutputStructure.AUTO
                && targets.size() == size
                && RegressionTargets.areApart(
                        targets.stream().mapToDouble(kinds::deviation).toArray());
    }

    private static List<String> notes(
            ColumnKinds kinds, TableColumns chosen, List<String> ofTargets, FeatureColumns features) {
        List<String> notes = new ArrayList<>(ofTargets);
        notes.set(0, notes.get(0) + " from " + features.said());
        notes.addAll(features.notes());
        List<String> left = new ArrayList<>(kinds.columns());
        left.removeAll(features.names());
        left.removeAll(chosen.targets());
        left.remove(chosen.weights());
        if (!left.isEmpty()) {
            notes.add("left out: " + Columns.quoted(left)
                    + (chosen.features().isEmpty() ? ", no numbers or no inputs of the network" : ""));
        }
        return notes;
    }

    /**
     * What was decided about columns.
     *
     * @return sentences for a person
     */
    public List<String> notes() {
        return notes;
    }

    /**
     * Reads the table and trains.
     *
     * @param progress hears how far it is
     * @return the model
     * @throws IllegalArgumentException if rows cannot be used, or nothing says which column is which input: then with
     *     the line to say it
     */
    public Model<T> train(ProgressListener progress) {
        MutableDataset<T> dataset = new MutableDataset<>(source);
        if (trainer instanceof RepeatableTrainer<?, ?> reporter) {
            reporter.setProgressListener(progress);
        }
        try {
            String found = alone == null ? null : alone.ofFitting(dataset, progress);
            return trainer.train(
                    dataset,
                    found == null ? Map.of() : Map.of(NetworkAlone.KEY, new StringProvenance(NetworkAlone.KEY, found)));
        } catch (ClassCastException e) {
            throw new IllegalArgumentException(
                    "the trainer, a " + trainer.getClass().getSimpleName()
                            + ", learns outputs of another kind than the data's, which are "
                            + source.getOutputFactory().getTypeWitness().getSimpleName() + "s",
                    e);
        } catch (UnknownOrderException e) {
            throw candidates.numbers().isEmpty() ? e : new IllegalArgumentException(candidates.ask(e), e);
        }
    }
}
