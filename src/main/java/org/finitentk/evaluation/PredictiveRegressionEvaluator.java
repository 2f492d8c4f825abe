package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.finitentk.internal.scores.Levels;
import org.finitentk.internal.scores.RegressionScores;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.evaluation.AbstractEvaluator;
import org.tribuo.evaluation.metrics.MetricID;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.provenance.EvaluationProvenance;
import org.tribuo.regression.Regressor;

/**
 * Evaluates regression models whose predictions carry variances; use it wherever Tribuo takes an
 * {@link org.tribuo.evaluation.Evaluator}, such as {@link org.tribuo.evaluation.CrossValidation}.
 *
 * <p>A prediction is read as an independent Gaussian in each dimension, its variance being that of the observation
 * (which is what our models' {@link Regressor}s hold unless asked otherwise), not of the noise-free function. Models
 * without variances can be evaluated too: RMSE, MAE, R2 and explained variance are as Tribuo computes them, and
 * everything that needs a variance is NaN. Unlike Tribuo's evaluator, it compares dimensions by name.
 */
public final class PredictiveRegressionEvaluator
        extends AbstractEvaluator<
                Regressor, PredictiveRegressionContext, PredictiveRegressionEvaluation, PredictiveRegressionMetric> {
    /** The probability of the interval that is reported unless another is asked for. */
    public static final double DEFAULT_LEVEL = 0.95;

    /** The probabilities at which calibration is reported unless others are asked for. */
    public static final List<Double> DEFAULT_CALIBRATION_LEVELS =
            List.of(0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99);

    private final double level;
    private final List<Double> calibrationLevels;
    private final boolean useExampleWeights;

    /** An evaluator of 95 % intervals that counts every example once. */
    public PredictiveRegressionEvaluator() {
        this(DEFAULT_LEVEL, DEFAULT_CALIBRATION_LEVELS, false);
    }

    /**
     * An evaluator that counts every example once.
     *
     * @param level the probability of the reported interval, strictly between 0 and 1
     */
    public PredictiveRegressionEvaluator(double level) {
        this(level, DEFAULT_CALIBRATION_LEVELS, false);
    }

    /**
     * An evaluator with all choices.
     *
     * @param level the probability of the reported interval, strictly between 0 and 1
     * @param calibrationLevels the probabilities at which calibration is reported, in any order; may be empty
     * @param useExampleWeights whether means over examples are weighted by the examples' weights
     * @throws IllegalArgumentException if a level is not strictly between 0 and 1
     */
    public PredictiveRegressionEvaluator(double level, List<Double> calibrationLevels, boolean useExampleWeights) {
        this.level = level;
        this.calibrationLevels = List.copyOf(new TreeSet<>(calibrationLevels));
        this.useExampleWeights = useExampleWeights;
        for (double each : allLevels()) {
            Levels.require(each);
        }
    }

    private Set<Double> allLevels() {
        Set<Double> levels = new TreeSet<>(calibrationLevels);
        levels.addAll(RegressionScores.Z_LEVELS);
        levels.add(level);
        return levels;
    }

    @Override
    protected Set<PredictiveRegressionMetric> createMetrics(Model<Regressor> model) {
        List<MetricTarget<Regressor>> targets = new ArrayList<>();
        for (Regressor dimension : model.getOutputIDInfo().getDomain()) {
            targets.add(new MetricTarget<>(dimension));
        }
        targets.add(MetricTarget.macroAverageTarget());
        Set<PredictiveRegressionMetric> metrics = new LinkedHashSet<>();
        for (MetricTarget<Regressor> target : targets) {
            metrics.add(PredictiveRegressionMetric.rmse(target));
            metrics.add(PredictiveRegressionMetric.mae(target));
            metrics.add(PredictiveRegressionMetric.r2(target));
            metrics.add(PredictiveRegressionMetric.explainedVariance(target));
            metrics.add(PredictiveRegressionMetric.nlpd(target));
            metrics.add(PredictiveRegressionMetric.crps(target));
            metrics.add(PredictiveRegressionMetric.kurtosis(target));
            metrics.add(PredictiveRegressionMetric.width(target, level));
            for (double each : allLevels()) {
                metrics.add(PredictiveRegressionMetric.coverage(target, each));
            }
        }
        return metrics;
    }

    @Override
    protected PredictiveRegressionContext createContext(
            Model<Regressor> model, List<Prediction<Regressor>> predictions) {
        return new PredictiveRegressionContext(model, predictions, useExampleWeights);
    }

    @Override
    protected PredictiveRegressionEvaluation createEvaluation(
            PredictiveRegressionContext context,
            Map<MetricID<Regressor>, Double> results,
            EvaluationProvenance provenance) {
        return new PredictiveRegressionEvaluation(context, results, provenance, level, calibrationLevels);
    }
}
