package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.MultiLabelPairs;
import org.finitentk.evaluation.MultiLabelScores;
import org.finitentk.internal.scores.ReportMetric;

/** Scores of labels of which an example may have several, as rows of a report. */
public final class MultiLabelResults {
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

    private MultiLabelResults() {}

    /**
     * All labels together, as a row of a report.
     *
     * @param task the row's name
     * @param pairs predictions
     * @param seconds the wall-clock time that the task took
     * @return accuracy, exact match and Jaccard index, and, of a model with probabilities, NLL, Brier, ECE and ACE
     */
    public static TaskResult together(String task, MultiLabelPairs pairs, double seconds) {
        Map<ReportMetric, Double> metrics = new LinkedHashMap<>();
        metrics.put(ACCURACY, pairs.accuracy());
        if (pairs.haveProbabilities()) {
            put(metrics, pairs.scores());
        }
        metrics.put(EXACT, pairs.exactMatch());
        metrics.put(JACCARD, pairs.jaccard());
        metrics.put(ReportMetric.SECONDS, seconds);
        return new TaskResult(task, metrics, List.of(), null);
    }

    /**
     * Each label alone, as rows of a report.
     *
     * @param pairs predictions
     * @param seconds the wall-clock time that all of them took
     * @return accuracy for each label, and, of a model with probabilities, NLL, Brier, ECE, ACE and AUC, which is NaN
     *     where all examples have the label or none
     */
    public static List<TaskResult> byLabel(MultiLabelPairs pairs, double seconds) {
        List<TaskResult> results = new ArrayList<>();
        for (String label : pairs.labels()) {
            Map<ReportMetric, Double> metrics = new LinkedHashMap<>();
            metrics.put(ACCURACY, pairs.accuracy(label));
            if (pairs.haveProbabilities()) {
                put(metrics, pairs.scores(label));
                metrics.put(AUC, pairs.auc(label));
            }
            metrics.put(ReportMetric.SECONDS, seconds);
            results.add(new TaskResult(label, metrics, List.of(), null));
        }
        return results;
    }

    private static void put(Map<ReportMetric, Double> metrics, MultiLabelScores scores) {
        metrics.put(NLL, scores.negativeLogLikelihood());
        metrics.put(BRIER, scores.brier());
        metrics.put(ReportMetric.ECE, scores.expectedCalibrationError());
        metrics.put(ReportMetric.ACE, scores.adaptiveCalibrationError());
    }
}
