package org.finitentk.experiment;

import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;

/**
 * What models of one kind are tested by.
 *
 * @param <T> the type of the outputs
 */
interface Scores<T extends Output<T>> {
    /**
     * Tests a model.
     *
     * @param method the method that trained it
     * @param task the name of the task
     * @param model the model
     * @param test the test data
     * @param seconds how long training took
     */
    TaskResult of(String method, String task, Model<T> model, Dataset<T> test, double seconds);

    /** Adds pictures that are the kind's own. */
    void draw(ExperimentReport.Builder report);
}
