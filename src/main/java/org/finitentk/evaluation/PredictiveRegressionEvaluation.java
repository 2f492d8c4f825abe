package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.finitentk.internal.scores.RegressionScores;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.internal.scores.TextTable;
import org.tribuo.Prediction;
import org.tribuo.evaluation.metrics.MetricID;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.provenance.EvaluationProvenance;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluation;

/**
 * The scores of one model on one set of examples; made by {@link PredictiveRegressionEvaluator}, which says how
 * predictions are read. It is also a Tribuo {@link RegressionEvaluation}. Averages are means over the dimensions;
 * methods that take a dimension accept any {@link Regressor} whose first name is the dimension's.
 */
public final class PredictiveRegressionEvaluation implements RegressionEvaluation {
    private static final MetricTarget<Regressor> AVERAGE = MetricTarget.macroAverageTarget();

    private final PredictiveRegressionContext context;
    private final Map<MetricID<Regressor>, Double> results;
    private final EvaluationProvenance provenance;
    private final double level;
    private final List<Double> calibrationLevels;
    /** The domain's own Regressors by name: Tribuo's metric targets compare them by equality. */
    private final Map<String, Regressor> domain = new LinkedHashMap<>();

    PredictiveRegressionEvaluation(
            PredictiveRegressionContext context,
            Map<MetricID<Regressor>, Double> results,
            EvaluationProvenance provenance,
            double level,
            List<Double> calibrationLevels) {
        this.context = context;
        this.results = Collections.unmodifiableMap(new LinkedHashMap<>(results));
        this.provenance = provenance;
        this.level = level;
        this.calibrationLevels = calibrationLevels;
        Map<String, Regressor> unordered = new LinkedHashMap<>();
        for (Regressor dimension : context.getModel().getOutputIDInfo().getDomain()) {
            unordered.put(dimension.getNames()[0], dimension);
        }
        for (String name : context.names()) {
            domain.put(name, Objects.requireNonNull(unordered.get(name), name));
        }
    }

    /** {@return how many predictions were scored} */
    public int size() {
        return context.getPredictions().size();
    }

    /** {@return the probability of the interval of {@link #averageCoverage()} and {@link #averageWidth()}} */
    public double level() {
        return level;
    }

    /** {@return the mean negative log predictive density in nats, averaged over dimensions; NaN without variances} */
    public double averageNLPD() {
        return get(PredictiveRegressionMetric.nlpd(AVERAGE));
    }

    /**
     * The mean negative log predictive density of one dimension.
     *
     * @param dimension the dimension
     * @return in nats; NaN without variances
     */
    public double nlpd(Regressor dimension) {
        return get(dimension, PredictiveRegressionMetric::nlpd);
    }

    /**
     * The mean negative log predictive density by dimension.
     *
     * @return in nats; NaN without variances
     */
    public Map<Regressor, Double> nlpd() {
        return byDimension(PredictiveRegressionMetric::nlpd);
    }

    /**
     * The mean continuous ranked probability score.
     *
     * @return averaged over dimensions; NaN without variances
     */
    public double averageCRPS() {
        return get(PredictiveRegressionMetric.crps(AVERAGE));
    }

    /**
     * The mean continuous ranked probability score of one dimension.
     *
     * @param dimension the dimension
     * @return the score in the dimension's unit; NaN without variances
     */
    public double crps(Regressor dimension) {
        return get(dimension, PredictiveRegressionMetric::crps);
    }

    /**
     * The mean continuous ranked probability score by dimension.
     *
     * @return the score in each dimension's unit; NaN without variances
     */
    public Map<Regressor, Double> crps() {
        return byDimension(PredictiveRegressionMetric::crps);
    }

    /**
     * The fraction of observations inside the central interval of probability {@link #level()}.
     *
     * @return averaged over dimensions; NaN without variances
     */
    public double averageCoverage() {
        return get(PredictiveRegressionMetric.coverage(AVERAGE, level));
    }

