package org.finitentk.evaluation;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;

/**
 * Predictions of a model for examples of which each may have several labels, as pairs of an example and a label: an
 * event that happens or not. {@link MultiLabelScores} scores all pairs together; this has those of each label, too.
 */
public final class MultiLabelPairs {
    private final List<Prediction<MultiLabel>> predictions;
    private final List<String> labels;
    private final double[] weights;
    /** n × C; null for a model without probabilities. */
    private final double @Nullable [] probabilities;

    private MultiLabelPairs(
            List<Prediction<MultiLabel>> predictions,
            List<String> labels,
            double[] weights,
            double @Nullable [] probabilities) {
        this.predictions = predictions;
        this.labels = labels;
        this.weights = weights;
        this.probabilities = probabilities;
    }

    /**
     * Predicts.
     *
     * @param model any model
     * @param data at least one example; a label that the model does not know has the probability 0
     * @return the pairs
     * @throws IllegalArgumentException if the data is empty, or a model that generates probabilities predicts something
     *     else
     */
    public static MultiLabelPairs of(Model<MultiLabel> model, Dataset<MultiLabel> data) {
        if (data.size() == 0) {
            throw new IllegalArgumentException("the data to score on is empty; expected at least one example");
        }
        Set<String> names = new TreeSet<>();
        model.getOutputIDInfo().getDomain().forEach(known -> names.addAll(known.getNameSet()));
        data.getOutputInfo().getDomain().forEach(found -> names.addAll(found.getNameSet()));
        List<String> labels = List.copyOf(names);
        List<Prediction<MultiLabel>> predictions = model.predict(data);
        Math.multiplyExact(2, Math.multiplyExact(data.size(), labels.size()));
        double[] weights = new double[data.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = data.getExample(i).getWeight();
        }
        if (!model.generatesProbabilities()) {
            return new MultiLabelPairs(predictions, labels, weights, null);
        }
        double[] probabilities = new double[data.size() * labels.size()];
        for (int i = 0; i < data.size(); i++) {
            for (int c = 0; c < labels.size(); c++) {
                probabilities[i * labels.size() + c] = probability(predictions.get(i), labels.get(c));
            }
        }
        return new MultiLabelPairs(predictions, labels, weights, probabilities);
    }

