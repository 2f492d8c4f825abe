package org.finitentk.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.evaluation.Evaluation;
import org.tribuo.evaluation.metrics.MetricID;
import org.tribuo.provenance.EvaluationProvenance;

/**
 * The scores of one model's class probabilities on one set of examples; made by {@link ProbabilisticLabelEvaluator}.
 * {@link ProbabilisticLabelMetric} says what each is.
 */
public final class ProbabilisticLabelEvaluation implements Evaluation<Label> {
    private final ProbabilisticLabelContext context;
    private final Map<MetricID<Label>, Double> results;
    private final EvaluationProvenance provenance;
    private final int bins;

    ProbabilisticLabelEvaluation(
            ProbabilisticLabelContext context,
            Map<MetricID<Label>, Double> results,
            EvaluationProvenance provenance,
            int bins) {
        this.context = context;
        this.results = Collections.unmodifiableMap(new LinkedHashMap<>(results));
        this.provenance = provenance;
        this.bins = bins;
    }

    /**
     * The number of examples.
     *
     * @return how many predictions were scored
     */
    public int size() {
        return context.getPredictions().size();
    }

    /**
     * The fraction of right labels.
     *
     * @return between 0 and 1
     */
    public double accuracy() {
        return context.predicted().accuracy();
    }

    /**
     * The negative log-likelihood.
     *
     * @return in nats an example
     */
    public double nll() {
        return context.predicted().negativeLogLikelihood();
    }

    /**
     * The Brier score of all classes.
     *
     * @return between 0 and 2
     */
    public double brier() {
        return context.predicted().brier();
    }

    /**
     * The expected calibration error.
     *
     * @return between 0 and 1
     */
    public double ece() {
        return context.predicted().expectedCalibrationError(bins);
    }

    /**
     * The maximum calibration error.
     *
     * @return between 0 and 1
     */
    public double mce() {
        return context.predicted().maximumCalibrationError(bins);
    }

    /**
     * The adaptive calibration error.
     *
     * @return between 0 and 1
     */
    public double ace() {
        return context.predicted().adaptiveCalibrationError(bins);
    }

    /**
     * How well a label's probability ranks the examples that have it above the others: the mean over labels, and of two
     * labels that of the one that fewer of the examples have.
     *
     * @return between 0 and 1; the label's share of the examples is chance
     */
    public double averagePrecision() {
        return context.predicted().averagePrecision();
    }

    /**
     * The mean confidence.
     *
     * @return between 0 and 1
     */
    public double confidence() {
        return context.predicted().meanConfidence();
    }

    /**
     * The mean predictive entropy.
     *
     * @return in nats
     */
    public double entropy() {
        return context.predicted().meanEntropy();
    }

    /**
     * The reliability diagram.
     *
     * @return bins of equal width by rising confidence; some may be empty
     */
    public List<ReliabilityBin> reliability() {
        return context.predicted().reliability(bins);
    }

    /**
     * The predictive entropy of each example, for telling examples of another kind from these, as
     * {@link OutOfDistribution} does.
     *
     * @return in nats, in the order of the predictions
     */
    public double[] entropies() {
        return context.entropies();
    }

    @Override
    public Map<MetricID<Label>, Double> asMap() {
        return results;
    }

    @Override
    public List<Prediction<Label>> getPredictions() {
        return context.getPredictions();
    }

    @Override
    public EvaluationProvenance getProvenance() {
        return provenance;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d examples: accuracy %.4f, NLL %.4f, Brier %.4f, ECE %.4f, MCE %.4f, ACE %.4f, "
                        + "confidence %.4f, entropy %.4f",
                size(),
                accuracy(),
                nll(),
                brier(),
                ece(),
                mce(),
                ace(),
                confidence(),
                entropy());
    }

    /**
     * Predictions of similar confidence, of a reliability diagram.
     *
     * @param lower least confidence of the bin
     * @param upper greatest
     * @param weight how many predictions, or the sum of their weights
     * @param confidence their mean confidence, NaN for none
     * @param accuracy how many of them are right, as a fraction, NaN for none
     */
    public record ReliabilityBin(double lower, double upper, double weight, double confidence, double accuracy) {}
}