    /**
     * The fraction of one dimension's observations inside the central interval of probability {@link #level()}.
     *
     * @param dimension the dimension
     * @return the fraction; NaN without variances
     */
    public double coverage(Regressor dimension) {
        return get(dimension, target -> PredictiveRegressionMetric.coverage(target, level));
    }

    /**
     * The fraction of observations inside the central interval of probability {@link #level()}, by dimension.
     *
     * @return the fractions; NaN without variances
     */
    public Map<Regressor, Double> coverage() {
        return byDimension(target -> PredictiveRegressionMetric.coverage(target, level));
    }

    /**
     * The fraction of observations inside the central interval of some probability.
     *
     * @param probability 0.5, 0.8 or 0.95, {@link #level()}, or one of the calibration levels
     * @return averaged over dimensions; NaN without variances
     * @throws IllegalArgumentException if it was not evaluated
     */
    public double averageCoverage(double probability) {
        return get(PredictiveRegressionMetric.coverage(AVERAGE, probability));
    }

    /**
     * The excess kurtosis of z-scores, observation less mean in standard deviations: about 0 where errors are Gaussian,
     * positive where noise is not the same everywhere or there are outliers, so that variances are too large for most
     * observations and too small for a few.
     *
     * @return averaged over dimensions; NaN without variances
     */
    public double averageKurtosis() {
        return get(PredictiveRegressionMetric.kurtosis(AVERAGE));
    }

    /**
     * The excess kurtosis of one dimension's z-scores.
     *
     * @param dimension the dimension
     * @return 0 for a Gaussian; NaN without variances
     */
    public double kurtosis(Regressor dimension) {
        return get(dimension, PredictiveRegressionMetric::kurtosis);
    }

    /**
     * The mean width of the central interval of probability {@link #level()}.
     *
     * @return averaged over dimensions; NaN without variances
     */
    public double averageWidth() {
        return get(PredictiveRegressionMetric.width(AVERAGE, level));
    }

    /**
     * The mean width of one dimension's central interval of probability {@link #level()}.
     *
     * @param dimension the dimension
     * @return the width in the dimension's unit; NaN without variances
     */
    public double width(Regressor dimension) {
        return get(dimension, target -> PredictiveRegressionMetric.width(target, level));
    }

    /**
     * The mean width of the central interval of probability {@link #level()}, by dimension.
     *
     * @return the width in each dimension's unit; NaN without variances
     */
    public Map<Regressor, Double> width() {
        return byDimension(target -> PredictiveRegressionMetric.width(target, level));
    }

    /**
     * Observed against nominal coverage at the evaluator's calibration levels.
     *
     * @return one point a level, rising, averaged over dimensions; coverages are NaN without variances
     */
    public List<CalibrationPoint> calibration() {
        return calibrationLevels.stream()
                .map(each ->
                        new CalibrationPoint(each, get(PredictiveRegressionMetric.coverage(AVERAGE, each)), size()))
                .toList();
    }

    /**
     * Observed against nominal coverage of one dimension at the evaluator's calibration levels.
     *
     * @param dimension the dimension
     * @return one point a level, rising; coverages are NaN without variances
     */
    public List<CalibrationPoint> calibration(Regressor dimension) {
        return calibrationLevels.stream()
                .map(each -> new CalibrationPoint(
                        each, get(dimension, target -> PredictiveRegressionMetric.coverage(target, each)), size()))
                .toList();
    }

    /**
     * The mean distance of observed from nominal coverage over the calibration levels: zero is perfect calibration.
     *
     * @return averaged over dimensions first; NaN without variances or levels
     */
    public double calibrationError() {
        return calibration().stream()
                .mapToDouble(point -> Math.abs(point.coverage() - point.level()))
                .average()
                .orElse(Double.NaN);
    }

    @Override
    public double averageMAE() {
        return get(PredictiveRegressionMetric.mae(AVERAGE));
    }

