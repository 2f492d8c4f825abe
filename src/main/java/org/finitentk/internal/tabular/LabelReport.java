package org.finitentk.internal.tabular;

import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.Plots;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.scores.ReportMetric;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;

/** The report of a test of a classifier. */
final class LabelReport {
    private static final String TASK = "all rows";
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
        return model.generatesProbabilities() ? ofProbabilities(model, data, title) : ofLabels(model, data, title);
    }

    private static ExperimentReport ofProbabilities(Model<Label> model, Dataset<Label> data, String title) {
        long start = System.nanoTime();
        ProbabilisticLabelEvaluation ours = new ProbabilisticLabelEvaluator().evaluate(model, data);
        double seconds = (System.nanoTime() - start) / 1e9;
        LabelEvaluation tribuos = new LabelEvaluator().evaluate(model, ours.getPredictions(), data.getProvenance());
        TaskResult result = TaskResult.of(TASK, ours, seconds)
                .with(MACRO_F1, tribuos.macroAveragedF1())
                .with(MACRO_AUC, averageAuc(model, data, tribuos));
        return report(model, data, title, result, tribuos)
                .plot(
                        "Bars: how often predictions of that confidence are right; on the dashed line is calibrated. "
                                + "Dots: the share of predictions of that confidence.",
                        Plots.reliability("Reliability", Map.of(model.getName(), ours.reliability())))
                .build();
    }

    private static ExperimentReport ofLabels(Model<Label> model, Dataset<Label> data, String title) {
        long start = System.nanoTime();
        LabelEvaluation tribuos = new LabelEvaluator().evaluate(model, data);
        double seconds = (System.nanoTime() - start) / 1e9;
        TaskResult result = TaskResult.of(TASK, tribuos, seconds).with(MACRO_F1, tribuos.macroAveragedF1());
        return report(model, data, title, result, tribuos).build();
    }

    private static ExperimentReport.Builder report(
            Model<Label> model, Dataset<Label> data, String title, TaskResult result, LabelEvaluation tribuos) {
        return ExperimentReport.of(title)
                .introduction(data.size() + " rows. Seconds are for predicting them."
                        + (model.generatesProbabilities() ? "" : " The model gives no probabilities."))
                .method(model.getName(), List.of(result))
                .section("Tribuo's evaluation", LabelEvaluation.toFormattedString(tribuos))
                .section("Confusion", tribuos.getConfusionMatrix().toString());
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
