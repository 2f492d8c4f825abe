package org.finitentk.internal.scores;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tribuo.evaluation.Evaluation;
import org.tribuo.evaluation.metrics.MetricID;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.regression.Regressor;

/** Which scores of a regression are shown, and under which names an evaluation has them. */
public final class RegressionScores {
    /** Of central intervals that are shown whatever the level: middle, shoulders and tails of the z-scores. */
    public static final List<Double> Z_LEVELS = List.of(0.5, 0.8, 0.95);

    private RegressionScores() {}

    /**
     * The name under which an evaluation has the coverage of intervals.
     *
     * @param level the intervals' probability
     * @return the name
     */
    public static String coverage(double level) {
        return "COVERAGE@" + level;
    }

    /**
     * The name under which an evaluation has the mean width of intervals.
     *
     * @param level the intervals' probability
     * @return the name
     */
    public static String width(double level) {
        return "WIDTH@" + level;
    }

    /**
     * RMSE, MAE, R2, NLPD, CRPS, coverage and width at the evaluation's level, and of the z-scores the coverage at 50,
     * 80 and 95 %, as far as that is another level, and the excess kurtosis.
     *
     * @param evaluated the evaluation
     * @param target the average, or a dimension of the evaluated model's domain
     * @param level the evaluation's level
     * @return in this order; NaN where variances are needed and missing
     */
    public static Map<ReportMetric, Double> shown(
            Evaluation<Regressor> evaluated, MetricTarget<Regressor> target, double level) {
        Map<ReportMetric, String> names = new LinkedHashMap<>();
        names.put(ReportMetric.RMSE, "RMSE");
        names.put(ReportMetric.MAE, "MAE");
        names.put(ReportMetric.R2, "R2");
        names.put(ReportMetric.NLPD, "NLPD");
        names.put(ReportMetric.CRPS, "CRPS");
        names.put(ReportMetric.coverage(level), coverage(level));
        names.put(ReportMetric.width(level), width(level));
        for (double each : Z_LEVELS) {
            names.put(ReportMetric.coverage(each), coverage(each));
        }
        names.put(ReportMetric.KURTOSIS, "KURTOSIS");
        Map<ReportMetric, Double> shown = new LinkedHashMap<>();
        names.forEach((metric, name) -> shown.put(metric, evaluated.get(new MetricID<>(target, name))));
        return shown;
    }
}
