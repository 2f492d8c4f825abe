package org.finitentk.internal.tabular;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.evaluation.MultiLabelPairs;
import org.finitentk.evaluation.MultiLabelScores;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MultiLabelResults;
import org.finitentk.internal.report.Plots;
import org.finitentk.internal.report.TaskResult;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.multilabel.evaluation.MultiLabelEvaluation;
import org.tribuo.multilabel.evaluation.MultiLabelEvaluator;

/** The report of a test of a classifier into labels of which a row may have several: a task for every label. */
final class SeveralLabelsReport {
    private SeveralLabelsReport() {}

    static ExperimentReport of(Model<MultiLabel> model, Dataset<MultiLabel> data, String title) {
        long start = System.nanoTime();
        MultiLabelPairs pairs = MultiLabelPairs.of(model, data);
        double seconds = (System.nanoTime() - start) / 1e9;
        List<TaskResult> results = MultiLabelResults.byLabel(pairs, seconds);
        MultiLabelEvaluation tribuos =
                new MultiLabelEvaluator().evaluate(model, pairs.predictions(), data.getProvenance());
        ExperimentReport.Builder report = ExperimentReport.of(title)
                .introduction(
                        data.size() + " rows; a task is a label, of which a row may have several or none. Seconds "
                                + "are for predicting all rows."
                                + (model.generatesProbabilities() ? "" : " The model gives no probabilities."))
                .method(model.getName(), results)
                .section("All labels together", together(pairs, model.generatesProbabilities()))
                .section(
                        "Tribuo's evaluation"
                                + (Double.isNaN(tribuos.jaccardScore())
                                        ? " (its Jaccard score is NaN where a row has no label and none is predicted)"
                                        : ""),
                        tribuos.toString());
        return (model.generatesProbabilities()
                        ? report.plot(
                                "Bars: how often it is right whether a row has a label, by the confidence of that; on "
                                        + "the dashed line is calibrated. Dots: the share of decisions of that "
                                        + "confidence.",
                                Plots.reliability("Reliability", Map.of(model.getName(), pairs.reliability())))
                        : report)
                .build();
    }

    private static String together(MultiLabelPairs pairs, boolean probabilities) {
        TaskResult all = MultiLabelResults.together("all labels", pairs, 0);
        StringBuilder text = new StringBuilder();
        all.metrics().forEach((metric, value) -> {
            if (!metric.key().equals("seconds")) {
                text.append(String.format(Locale.ROOT, "%-12s %s%n", metric.name(), metric.format(value)));
            }
        });
        if (probabilities) {
            MultiLabelScores scores = pairs.scores();
            text.append(String.format(
                    Locale.ROOT,
                    "%-12s %.4f nats a row%n",
                    "NLL of rows",
                    scores.negativeLogLikelihood() * scores.labels()));
        }
        return text.toString();
    }
}
