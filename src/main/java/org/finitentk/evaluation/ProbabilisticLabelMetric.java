package org.finitentk.evaluation;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.evaluation.metrics.EvaluationMetric;
import org.tribuo.evaluation.metrics.MetricTarget;

/**
 * One score of predicted class probabilities, a mean over examples. The names under which Tribuo's maps list them are
 * ACCURACY, NLL, BRIER, ECE@15, MCE@15, ACE@15 (with their number of bins), AP, CONFIDENCE and ENTROPY.
 */
final class ProbabilisticLabelMetric implements EvaluationMetric<Label, ProbabilisticLabelContext> {
    private static final MetricTarget<Label> TARGET = MetricTarget.microAverageTarget();

    private final String name;
    private final ToDoubleFunction<PredictedClasses> value;

    private ProbabilisticLabelMetric(String name, ToDoubleFunction<PredictedClasses> value) {
        this.name = name;
        this.value = value;
    }

    /**
     * The fraction of examples whose most probable label is the true one.
     *
     * @return the metric
     */
    public static ProbabilisticLabelMetric accuracy() {
        return new ProbabilisticLabelMetric("ACCURACY", PredictedClasses::accuracy);
    }

    /**
     * The negative log-likelihood: the mean of −log p(true label), in nats. A probability of 0, and a label that the
     * model does not know, count as the smallest positive double, 4.9e-324: the score stays finite, at some 744 nats
     * for such an example.
     *
     * @return the metric
     */
    public static ProbabilisticLabelMetric nll() {
        return new ProbabilisticLabelMetric("NLL", PredictedClasses::negativeLogLikelihood);
    }

    /**
     * The Brier score of several classes: the mean of Σ_c (p_c − [c is the true label])², from 0 to 2 (Brier 1950). For
     * two classes it is twice the score of one of them.
     *
     * @return the metric
     */
    public static ProbabilisticLabelMetric brier() {
        return new ProbabilisticLabelMetric("BRIER", PredictedClasses::brier);
    }

    /**
     * The expected calibration error: the mean distance of accuracy and confidence in bins of the most probable label's
     * probability of equal width (Guo et al. 2017, "On Calibration of Modern Neural Networks").
     *
     * @param bins how many, at least 1
     * @return the metric
     */
    public static ProbabilisticLabelMetric ece(int bins) {
        requireBins(bins);
        return new ProbabilisticLabelMetric("ECE@" + bins, predicted -> predicted.expectedCalibrationError(bins));
    }

    /**
     * The maximum calibration error: the largest distance of accuracy and confidence in a bin as of {@link #ece}.
     *
     * @param bins how many, at least 1
     * @return the metric
     */
    public static ProbabilisticLabelMetric mce(int bins) {
        requireBins(bins);
        return new ProbabilisticLabelMetric("MCE@" + bins, predicted -> predicted.maximumCalibrationError(bins));
    }

    /**
     * The adaptive calibration error: the mean over classes and ranges of the distance of a class's share and its mean
     * probability, ranges of a class having equally many examples (Nixon et al. 2019, "Measuring Calibration in Deep
     * Learning").
     *
     * @param ranges how many, at least 1; as many as examples if there are fewer
     * @return the metric
     */
    public static ProbabilisticLabelMetric ace(int ranges) {
        requireBins(ranges);
        return new ProbabilisticLabelMetric("ACE@" + ranges, predicted -> predicted.adaptiveCalibrationError(ranges));
    }

    /**
     * The average precision: the area under the curve of precision by recall, in steps, where a label's probability
     * ranks the examples; the mean over the labels that the examples have. With two labels it is that of the one that
     * fewer of the examples have.
     *
     * @return the metric
     */
    public static ProbabilisticLabelMetric averagePrecision() {
        return new ProbabilisticLabelMetric("AP", PredictedClasses::averagePrecision);
    }

    /**
     * The mean probability of the most probable label.
     *
     * @return the metric
     */
    public static ProbabilisticLabelMetric confidence() {
        return new ProbabilisticLabelMetric("CONFIDENCE", PredictedClasses::meanConfidence);
    }

    /**
     * The mean entropy of the predicted probabilities, in nats.
     *
     * @return the metric
     */
    public static ProbabilisticLabelMetric entropy() {
        return new ProbabilisticLabelMetric("ENTROPY", PredictedClasses::meanEntropy);
    }

    static void requireBins(int bins) {
        if (bins < 1) {
            throw new IllegalArgumentException("the number of bins is " + bins + "; expected at least 1");
        }
    }

    @Override
    public double compute(ProbabilisticLabelContext context) {
        return value.applyAsDouble(context.predicted());
    }

    @Override
    public MetricTarget<Label> getTarget() {
        return TARGET;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public ProbabilisticLabelContext createContext(Model<Label> model, List<Prediction<Label>> predictions) {
        return new ProbabilisticLabelContext(model, predictions, false);
    }

    @Override
    public String toString() {
        return name;
    }
}
