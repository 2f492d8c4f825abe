package org.finitentk.internal.tabular;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableFile;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.network.ProgressListener;
import org.finitentk.table.TableDataSource;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/** Tests a model on a table: our scores of its predictive distributions, and Tribuo's. */
public final class TableEvaluation {
    /** The column of labels where nothing says another. */
    public static final String LABEL = "label";

    private final Model<?> model;
    private final @Nullable Path file;
    private final double level;

    /**
     * Of a model.
     *
     * @param model one that predicts numbers or labels
     * @param level probability of the intervals around numbers, between 0 and 1
     */
    public TableEvaluation(Model<?> model, double level) {
        this(model, null, level);
    }

    /**
     * Of a model in a file.
     *
     * @param model one that predicts numbers or labels
     * @param file where it lies: what its rows need, such as a tokenizer, is looked for beside it if it is no more
     *     where it was; null if the model is in memory
     * @param level probability of the intervals around numbers, between 0 and 1
     */
    public TableEvaluation(Model<?> model, @Nullable Path file, double level) {
        this.model = model;
        this.file = file;
        this.level = level;
    }

    /**
     * Tests on a file.
     *
     * @param table the file, with the columns of the training table
     * @param target the column of labels, for a model whose provenance does not say it, or null for {@value #LABEL}; of
     *     other models only their own targets, separated by commas
     * @param progress hears how far it is
     * @return scores and pictures
     * @throws IllegalArgumentException if the file lacks a column, has rows that cannot be used, or labels that the
     *     model does not know, or if the model has other targets
     */
    public ExperimentReport of(TableFile table, @Nullable String target, ProgressListener progress) {
        return ofTable(model, table, target, progress);
    }

    private <T extends Output<T>> ExperimentReport ofTable(
            Model<T> typed, TableFile table, @Nullable String target, ProgressListener progress) {
        RowPredictor<T> predictor = RowPredictor.of(typed, file, target == null ? LABEL : target);
        List<String> own = predictor.target().getFieldNames();
        if (target != null
                && !own.equals(List.of(target))
                && !Set.copyOf(own).equals(Set.copyOf(Columns.parse(target)))) {
            throw new IllegalArgumentException(
                    "the model predicts " + Columns.quoted(own) + ", which its provenance or "
                            + "its outputs say; expected no other target, but '" + target
                            + "' was given: if the table has the model's target under another name, rename that column");
        }
        TableDataSource<T> source = TableSource.of(table, predictor.configured());
        return report(typed, new MutableDataset<>(source), table.path().toString(), progress);
    }

    /**
     * Tests on other data.
     *
     * @param source data with outputs of the model's kind
     * @param name what the report calls them
     * @param progress hears how far it is
     * @return scores and pictures
     * @throws IllegalArgumentException if the data do not fit the model
     */
    public ExperimentReport of(ConfigurableDataSource<?> source, String name, ProgressListener progress) {
        return ofSource(model, source, name, progress);
    }

    private <T extends Output<T>> ExperimentReport ofSource(
            Model<T> typed, ConfigurableDataSource<?> source, String name, ProgressListener progress) {
        @SuppressWarnings("unchecked") // Looked at below.
        MutableDataset<T> data = new MutableDataset<>((ConfigurableDataSource<T>) source);
        return report(typed, data, name, progress);
    }

    private <T extends Output<T>> ExperimentReport report(
            Model<T> typed, MutableDataset<T> data, String name, ProgressListener progress) {
        Output<?> first = typed.getOutputIDInfo().getDomain().iterator().next();
        Output<?> found = data.getExample(0).getOutput();
        if (!kind(first).equals(kind(found))) {
            throw new IllegalArgumentException(
                    "the model predicts " + kind(first) + ", but " + name + " has " + kind(found) + " as targets");
        }
        requireKnown(OutputNames.of(typed.getOutputIDInfo()), data, name);
        progress.progress("predict", 0, data.size());
        String title = "Test of " + typed.getName() + " on " + name;
        if (first instanceof Label) {
            return LabelReport.of(typed.castModel(Label.class), MutableDataset.castDataset(data, Label.class), title);
        }
        if (first instanceof Regressor) {
            return NumberReport.of(
                    typed.castModel(Regressor.class), MutableDataset.castDataset(data, Regressor.class), title, level);
        }
        if (first instanceof MultiLabel) {
            return SeveralLabelsReport.of(
                    typed.castModel(MultiLabel.class), MutableDataset.castDataset(data, MultiLabel.class), title);
        }
        throw new IllegalArgumentException(
                "the model predicts outputs of " + first.getClass().getName() + "; expected numbers or labels");
    }

    private static String kind(Output<?> output) {
        return output instanceof Label
                ? "labels"
                : output instanceof Regressor
                        ? "numbers"
                        : output instanceof MultiLabel
                                ? "labels of which a row may have several"
                                : output.getClass().getName();
    }

    /** Tribuo leaves out what a model does not know, or ends in the middle. */
    private static <T extends Output<T>> void requireKnown(
            Collection<String> known, MutableDataset<T> data, String name) {
        Set<String> others = new TreeSet<>(OutputNames.of(data.getOutputInfo()));
        others.removeAll(known);
        if (others.isEmpty()) {
            return;
        }
        long rows = data.getData().stream()
                .map(Example::getOutput)
                .filter(output -> output instanceof Label label && others.contains(label.getLabel())
                        || output instanceof MultiLabel several
                                && several.getNameSet().stream().anyMatch(others::contains))
                .count();
        throw new IllegalArgumentException(name + " has "
                + (rows > 0 ? rows + (rows == 1 ? " row" : " rows") + " of the labels " : "the targets ")
                + others.stream().map(other -> "'" + other + "'").collect(Collectors.joining(", "))
                + ", which the model does not know; it knows " + Columns.shown(OutputNames.sorted(List.copyOf(known))));
    }
}
