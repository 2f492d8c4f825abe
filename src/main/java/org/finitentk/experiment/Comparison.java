package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.RepeatableTrainer;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.network.ProgressListener;
import org.tribuo.Output;
import org.tribuo.Trainer;

/**
 * Methods on tasks, one after the other.
 *
 * @param <T> the type of the outputs
 */
final class Comparison<T extends Output<T>> {
    private final List<Split<T>> tasks;
    private final List<ComparedMethod> methods;
    private final Scores<T> scores;
    private final ExperimentFiles files;
    private final Map<ComparedMethod, List<TaskResult>> results = new LinkedHashMap<>();

    Comparison(List<Split<T>> tasks, List<ComparedMethod> methods, Scores<T> scores, ExperimentFiles files) {
        this.tasks = tasks;
        this.methods = methods;
        this.scores = scores;
        this.files = files;
    }

    /** Carries it out, completes the report and writes it; what was done before a failure is written too. */
    ExperimentReport run(
            ExperimentReport.Builder report, ConfiguredObjectProvenance provenance, ProgressListener progress)
            throws IOException {
        try {
            runAll(progress);
        } catch (RuntimeException | IOException e) {
            writeWhatIsDone(report, provenance, e);
            throw e;
        }
        ExperimentReport complete = complete(report, provenance);
        complete.write(files.output());
        return complete;
    }

    /** A report that fails too must not hide why the experiment ended. */
    private void writeWhatIsDone(
            ExperimentReport.Builder report, ConfiguredObjectProvenance provenance, Exception reason) {
        if (results.isEmpty()) {
            return;
        }
        try {
            report.introduction(
                    "The experiment ended early (" + reason.getMessage() + "): what follows is what was done before.");
            complete(report, provenance).write(files.output());
        } catch (RuntimeException | IOException e) {
            reason.addSuppressed(e);
        }
    }

    private void runAll(ProgressListener progress) throws IOException {
        long done = 0;
        long all = (long) tasks.size() * methods.size();
        for (Split<T> task : tasks) {
            for (ComparedMethod method : methods) {
                progress.progress("tasks and methods", done++, all);
                TaskResult result = trial(method, task, progress);
                results.computeIfAbsent(method, unused -> new ArrayList<>()).add(result);
            }
        }
        progress.progress("tasks and methods", done, all);
    }

    private TaskResult trial(ComparedMethod method, Split<T> task, ProgressListener progress) throws IOException {
        @SuppressWarnings("unchecked") // The data decide; a trainer of another kind is told of below.
        Trainer<T> trainer = (Trainer<T>) method.trainer();
        if (trainer instanceof RepeatableTrainer<?, ?> reporter) {
            reporter.setProgressListener((stage, done, total) ->
                    progress.progress(method.name() + ", " + task.name() + ": " + stage, done, total));
        }
        try {
            return new Trial<>(trainer, task.training(), files)
                    .run(
                            method.name() + "-" + task.name(),
                            (model, seconds) -> scores.of(method.name(), task.name(), model, task.test(), seconds));
        } catch (ClassCastException e) {
            throw new IllegalArgumentException(
                    "the method '" + method.name() + "' has a "
                            + trainer.getClass().getSimpleName()
                            + ", which learns outputs of another kind than the data's",
                    e);
        }
    }

    private ExperimentReport complete(ExperimentReport.Builder report, ConfiguredObjectProvenance provenance)
            throws IOException {
        Split<T> first = tasks.get(0);
        report.setting(
                "Examples",
                first.training().size() + " to train on, " + first.test().size() + " to test on (" + first.name()
                        + ")");
        results.forEach((method, ofIt) -> report.method(method.name(), method.description(), ofIt));
        scores.draw(report);
        return report.section("Provenance", files.writeProvenance(provenance)).build();
    }
}
