package org.finitentk.evaluation;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.evaluation.AbstractEvaluator;
import org.tribuo.evaluation.metrics.MetricID;
import org.tribuo.provenance.EvaluationProvenance;

/**
 * Evaluates the probabilities that a classification model gives; use it wherever Tribuo takes an
 * {@link org.tribuo.evaluation.Evaluator}, such as {@link org.tribuo.evaluation.CrossValidation}, beside Tribuo's
 * LabelEvaluator, which looks at the labels alone. A true label that the model does not know, such as one that a fold
 * lacks, counts as wrong and improbable.
 */
public final class ProbabilisticLabelEvaluator
        extends AbstractEvaluator<
                Label, ProbabilisticLabelContext, ProbabilisticLabelEvaluation, ProbabilisticLabelMetric> {
    /** The number of bins unless another is asked for. */
    public static final int DEFAULT_BINS = 15;

    private final int bins;
    private final boolean useExampleWeights;

    /** An evaluator of 15 bins that counts every example once. */
    public ProbabilisticLabelEvaluator() {
        this(DEFAULT_BINS, false);
    }

    /**
     * An evaluator with all choices.
     *
     * @param bins of the calibration errors and the reliability diagram, at least 1
     * @param useExampleWeights whether means over examples are weighted by the examples' weights
     * @throws IllegalArgumentException if there is no bin
     */
    public ProbabilisticLabelEvaluator(int bins, boolean useExampleWeights) {
        ProbabilisticLabelMetric.requireBins(bins);
        this.bins = bins;
        this.useExampleWeights = useExampleWeights;
    }

    @Override
    protected Set<ProbabilisticLabelMetric> createMetrics(Model<Label> model) {
        return new LinkedHashSet<>(List.of(
                ProbabilisticLabelMetric.accuracy(),
                ProbabilisticLabelMetric.nll(),
                ProbabilisticLabelMetric.brier(),
                ProbabilisticLabelMetric.ece(bins),
                ProbabilisticLabelMetric.mce(bins),
                ProbabilisticLabelMetric.ace(bins),
                ProbabilisticLabelMetric.averagePrecision(),
                ProbabilisticLabelMetric.confidence(),
                ProbabilisticLabelMetric.entropy()));
    }

    @Override
    protected ProbabilisticLabelContext createContext(Model<Label> model, List<Prediction<Label>> predictions) {
        return new ProbabilisticLabelContext(model, predictions, useExampleWeights);
    }

    @Override
    protected ProbabilisticLabelEvaluation createEvaluation(
            ProbabilisticLabelContext context, Map<MetricID<Label>, Double> results, EvaluationProvenance provenance) {
        return new ProbabilisticLabelEvaluation(context, results, provenance, bins);
    }
}
