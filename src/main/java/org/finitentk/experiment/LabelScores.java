package org.finitentk.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.Plots;
import org.finitentk.internal.report.TaskResult;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluator;

/** Scores of probabilities of labels, and how reliable they are on the last task. */
final class LabelScores implements Scores<Label> {
    private final Map<String, List<ReliabilityBin>> reliability = new LinkedHashMap<>();

    @Override
    public TaskResult of(String method, String task, Model<Label> model, Dataset<Label> test, double seconds) {
        if (!model.generatesProbabilities()) {
            return TaskResult.of(task, new LabelEvaluator().evaluate(model, test), seconds);
        }
        ProbabilisticLabelEvaluation evaluation = new ProbabilisticLabelEvaluator().evaluate(model, test);
        reliability.put(method, evaluation.reliability());
        return TaskResult.of(task, evaluation, seconds);
    }

    @Override
    public void draw(ExperimentReport.Builder report) {
        if (reliability.isEmpty()) {
            return;
        }
        report.plot(
                "Bars: how often predictions of that confidence are right, on the last task; on the dashed line is "
                        + "calibrated. Dots: the share of predictions of that confidence.",
                Plots.reliability("Reliability", reliability));
    }
}