    @Override
    public double mae(Regressor variable) {
        return get(variable, PredictiveRegressionMetric::mae);
    }

    @Override
    public Map<Regressor, Double> mae() {
        return byDimension(PredictiveRegressionMetric::mae);
    }

    @Override
    public double averageR2() {
        return get(PredictiveRegressionMetric.r2(AVERAGE));
    }

    @Override
    public double r2(Regressor variable) {
        return get(variable, PredictiveRegressionMetric::r2);
    }

    @Override
    public Map<Regressor, Double> r2() {
        return byDimension(PredictiveRegressionMetric::r2);
    }

    @Override
    public double averageRMSE() {
        return get(PredictiveRegressionMetric.rmse(AVERAGE));
    }

    @Override
    public double rmse(Regressor variable) {
        return get(variable, PredictiveRegressionMetric::rmse);
    }

    @Override
    public Map<Regressor, Double> rmse() {
        return byDimension(PredictiveRegressionMetric::rmse);
    }

    @Override
    public double averagedExplainedVariance() {
        return get(PredictiveRegressionMetric.explainedVariance(AVERAGE));
    }

    @Override
    public double explainedVariance(Regressor variable) {
        return get(variable, PredictiveRegressionMetric::explainedVariance);
    }

    @Override
    public Map<Regressor, Double> explainedVariance() {
        return byDimension(PredictiveRegressionMetric::explainedVariance);
    }

    @Override
    public Map<MetricID<Regressor>, Double> asMap() {
        return results;
    }

    @Override
    public List<Prediction<Regressor>> getPredictions() {
        return context.getPredictions();
    }

    @Override
    public EvaluationProvenance getProvenance() {
        return provenance;
    }

    /** A table with one row a dimension and, where there are several, one of their averages. */
    @Override
    public String toString() {
        List<String> heads = new ArrayList<>(List.of("dimension"));
        Map<ReportMetric, Double> average = RegressionScores.shown(this, AVERAGE, level);
        average.keySet().forEach(metric -> heads.add(metric.name()));
        TextTable table = new TextTable(heads);
        domain.forEach((name, dimension) ->
                table.row(row(name, RegressionScores.shown(this, new MetricTarget<>(dimension), level))));
        if (domain.size() > 1) {
            table.row(row("average", average));
        }
        return String.format(Locale.ROOT, "Predictive regression evaluation, %d examples%n", size()) + table;
    }

    private static List<String> row(String label, Map<ReportMetric, Double> scores) {
        List<String> row = new ArrayList<>(List.of(label));
        scores.forEach((metric, value) -> row.add(metric.format(value)));
        return row;
    }

    private double get(PredictiveRegressionMetric metric) {
        return get(metric.getID());
    }

    private double get(Regressor dimension, Function<MetricTarget<Regressor>, PredictiveRegressionMetric> metric) {
        return get(metric.apply(new MetricTarget<>(known(dimension))));
    }

    private Regressor known(Regressor dimension) {
        String name = dimension.getNames()[0];
        Regressor known = domain.get(name);
        if (known == null) {
            throw new IllegalArgumentException("the dimension \"" + name
                    + "\" was asked for; expected one of the evaluated model, " + domain.keySet());
        }
        return known;
    }

    private Map<Regressor, Double> byDimension(Function<MetricTarget<Regressor>, PredictiveRegressionMetric> metric) {
        Map<Regressor, Double> values = new LinkedHashMap<>();
        for (Regressor dimension : domain.values()) {
            values.put(dimension, get(metric.apply(new MetricTarget<>(dimension))));
        }
        return values;
    }

    /**
     * How often central predictive intervals of one nominal probability held the observation.
     *
     * @param level the nominal probability, strictly between 0 and 1
     * @param coverage the fraction of observations that lay inside their interval; NaN where predictions had no
     *     variance
     * @param count the number of observations behind the fraction
     */
    public record CalibrationPoint(double level, double coverage, int count) {}
}
