package org.finitentk.internal.tabular;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.evaluation.PredictiveRegressionEvaluation;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.RegressionPanel;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.RegressionScores;
import org.finitentk.internal.scores.ReportMetric;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;

/** The report of a test of a regression: a task for every dimension. */
final class NumberReport {
    /** More points would be no more of a picture. */
    private static final int MOST_POINTS = 2000;

    private final PredictiveRegressionEvaluation evaluation;
    private final double seconds;

    private NumberReport(PredictiveRegressionEvaluation evaluation, double seconds) {
        this.evaluation = evaluation;
        this.seconds = seconds;
    }

    static ExperimentReport of(Model<Regressor> model, Dataset<Regressor> data, String title, double level) {
        long start = System.nanoTime();
        PredictiveRegressionEvaluation evaluation = new PredictiveRegressionEvaluator(level).evaluate(model, data);
        double seconds = (System.nanoTime() - start) / 1e9;
        NumberReport report = new NumberReport(evaluation, seconds);
        List<TaskResult> results = new ArrayList<>();
        evaluation.rmse().keySet().forEach(dimension -> results.add(report.result(dimension)));
        return ExperimentReport.of(title)
                .introduction(String.format(
                        Locale.ROOT,
                        "%d rows; a task is a target. In the pictures of predictions the horizontal axis is the "
                                + "predicted mean: test data on the line are predicted right. Seconds are for "
                                + "predicting all rows.",
                        data.size()))
                .level(level)
                .method(model.getName(), results)
                .section("Tribuo's evaluation", tribuos(model, data, evaluation))
                .build();
    }

    private static String tribuos(
            Model<Regressor> model, Dataset<Regressor> data, PredictiveRegressionEvaluation evaluation) {
        return new RegressionEvaluator()
                .evaluate(model, evaluation.getPredictions(), data.getProvenance())
                .toString();
    }

    private TaskResult result(Regressor dimension) {
        Map<ReportMetric, Double> scores =
                RegressionScores.shown(evaluation, new MetricTarget<>(dimension), evaluation.level());
        scores.put(ReportMetric.SECONDS, seconds);
        String name = dimension.getNames()[0];
        return new TaskResult(name, scores, evaluation.calibration(dimension), panel(name));
    }

    /** Observed against predicted, by rising predictions. */
    private RegressionPanel panel(String name) {
        List<Prediction<Regressor>> shown =
                new ArrayList<>(evaluation.getPredictions().subList(0, Math.min(MOST_POINTS, evaluation.size())));
        shown.sort(Comparator.comparingDouble(prediction -> mean(prediction.getOutput(), name)));
        double[] means = shown.stream()
                .mapToDouble(prediction -> mean(prediction.getOutput(), name))
                .toArray();
        double[] observed = shown.stream()
                .mapToDouble(prediction -> mean(prediction.getExample().getOutput(), name))
                .toArray();
        double[] variances = shown.stream()
                .mapToDouble(prediction -> prediction.getOutput().getVariances()[place(prediction.getOutput(), name)])
                .toArray();
        return RegressionPanel.titled(name)
                .axes("predicted " + name, "observed " + name)
                .test(means, observed)
                .prediction(means, means, variances);
    }

    private static double mean(Regressor regressor, String name) {
        return regressor.getValues()[place(regressor, name)];
    }

    private static int place(Regressor regressor, String name) {
        return Arrays.asList(regressor.getNames()).indexOf(name);
    }
}
