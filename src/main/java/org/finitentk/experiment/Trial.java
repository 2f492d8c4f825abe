package org.finitentk.experiment;

import java.io.IOException;
import org.finitentk.internal.report.TaskResult;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.ensemble.EnsembleModel;

/**
 * One method on one task: it is trained, tested, and the model's provenance written.
 *
 * @param trainer the method
 * @param training the task's training data
 * @param files where the provenance goes
 * @param <T> the type of the outputs
 */
record Trial<T extends Output<T>>(Trainer<T> trainer, Dataset<T> training, ExperimentFiles files) {
    /**
     * How a model is tested.
     *
     * @param <T> the type of the outputs
     */
    interface Test<T extends Output<T>> {
        /** The scores of a model that took so many seconds to train. */
        TaskResult of(Model<T> model, double seconds);
    }

    /** Carries it out. */
    TaskResult run(String provenanceName, Test<T> test) throws IOException {
        long start = System.nanoTime();
        Model<T> model = trainer.train(training);
        double seconds = (System.nanoTime() - start) / 1e9;
        TaskResult result = test.of(model, seconds);
        files.writeProvenance(provenanceName, model);
        close(model);
        return result;
    }

    /** Releases a model's sessions; an ensemble's are its members'. */
    private static void close(Model<?> model) throws IOException {
        if (model instanceof EnsembleModel<?> ensemble) {
            for (Model<?> member : ensemble.getModels()) {
                close(member);
            }
        }
        if (model instanceof AutoCloseable closeable) {
            ExperimentFiles.close(closeable);
        }
    }
}
