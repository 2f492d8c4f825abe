package org.finitentk.table;

import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.ExperimentReport;
import org.finitentk.evaluation.Plots;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.evaluation.ReportMetric;
import org.finitentk.evaluation.TaskResult;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;

/** The report of a test of a classifier. */
final class LabelReport {
    private static final ReportMetric MACRO_F1 = new ReportMetric(
            "macro_f1",
            "Macro F1",
            ReportMetric.Goal.HIGH,
            Double.NaN,
            ReportMetric.Unit.NUMBER,
            "Tribuo's average over the labels of the harmonic mean of precision and recall; higher is better.");
    private static final ReportMetric MACRO_AUC = new ReportMetric(
            "macro_auc",
            "Macro AUC",
            ReportMetric.Goal.HIGH,
            Double.NaN,
            ReportMetric.Unit.NUMBER,
            "Tribuo's average over the labels of the area under the ROC curve of one label against the others; "
                    + "higher is better.");

    private LabelReport() {}

    static ExperimentReport of(Model<Label> model, Dataset<Label> data, String title) {
        if (!model.generatesProbabilities()) {
            throw new IllegalArgumentException("the model " + model.getName()
                    + " gives no probabilities, and there is nothing to score but its labels; expected a model "
                    + "that gives probabilities");
        }
        long start = System.nanoTime();
        ProbabilisticLabelEvaluation ours = new ProbabilisticLabelEvaluator().evaluate(model, data);
        double seconds = (System.nanoTime() - start) / 1e9;
        LabelEvaluation tribuos = new LabelEvaluator().evaluate(model, ours.getPredictions(), data.getProvenance());
        TaskResult result = TaskResult.of("all rows", ours, seconds)
                .with(MACRO_F1, tribuos.macroAveragedF1())
                .with(MACRO_AUC, averageAuc(model, data, tribuos));
        return ExperimentReport.of(title)
                .introduction(data.size() + " rows. Seconds are for predicting them.")
                .method(model.getName(), List.of(result))
                .plot(
                        "Bars: how often predictions of that confidence are right; on the dashed line is calibrated. "
                                + "Dots: the share of predictions of that confidence.",
                        Plots.reliability("Reliability", Map.of(model.getName(), ours.reliability())))
                .section("Tribuo's evaluation", LabelEvaluation.toFormattedString(tribuos))
                .section("Confusion", tribuos.getConfusionMatrix().toString())
                .build();
    }

    /** Of the labels that the data have both with and without; NaN if there is none. */
    private static double averageAuc(Model<Label> model, Dataset<Label> data, LabelEvaluation evaluation) {
        return model.getOutputIDInfo().getDomain().stream()
                .filter(label -> {
                    long count = data.getData().stream()
                            .filter(example -> example.getOutput().getLabel().equals(label.getLabel()))
                            .count();
                    return count > 0 && count < data.size();
                })
                .mapToDouble(evaluation::AUCROC)
                .average()
                .orElse(Double.NaN);
    }
}
