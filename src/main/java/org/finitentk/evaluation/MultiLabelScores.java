package org.finitentk.evaluation;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;

/**
 * How good the probabilities are that a model gives to labels of which an example may have several, beside what
 * Tribuo's MultiLabelEvaluator says of the labels it chooses. Each pair of an example and a label is one event, which
 * happens or not; all scores are means over these pairs, which count like their examples.
 *
 * @param negativeLogLikelihood the mean of −log p of what happened, in nats; times the number of labels, the mean of
 *     −log p of an example's labels
 * @param brier the mean of (p − y)², y being 1 where the example has the label
 * @param expectedCalibrationError |share of right decisions − mean confidence|, over {@value #BINS} bins of confidence,
 *     a decision being whether the example rather has the label than not
 * @param adaptiveCalibrationError the mean of |share that has the label − mean probability| over {@value #BINS} ranges
 *     of as many pairs each, by their probability
 * @param accuracy the share of right decisions
 * @param labels how many labels there are, those included that only the data has
 */
public record MultiLabelScores(
        double negativeLogLikelihood,
        double brier,
        double expectedCalibrationError,
        double adaptiveCalibrationError,
        double accuracy,
        int labels) {
    /** Bins of confidence, and ranges of probability. */
    public static final int BINS = 15;

    /**
     * Scores a model.
     *
     * @param model which generates probabilities
     * @param data at least one example; a label that the model does not know has the probability 0
     * @return the scores
     * @throws IllegalArgumentException if the data is empty, or a score of a prediction is no probability
     */
    public static MultiLabelScores of(Model<MultiLabel> model, Dataset<MultiLabel> data) {
        if (data.size() == 0) {
            throw new IllegalArgumentException("the data to score on is empty; expected at least one example");
        }
        Set<String> labels = new TreeSet<>();
        model.getOutputIDInfo().getDomain().forEach(known -> labels.addAll(known.getNameSet()));
        data.getOutputInfo().getDomain().forEach(found -> labels.addAll(found.getNameSet()));
        List<Prediction<MultiLabel>> predictions = model.predict(data);
        int count = labels.size();
        double[] probabilities = new double[Math.multiplyExact(2, Math.multiplyExact(data.size(), count))];
        int[] truths = new int[data.size() * count];
        double[] weights = new double[truths.length];
        for (int i = 0; i < data.size(); i++) {
            Set<String> own = data.getExample(i).getOutput().getNameSet();
            int pair = i * count;
            for (String label : labels) {
                double p = probability(predictions.get(i), label);
                probabilities[2 * pair] = 1 - p;
                probabilities[2 * pair + 1] = p;
                truths[pair] = own.contains(label) ? 1 : 0;
                weights[pair++] = data.getExample(i).getWeight();
            }
        }
        PredictedClasses pairs = new PredictedClasses(probabilities, truths, weights, 2);
        return new MultiLabelScores(
                pairs.negativeLogLikelihood(),
                0.5 * pairs.brier(),
                pairs.expectedCalibrationError(BINS),
                pairs.adaptiveCalibrationError(BINS),
                pairs.accuracy(),
                count);
    }

    private static double probability(Prediction<MultiLabel> prediction, String label) {
        Map<String, MultiLabel> scores = prediction.getOutputScores();
        MultiLabel own = scores.get(label);
        double p = own == null ? 0 : own.getLabelScore(new Label(label)).orElse(0);
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("the score of the label '" + label + "' is " + p
                    + "; expected a probability, which models have that generate probabilities");
        }
        return p;
    }
}
