package org.finitentk.internal.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.PredictiveRegressionEvaluation;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation;
import org.finitentk.internal.scores.RegressionScores;
import org.finitentk.internal.scores.ReportMetric;
import org.jspecify.annotations.Nullable;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.evaluation.metrics.MetricTarget;

/**
 * What one method achieved on one task.
 *
 * @param task the task's name, unique among a method's tasks
 * @param metrics the scores, in the order of a table's columns; NaN where a score could not be computed
 * @param calibration observed against nominal coverage; may be empty
 * @param panel the task drawn, if it can be
 */
public record TaskResult(
        String task,
        Map<ReportMetric, Double> metrics,
        List<CalibrationPoint> calibration,
        @Nullable RegressionPanel panel) {

    /**
     * Keeps copies.
     *
     * @param task its name
     * @param metrics the scores
     * @param calibration observed against nominal coverage
     * @param panel the task drawn
     * @throws IllegalArgumentException if the task's name is blank
     */
    public TaskResult {
        if (task.isBlank()) {
            throw new IllegalArgumentException("a task's name is blank; expected words, since it heads a row");
        }
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        calibration = List.copyOf(calibration);
    }

    /**
     * The usual scores of a regression task: RMSE, NLPD, CRPS, interval coverage and width, z-scores (coverage of other
     * intervals, kurtosis), seconds.
     *
     * @param task the task's name
     * @param evaluation the method's evaluation on the task's test examples
     * @param seconds the wall-clock time that adapting to the task took
     * @return the result
     */
    public static TaskResult of(String task, PredictiveRegressionEvaluation evaluation, double seconds) {
        Map<ReportMetric, Double> metrics =
                RegressionScores.shown(evaluation, MetricTarget.macroAverageTarget(), evaluation.level());
        metrics.keySet().removeAll(List.of(ReportMetric.MAE, ReportMetric.R2));
        metrics.put(ReportMetric.SECONDS, seconds);
        return new TaskResult(task, metrics, evaluation.calibration(), null);
    }

    /**
     * The usual scores of a classification task: accuracy, NLL, Brier, ECE, ACE, average precision, seconds.
     *
     * @param task the task's name
     * @param evaluation the method's evaluation on the task's test examples
     * @param seconds the wall-clock time that adapting to the task took
     * @return the result
     */
    public static TaskResult of(String task, ProbabilisticLabelEvaluation evaluation, double seconds) {
        Map<ReportMetric, Double> metrics = new LinkedHashMap<>();
        metrics.put(ReportMetric.ACCURACY, evaluation.accuracy());
        metrics.put(ReportMetric.NLL, evaluation.nll());
        metrics.put(ReportMetric.BRIER, evaluation.brier());
        metrics.put(ReportMetric.ECE, evaluation.ece());
        metrics.put(ReportMetric.ACE, evaluation.ace());
        metrics.put(ReportMetric.AVERAGE_PRECISION, evaluation.averagePrecision());
        metrics.put(ReportMetric.SECONDS, seconds);
        return new TaskResult(task, metrics, List.of(), null);
    }

    /**
     * The score of a classifier that gives no probabilities: accuracy, and seconds.
     *
     * @param task the task's name
     * @param evaluation Tribuo's evaluation on the task's test examples
     * @param seconds the wall-clock time that adapting to the task took
     * @return the result
     */
    public static TaskResult of(String task, LabelEvaluation evaluation, double seconds) {
        Map<ReportMetric, Double> metrics = new LinkedHashMap<>();
        metrics.put(ReportMetric.ACCURACY, evaluation.accuracy());
        metrics.put(ReportMetric.SECONDS, seconds);
        return new TaskResult(task, metrics, List.of(), null);
    }

    /**
     * This result with one more score, as the last column.
     *
     * @param metric the metric
     * @param value its value
     * @return the result
     */
    public TaskResult with(ReportMetric metric, double value) {
        Map<ReportMetric, Double> more = new LinkedHashMap<>(metrics);
        more.put(metric, value);
        return new TaskResult(task, more, calibration, panel);
    }

    /**
     * This result with the task drawn. A report titles the panel with the task's name and RMSE, whatever its own title.
     *
     * @param drawn the task's points and the method's prediction
     * @return the result
     */
    public TaskResult withPanel(RegressionPanel drawn) {
        return new TaskResult(task, metrics, calibration, drawn);
    }

    /**
     * One score.
     *
     * @param metric the metric
     * @return its value; NaN if this result has none
     */
    public double value(ReportMetric metric) {
        return metrics.getOrDefault(metric, Double.NaN);
    }
}
