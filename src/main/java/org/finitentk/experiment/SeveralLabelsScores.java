package org.finitentk.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.MultiLabelPairs;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MultiLabelResults;
import org.finitentk.internal.report.Plots;
import org.finitentk.internal.report.TaskResult;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.multilabel.MultiLabel;

/** Scores of labels of which an example may have several, and how reliable decisions are on the last task. */
final class SeveralLabelsScores implements Scores<MultiLabel> {
    private final Map<String, List<ReliabilityBin>> reliability = new LinkedHashMap<>();

    @Override
    public TaskResult of(
            String method, String task, Model<MultiLabel> model, Dataset<MultiLabel> test, double seconds) {
        MultiLabelPairs pairs = MultiLabelPairs.of(model, test);
        if (model.generatesProbabilities()) {
            reliability.put(method, pairs.reliability());
        }
        return MultiLabelResults.together(task, pairs, seconds);
    }

    @Override
    public void draw(ExperimentReport.Builder report) {
        if (!reliability.isEmpty()) {
            report.plot(
                    "Bars: how often it is right whether an example has a label, by the confidence of that, on the last "
                            + "task; on the dashed line is calibrated. Dots: the share of decisions of that confidence.",
                    Plots.reliability("Reliability", reliability));
        }
    }
}
