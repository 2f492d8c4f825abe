package org.finitentk.internal.tabular;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.table.RowExamples;
import org.finitentk.internal.table.TableRow;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.provenance.Reproduction;
import org.finitentk.table.LabelTarget;
import org.finitentk.table.MembershipTargets;
import org.finitentk.table.NumberTargets;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.VariableInfo;
import org.tribuo.classification.Label;
import org.tribuo.data.columnar.ResponseProcessor;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.multilabel.MultiLabel;

/**
 * A model that takes the rows of tables: as those of its training table, by its provenance, or, if that does not tell,
 * columns of numbers with the names of its features.
 *
 * @param <T> the type of the outputs
 */
final class RowPredictor<T extends Output<T>> {
    private final Model<T> model;
    private final RowProcessor<T> processor;

    private RowPredictor(Model<T> model, RowProcessor<T> processor) {
        this.model = model;
        this.processor = processor;
    }

    /**
     * Of a model.
     *
     * @param file where the model lies; null if it is in memory
     * @param target the column of labels, for a model whose provenance does not tell; not needed to predict
     */
    static <T extends Output<T>> RowPredictor<T> of(Model<T> model, @Nullable Path file, String target) {
        Optional<RowProcessor<?>> recorded = Reproduction.rowProcessor(model, file);
        @SuppressWarnings("unchecked") // It made the model's own training examples.
        RowProcessor<T> processor =
                recorded.isPresent() ? (RowProcessor<T>) recorded.get() : (RowProcessor<T>) ofNames(model, target);
        return new RowPredictor<>(model, processor);
    }

    private static RowProcessor<?> ofNames(Model<?> model, String target) {
        List<String> features = new ArrayList<>();
        for (VariableInfo feature : model.getFeatureIDMap()) {
            features.add(feature.getName());
        }
        Output<?> first = model.getOutputIDInfo().getDomain().iterator().next();
        if (first instanceof Label) {
            return RowExamples.ofNumbers(features, new LabelTarget(target));
        }
        List<String> columns = OutputNames.sorted(OutputNames.of(model.getOutputIDInfo()));
        return first instanceof MultiLabel
                ? RowExamples.ofNumbers(features, new MembershipTargets(columns))
                : RowExamples.ofNumbers(features, new NumberTargets(columns));
    }

    /** What columns become, by the model's provenance or its features' names. */
    RowProcessor<T> configured() {
        return processor;
    }

    /** What columns become, in a table of these columns. */
    RowProcessor<T> processor(List<String> columns) {
        return RowExamples.expanded(processor, columns);
    }

    /** What reads the targets. */
    ResponseProcessor<T> target() {
        return processor.getResponseProcessor();
    }

    /**
     * What became of a row.
     *
     * @param prediction the prediction, or null
     * @param complaint why there is none, or null
     */
    record Outcome(
            @Nullable Prediction<?> prediction, @Nullable String complaint) {}

    /** Predicts rows together, which is much faster than one by one. */
    List<Outcome> predict(List<TableRow> rows, RowExamples<T> examples) {
        List<RowExamples.Outcome<T>> made =
                rows.stream().map(examples::unlabelled).toList();
        List<Example<T>> usable = new ArrayList<>();
        List<@Nullable Example<T>> missing = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Example<T> example = made.get(i).example();
            if (example != null) {
                usable.add(example);
            }
            missing.add(example == null && model instanceof NetworkModel ? examples.withMissing(rows.get(i)) : null);
        }
        Iterator<Outcome> whole = predictAll(usable).iterator();
        // apart, since most networks refuse them all
        Iterator<Outcome> partly =
                predictAll(missing.stream().filter(Objects::nonNull).toList()).iterator();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            RowExamples.Outcome<T> row = made.get(i);
            if (row.example() != null) {
                outcomes.add(whole.next());
                continue;
            }
            Outcome tried = missing.get(i) == null ? null : partly.next();
            outcomes.add(tried != null && tried.prediction() != null ? tried : new Outcome(null, row.complaint()));
        }
        return outcomes;
    }

    /**
     * One example that the model refuses, such as one with a number too large for float32, is no fault of the others.
     */
    private List<Outcome> predictAll(List<Example<T>> examples) {
        List<Outcome> outcomes = new ArrayList<>();
        if (examples.isEmpty()) {
            return outcomes;
        }
        try {
            model.predict(examples).forEach(prediction -> outcomes.add(new Outcome(prediction, null)));
        } catch (IllegalArgumentException e) {
            if (examples.size() == 1) {
                return List.of(new Outcome(null, String.valueOf(e.getMessage()).replaceFirst("^example 0,? ?", "")));
            }
            int half = examples.size() / 2;
            outcomes.clear();
            outcomes.addAll(predictAll(examples.subList(0, half)));
            outcomes.addAll(predictAll(examples.subList(half, examples.size())));
        }
        return outcomes;
    }
}
