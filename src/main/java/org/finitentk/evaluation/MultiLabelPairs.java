package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** The share of rows of which every label is predicted right. */
    private static final ReportMetric EXACT = new ReportMetric(
            "exact_match",
            "Exact match",
            ReportMetric.Goal.HIGH,
            Double.NaN,
            ReportMetric.Unit.FRACTION,
            "Examples whose labels are all predicted, and no others; higher is better.");

    private static final ReportMetric JACCARD = new ReportMetric(
            "jaccard",
            "Jaccard",
            ReportMetric.Goal.HIGH,
            Double.NaN,
            ReportMetric.Unit.NUMBER,
            "Labels that an example has and is predicted to have, as a share of those that it has or is predicted to "
                    + "have, and 1 where it has none and none is predicted; higher is better.");

    private static final ReportMetric AUC = new ReportMetric(
            "auc",
            "AUC",
            ReportMetric.Goal.HIGH,
            Double.NaN,
            ReportMetric.Unit.NUMBER,
            "How often an example that has the label has the higher probability of it of a pair; 0.5 is chance, higher "
                    + "is better.");

    private static final ReportMetric ACCURACY = new ReportMetric(
            "accuracy",
            "Accuracy",
            ReportMetric.Goal.HIGH,
            Double.NaN,
            ReportMetric.Unit.FRACTION,
            "Right decisions whether an example has a label; higher is better.");

    private static final ReportMetric NLL = ReportMetric.low(
            "nll",
            "NLL",
            ReportMetric.Unit.NUMBER,
            "Negative log probability of whether an example has a label, in nats a decision; lower is better.");

    private static final ReportMetric BRIER = ReportMetric.low(
            "brier",
            "Brier",
            ReportMetric.Unit.NUMBER,
            "Squared distance of the probability of a label from 1 where an example has it, else from 0; lower is "
                    + "better.");

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
        return scores(pairs(IntStream.range(0, labels.size()).toArray()), labels.size());
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
        return pairs(IntStream.range(0, labels.size()).toArray()).reliability(MultiLabelScores.BINS);
    }

    private PredictedClasses pairs(int[] some) {
        if (probabilities == null) {
            throw new IllegalArgumentException("the model has no probabilities; expected one that generates them");
        }
        double[] both = new double[2 * predictions.size() * some.length];
        int[] truths = new int[predictions.size() * some.length];
        double[] counts = new double[truths.length];
        int pair = 0;
        for (int i = 0; i < predictions.size(); i++) {
            for (int c : some) {
                double p = probabilities[i * labels.size() + c];
                both[2 * pair] = 1 - p;
                both[2 * pair + 1] = p;
                truths[pair] = has(i, c) ? 1 : 0;
                counts[pair++] = weights[i];
            }
        }
        return new PredictedClasses(both, truths, counts, 2);
    }

    private boolean has(int example, int label) {
        return predictions.get(example).getExample().getOutput().contains(labels.get(label));
    }

    private boolean isRight(int example, int label) {
        return predictions.get(example).getOutput().contains(labels.get(label)) == has(example, label);
    }

    /**
     * All labels together, as a row of a report.
     *
     * @param task the row's name
     * @param seconds the wall-clock time that the task took
     * @return accuracy, exact match and Jaccard index, and, of a model with probabilities, NLL, Brier, ECE and ACE
     */
    public TaskResult result(String task, double seconds) {
        int[] all = IntStream.range(0, labels.size()).toArray();
        Map<ReportMetric, Double> metrics = metrics(all);
        double exact = 0;
        double jaccard = 0;
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            int example = i;
            exact += IntStream.of(all).allMatch(c -> isRight(example, c)) ? weights[i] : 0;
            jaccard += weights[i] * jaccard(predictions.get(i));
            total += weights[i];
        }
        metrics.put(EXACT, exact / total);
        metrics.put(JACCARD, jaccard / total);
        metrics.put(ReportMetric.SECONDS, seconds);
        return new TaskResult(task, metrics, List.of(), null);
    }

    private static double jaccard(Prediction<MultiLabel> prediction) {
        MultiLabel truth = prediction.getExample().getOutput();
        int union = MultiLabel.unionSize(prediction.getOutput(), truth);
        return union == 0 ? 1 : MultiLabel.intersectionSize(prediction.getOutput(), truth) / (double) union;
    }

    /**
     * Each label alone, as rows of a report.
     *
     * @param seconds the wall-clock time that all of them took
     * @return accuracy for each label, and, of a model with probabilities, NLL, Brier, ECE, ACE and AUC, which is NaN
     *     where all examples have the label or none
     */
    public List<TaskResult> results(double seconds) {
        List<TaskResult> results = new ArrayList<>();
        for (int c = 0; c < labels.size(); c++) {
            Map<ReportMetric, Double> metrics = metrics(new int[] {c});
            if (probabilities != null) {
                metrics.put(AUC, auc(c, probabilities));
            }
            metrics.put(ReportMetric.SECONDS, seconds);
            results.add(new TaskResult(labels.get(c), metrics, List.of(), null));
        }
        return results;
    }

    private Map<ReportMetric, Double> metrics(int[] some) {
        Map<ReportMetric, Double> metrics = new LinkedHashMap<>();
        double right = 0;
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int c : some) {
                right += isRight(i, c) ? weights[i] : 0;
                total += weights[i];
            }
        }
        metrics.put(ACCURACY, right / total);
        if (probabilities != null) {
            MultiLabelScores scores = scores(pairs(some), some.length);
            metrics.put(NLL, scores.negativeLogLikelihood());
            metrics.put(BRIER, scores.brier());
            metrics.put(ReportMetric.ECE, scores.expectedCalibrationError());
            metrics.put(ReportMetric.ACE, scores.adaptiveCalibrationError());
        }
        return metrics;
    }

    private double auc(int c, double[] all) {
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
}
