package org.finitentk.experiment;

import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.regression.Regressor;

/** Scores of predictive distributions of numbers; those of several dimensions are averaged. */
final class NumberScores implements Scores<Regressor> {
    @Override
    public TaskResult of(String method, String task, Model<Regressor> model, Dataset<Regressor> test, double seconds) {
        return TaskResult.of(task, new PredictiveRegressionEvaluator().evaluate(model, test), seconds);
    }

    @Override
    public void draw(ExperimentReport.Builder report) {
        // A report draws comparison and calibration itself.
    }
}
