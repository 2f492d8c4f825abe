package org.finitentk.evaluation;

import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.finitentk.internal.scores.GaussianScores;
import org.finitentk.internal.scores.Levels;
import org.finitentk.internal.scores.RegressionScores;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.evaluation.metrics.EvaluationMetric;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.regression.Regressor;

/**
 * One metric of predictions with variances, for one regression dimension or averaged over the dimensions (macro
 * average).
 *
 * <p>The names under which Tribuo's maps list them are RMSE, MAE, R2, EV (all four equal to Tribuo's own), NLPD, CRPS,
 * and, with their level, COVERAGE@0.95 and WIDTH@0.95. The last four need variances of the <em>observation</em>: one
 * prediction without (NaN) makes them NaN, since leaving it out would score another set of examples. For a variance of
 * zero see {@link GaussianScores}; its interval is one point.
 */
final class PredictiveRegressionMetric implements EvaluationMetric<Regressor, PredictiveRegressionContext> {
    private final String name;
    private final MetricTarget<Regressor> target;
    private final ToDoubleFunction<PredictedDimension> value;

    private PredictiveRegressionMetric(
            String name, MetricTarget<Regressor> target, ToDoubleFunction<PredictedDimension> value) {
        this.name = name;
        this.target = Objects.requireNonNull(target, "target");
        this.value = value;
    }

    /**
     * The root mean squared error of the predicted means.
     *
     * @param target a dimension, or the macro average
     * @return the metric
     */
    public static PredictiveRegressionMetric rmse(MetricTarget<Regressor> target) {
        return new PredictiveRegressionMetric("RMSE", target, PredictedDimension::rmse);
    }

    /**
     * The mean absolute error of the predicted means.
     *
     * @param target a dimension, or the macro average
     * @return the metric
     */
    public static PredictiveRegressionMetric mae(MetricTarget<Regressor> target) {
        return new PredictiveRegressionMetric("MAE", target, PredictedDimension::mae);
    }

    /**
     * The coefficient of determination of the predicted means. Observations that are all equal give −∞, or NaN if they
     * are predicted exactly.
     *
     * @param target a dimension, or the macro average
     * @return the metric
     */
    public static PredictiveRegressionMetric r2(MetricTarget<Regressor> target) {
        return new PredictiveRegressionMetric("R2", target, PredictedDimension::r2);
    }

    /**
     * The explained variance: R2 after the mean error is subtracted.
     *
     * @param target a dimension, or the macro average
     * @return the metric
     */
    public static PredictiveRegressionMetric explainedVariance(MetricTarget<Regressor> target) {
        return new PredictiveRegressionMetric("EV", target, PredictedDimension::explainedVariance);
    }

    /**
     * The mean over examples of the Gaussian negative log predictive density, in nats.
     *
     * @param target a dimension, or the macro average
     * @return the metric
     */
    public static PredictiveRegressionMetric nlpd(MetricTarget<Regressor> target) {
        return new PredictiveRegressionMetric("NLPD", target, PredictedDimension::nlpd);
    }

    /**
     * The mean over examples of the Gaussian continuous ranked probability score.
     *
     * @param target a dimension, or the macro average
     * @return the metric
     */
    public static PredictiveRegressionMetric crps(MetricTarget<Regressor> target) {
        return new PredictiveRegressionMetric("CRPS", target, PredictedDimension::crps);
    }

    /**
     * The excess kurtosis of the z-scores, (observation − mean) / deviation: 0 where errors are as Gaussian as they are
     * predicted, more where a few are much larger than the others.
     *
     * @param target a dimension, or the macro average
     * @return the metric
     */
    public static PredictiveRegressionMetric kurtosis(MetricTarget<Regressor> target) {
        return new PredictiveRegressionMetric("KURTOSIS", target, PredictedDimension::kurtosis);
    }

    /**
     * The fraction of observations inside the central predictive interval.
     *
     * @param target a dimension, or the macro average
     * @param level the interval's probability, strictly between 0 and 1
     * @return the metric
     */
    public static PredictiveRegressionMetric coverage(MetricTarget<Regressor> target, double level) {
        Levels.require(level);
        return new PredictiveRegressionMetric(RegressionScores.coverage(level), target, d -> d.coverage(level));
    }

    /**
     * The mean width of the central predictive interval.
     *
     * @param target a dimension, or the macro average
     * @param level the interval's probability, strictly between 0 and 1
     * @return the metric
     */
    public static PredictiveRegressionMetric width(MetricTarget<Regressor> target, double level) {
        Levels.require(level);
        return new PredictiveRegressionMetric(RegressionScores.width(level), target, d -> d.width(level));
    }

    @Override
    public double compute(PredictiveRegressionContext context) {
        if (target.getOutputTarget().isPresent()) {
            return value.applyAsDouble(
                    context.dimension(target.getOutputTarget().get().getNames()[0]));
        }
        if (target.getAverageTarget().orElseThrow() != Average.MACRO) {
            throw new IllegalArgumentException(
                    name + " was asked for as a micro average; expected a macro average, the only one of "
                            + "regression metrics");
        }
        return context.names().stream()
                .mapToDouble(dimension -> value.applyAsDouble(context.dimension(dimension)))
                .average()
                .orElse(Double.NaN);
    }

    @Override
    public MetricTarget<Regressor> getTarget() {
        return target;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public PredictiveRegressionContext createContext(Model<Regressor> model, List<Prediction<Regressor>> predictions) {
        return new PredictiveRegressionContext(model, predictions, false);
    }

    @Override
    public String toString() {
        return name + " of " + target;
    }
}