    private static double probability(Prediction<MultiLabel> prediction, String label) {
        MultiLabel own = prediction.getOutputScores().get(label);
        double p = own == null ? 0 : own.getLabelScore(new Label(label)).orElse(0);
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("the score of the label '" + label + "' is " + p
                    + "; expected a probability, which models have that generate probabilities");
        }
        return p;
    }

    /**
     * The labels.
     *
     * @return those of the model and of the data, in alphabetical order
     */
    public List<String> labels() {
        return labels;
    }

    /**
     * Whether the model gives probabilities, which all scores but accuracy, exact match and Jaccard index need.
     *
     * @return whether it does
     */
    public boolean haveProbabilities() {
        return probabilities != null;
    }

    /**
     * The predictions.
     *
     * @return one for each example
     */
    public List<Prediction<MultiLabel>> predictions() {
        return List.copyOf(predictions);
    }

    /**
     * The scores of all pairs.
     *
     * @return their means
     * @throws IllegalArgumentException if the model has no probabilities
     */
    public MultiLabelScores scores() {
        return scores(pairs(all()), labels.size());
    }

    /**
     * The scores of one label.
     *
     * @param label one of {@link #labels()}
     * @return their means over the examples
     * @throws IllegalArgumentException if it is none of them, or the model has no probabilities
     */
    public MultiLabelScores scores(String label) {
        return scores(pairs(new int[] {place(label)}), 1);
    }

    private static MultiLabelScores scores(PredictedClasses pairs, int labels) {
        return new MultiLabelScores(
                pairs.negativeLogLikelihood(),
                0.5 * pairs.brier(),
                pairs.expectedCalibrationError(MultiLabelScores.BINS),
                pairs.adaptiveCalibrationError(MultiLabelScores.BINS),
                pairs.accuracy(),
                labels);
    }

    /**
     * How often decisions are right, by their confidence.
     *
     * @return bins of equal width by rising confidence, from one half; some may be empty
     * @throws IllegalArgumentException if the model has no probabilities
     */
    public List<ReliabilityBin> reliability() {
        return pairs(all()).reliability(MultiLabelScores.BINS);
    }

    private PredictedClasses pairs(int[] some) {
        double[] all = requireProbabilities();
        double[] both = new double[2 * predictions.size() * some.length];
        int[] truths = new int[predictions.size() * some.length];
        double[] counts = new double[truths.length];
        int pair = 0;
        for (int i = 0; i < predictions.size(); i++) {
            for (int c : some) {
                double p = all[i * labels.size() + c];
                both[2 * pair] = 1 - p;
                both[2 * pair + 1] = p;
                truths[pair] = has(i, c) ? 1 : 0;
                counts[pair++] = weights[i];
            }
        }
        return new PredictedClasses(both, truths, counts, 2);
    }

    private double[] requireProbabilities() {
        if (probabilities == null) {
            throw new IllegalArgumentException("the model has no probabilities; expected one that generates them");
        }
        return probabilities;
    }

    private boolean has(int example, int label) {
        return predictions.get(example).getExample().getOutput().contains(labels.get(label));
    }

    private boolean isRight(int example, int label) {
        return predictions.get(example).getOutput().contains(labels.get(label)) == has(example, label);
    }

    /**
     * How often a decision whether an example has a label is right, over all labels.
     *
     * @return a share of all pairs
     */
    public double accuracy() {
        return accuracy(all());
    }

    /**
     * How often a decision whether an example has one label is right.
     *
     * @param label one of {@link #labels()}
     * @return a share of the examples
     * @throws IllegalArgumentException if it is none of them
     */
    public double accuracy(String label) {
        return accuracy(new int[] {place(label)});
    }

    private double accuracy(int[] some) {
        double right = 0;
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int c : some) {
                right += isRight(i, c) ? weights[i] : 0;
                total += weights[i];
            }
        }
        return right / total;
    }

    /**
     * How often all labels of an example are predicted, and no others.
     *
     * @return a share of the examples
     */
    public double exactMatch() {
        int[] all = all();
        double exact = 0;
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            int example = i;
            exact += IntStream.of(all).allMatch(c -> isRight(example, c)) ? weights[i] : 0;
            total += weights[i];
        }
        return exact / total;
    }

    /**
     * Labels that an example has and is predicted to have, as a share of those that it has or is predicted to have, and
     * 1 where it has none and none is predicted.
     *
     * @return the mean over the examples
     */
    public double jaccard() {
        double jaccard = 0;
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            jaccard += weights[i] * jaccard(predictions.get(i));
            total += weights[i];
        }
        return jaccard / total;
    }

    private static double jaccard(Prediction<MultiLabel> prediction) {
        MultiLabel truth = prediction.getExample().getOutput();
        int union = MultiLabel.unionSize(prediction.getOutput(), truth);
        return union == 0 ? 1 : MultiLabel.intersectionSize(prediction.getOutput(), truth) / (double) union;
    }

    /**
     * How often an example that has the label has the higher probability of it of a pair.
     *
     * @param label one of {@link #labels()}
     * @return 0.5 is chance; NaN where all examples have the label or none
     * @throws IllegalArgumentException if it is none of them, or the model has no probabilities
     */
    public double auc(String label) {
        int c = place(label);
        double[] all = requireProbabilities();
        double[] with = IntStream.range(0, weights.length)
                .filter(i -> has(i, c))
                .mapToDouble(i -> all[i * labels.size() + c])
                .toArray();
        double[] without = IntStream.range(0, weights.length)
                .filter(i -> !has(i, c))
                .mapToDouble(i -> all[i * labels.size() + c])
                .toArray();
        return with.length == 0 || without.length == 0
                ? Double.NaN
                : OutOfDistribution.of(without, with).auroc();
    }

    private int[] all() {
        return IntStream.range(0, labels.size()).toArray();
    }

    private int place(String label) {
        int place = labels.indexOf(label);
        if (place < 0) {
            throw new IllegalArgumentException(
                    "the label '" + label + "' was asked for; expected one of the model's and data's, " + labels);
        }
        return place;
    }
}
