package org.finitentk.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.evaluation.metrics.MetricContext;

/** Predicted probabilities laid out by class, checked once, from which every metric is computed. */
final class ProbabilisticLabelContext extends MetricContext<Label> {
    private final PredictedClasses predicted;

    /**
     * Lays predictions out.
     *
     * @param model the model that made them
     * @param predictions the predictions, each with its example, whose output is the true label
     * @param useExampleWeights whether means over examples are weighted by the examples' weights
     * @throws IllegalArgumentException if the model gives no probabilities, there is no prediction, a true label is
     *     Tribuo's unknown one, a probability is missing or not between 0 and 1, or weights are asked for and one is
     *     negative or not finite, or all are 0
     */
    public ProbabilisticLabelContext(
            Model<Label> model, List<Prediction<Label>> predictions, boolean useExampleWeights) {
        super(model, List.copyOf(predictions));
        if (predictions.isEmpty()) {
            throw new IllegalArgumentException("there are no predictions to evaluate; expected at least one");
        }
        double[] weights = ExampleWeights.of(predictions, useExampleWeights);
        List<String> names = model.getOutputIDInfo().getDomain().stream()
                .map(Label::getLabel)
                .sorted()
                .toList();
        int classes = names.size();
        double[] probabilities = new double[Math.multiplyExact(predictions.size(), classes)];
        int[] truths = new int[predictions.size()];
        for (int i = 0; i < truths.length; i++) {
            Prediction<Label> prediction = predictions.get(i);
            Label truth = prediction.getExample().getOutput();
            if (truth.equals(LabelFactory.UNKNOWN_LABEL)) {
                throw new IllegalArgumentException(
                        "the label of example " + i + " is Tribuo's unknown one; expected the true label");
            }
            if (!prediction.hasProbabilities()) {
                throw new IllegalArgumentException("prediction " + i + " of the model " + model.getName()
                        + " carries no probabilities; expected a model that gives them");
            }
            // A label that the training data did not have cannot be right.
            truths[i] = Math.max(-1, names.indexOf(truth.getLabel()));
            fill(prediction.getOutputScores(), names, probabilities, i);
        }
        predicted = new PredictedClasses(probabilities, truths, weights, classes);
    }

    private static void fill(Map<String, Label> scores, List<String> names, double[] probabilities, int i) {
        int classes = names.size();
        for (int c = 0; c < classes; c++) {
            Label score = scores.get(names.get(c));
            double probability = score == null ? Double.NaN : score.getScore();
            if (!(probability >= 0 && probability <= 1 + 1e-9)) {
                throw new IllegalArgumentException("prediction " + i + " gives the label " + names.get(c)
                        + " the probability " + (score == null ? "none" : Double.toString(probability))
                        + "; expected a number between 0 and 1");
            }
            probabilities[i * classes + c] = probability;
        }
    }

    PredictedClasses predicted() {
        return predicted;
    }

    /** Predictive entropies in nats, one an example. */
    double[] entropies() {
        double[] entropies = new double[predicted.truths().length];
        Arrays.setAll(entropies, predicted::entropy);
        return entropies;
    }
}
