package org.finitentk.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.GaussianScores;
import org.finitentk.internal.tribuo.OutputNames;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
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
     * @param targets names of the targets in the order that the columns have
     * @throws IllegalArgumentException if it predicts neither numbers nor labels
     */
    static PredictedColumns of(Model<?> model, double level, List<String> targets) {
        Output<?> first = model.getOutputIDInfo().getDomain().iterator().next();
        List<String> names = OutputNames.sorted(OutputNames.of(model.getOutputIDInfo()));
        if (first instanceof Label) {
            return new Labels(model.generatesProbabilities() ? names : List.of());
        }
        if (first instanceof MultiLabel) {
            return new Memberships(names);
        }
        if (first instanceof Regressor) {
            boolean listed = targets.size() == names.size() && targets.containsAll(names);
            return new Numbers(listed ? List.copyOf(targets) : names, GaussianScores.intervalHalfWidth(level));
        }
        throw new IllegalArgumentException(
                "the model predicts outputs of " + first.getClass().getName() + "; expected numbers or labels");
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
     * The probability of each label, of which a row may have several.
     *
     * @param labels all of them
     */
    record Memberships(List<String> labels) implements PredictedColumns {
        @Override
        public List<String> names() {
            return labels.stream().map(label -> "p_" + label).toList();
        }

        @Override
        public List<Object> cells(Prediction<?> prediction) {
            Map<String, ? extends Output<?>> scores = prediction.getOutputScores();
            List<Object> cells = new ArrayList<>();
            for (String label : labels) {
                cells.add(
                        scores.get(label) instanceof MultiLabel own
                                ? own.getLabelScore(new Label(label)).orElse(Double.NaN)
                                : Double.NaN);
            }
            return cells;
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
