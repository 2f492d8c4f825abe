package org.finitentk.internal.tabular;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.scores.GaussianScores;
import org.finitentk.internal.table.RowWriter;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.table.LabelListTarget;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.data.columnar.ResponseProcessor;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/** What a prediction is in a table: the names of its columns, and its cells. A number that there is not is NaN. */
interface PredictedColumns {
    /** The names. */
    List<String> names();

    /** One cell for each name: texts and doubles. */
    List<Object> cells(Prediction<?> prediction);

    /**
     * Those of a model.
     *
     * @param level probability of the intervals
     * @param target what reads targets of the model's training table
     * @throws IllegalArgumentException if it predicts neither numbers nor labels
     */
    static PredictedColumns of(Model<?> model, double level, ResponseProcessor<?> target) {
        Output<?> first = model.getOutputIDInfo().getDomain().iterator().next();
        List<String> names = OutputNames.sorted(OutputNames.of(model.getOutputIDInfo()));
        List<String> targets = target.getFieldNames();
        if (first instanceof Label) {
            return new Labels(model.generatesProbabilities() ? names : List.of());
        }
        if (first instanceof MultiLabel) {
            return Memberships.of(
                    inOrderOf(targets, names),
                    model.generatesProbabilities(),
                    target instanceof LabelListTarget list ? list.separator() : "");
        }
        if (first instanceof Regressor) {
            return new Numbers(inOrderOf(targets, names), GaussianScores.intervalHalfWidth(level));
        }
        throw new IllegalArgumentException(
                "the model predicts outputs of " + first.getClass().getName() + "; expected numbers or labels");
    }

    /** As the table has them, where they are columns of it; of those the model may lack some. */
    private static List<String> inOrderOf(List<String> targets, List<String> names) {
        return targets.containsAll(names)
                ? targets.stream().filter(names::contains).toList()
                : names;
    }

    /**
     * The most probable label and the probabilities.
     *
     * @param labels all of them
     */
    record Labels(List<String> labels) implements PredictedColumns {
        static final String LABEL = "label";

        @Override
        public List<String> names() {
            List<String> names = new ArrayList<>(List.of(LABEL));
            labels.forEach(label -> names.add("p_" + label));
            return names;
        }

        @Override
        public List<Object> cells(Prediction<?> prediction) {
            if (!(prediction.getOutput() instanceof Label best)) {
                throw new IllegalArgumentException("a model of labels predicted " + prediction.getOutput());
            }
            Map<String, ? extends Output<?>> scores = prediction.getOutputScores();
            List<Object> cells = new ArrayList<>(List.of(best.getLabel()));
            for (String label : labels) {
                cells.add(scores.get(label) instanceof Label score ? score.getScore() : Double.NaN);
            }
            return cells;
        }
    }

    /**
     * The labels that a row rather has than not, and the probability of each.
     *
     * @param labels all of them
     * @param probabilities whether there are any
     * @param separator what is between labels of a cell
     */
    record Memberships(List<String> labels, boolean probabilities, String separator) implements PredictedColumns {
        static final String LABELS = "labels";
        private static final List<String> SEPARATORS = List.of(";", "|", "/", " ");

        /** With the separator of the training table, or the first usual one that no label has in it. */
        static Memberships of(List<String> labels, boolean probabilities, String trained) {
            String free = SEPARATORS.stream()
                    .filter(separator -> labels.stream().noneMatch(label -> label.contains(separator)))
                    .findFirst()
                    .orElse(SEPARATORS.get(0));
            return new Memberships(labels, probabilities, trained.isEmpty() ? free : trained);
        }

        @Override
        public List<String> names() {
            List<String> names = new ArrayList<>(List.of(LABELS));
            if (probabilities) {
                labels.forEach(label -> names.add("p_" + label));
            }
            return names;
        }

        @Override
        public List<Object> cells(Prediction<?> prediction) {
            if (!(prediction.getOutput() instanceof MultiLabel chosen)) {
                throw new IllegalArgumentException("a model of several labels predicted " + prediction.getOutput());
            }
            List<Object> cells = new ArrayList<>(List.of(new RowWriter.Several(
                    labels.stream().filter(chosen.getNameSet()::contains).toList(), separator)));
            if (probabilities) {
                labels.forEach(label -> cells.add(probability(prediction, label)));
            }
            return cells;
        }

        private static double probability(Prediction<?> prediction, String label) {
            return prediction.getOutputScores().get(label) instanceof MultiLabel own
                    ? own.getLabelScore(new Label(label)).orElse(Double.NaN)
                    : Double.NaN;
        }
    }

    /**
     * Mean, standard deviation and interval of each dimension.
     *
     * @param dimensions their names
     * @param halfWidth of the interval, in standard deviations
     */
    record Numbers(List<String> dimensions, double halfWidth) implements PredictedColumns {
        @Override
        public List<String> names() {
            List<String> names = new ArrayList<>();
            for (String dimension : dimensions) {
                names.addAll(
                        List.of(dimension + "_mean", dimension + "_sd", dimension + "_lower", dimension + "_upper"));
            }
            return names;
        }

        @Override
        public List<Object> cells(Prediction<?> prediction) {
            if (!(prediction.getOutput() instanceof Regressor regressor)) {
                throw new IllegalArgumentException("a model of numbers predicted " + prediction.getOutput());
            }
            List<String> names = Arrays.asList(regressor.getNames());
            List<Object> cells = new ArrayList<>();
            for (String dimension : dimensions) {
                int d = OutputNames.indexOf(dimension, names);
                double mean = regressor.getValues()[d];
                double deviation = Math.sqrt(regressor.getVariances()[d]);
                cells.addAll(List.of(mean, deviation, mean - halfWidth * deviation, mean + halfWidth * deviation));
            }
            return cells;
        }
    }
}
