package org.finitentk.evaluation;

import org.tribuo.Dataset;
import org.tribuo.Model;
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
     * @throws IllegalArgumentException if the data is empty, or the model has no probabilities
     */
    public static MultiLabelScores of(Model<MultiLabel> model, Dataset<MultiLabel> data) {
        return MultiLabelPairs.of(model, data).scores();
    }
}
