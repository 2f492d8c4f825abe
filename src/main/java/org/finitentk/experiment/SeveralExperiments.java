package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.MethodResult;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ProgressListener;

/**
 * The same methods on several networks and data sets: classification experiments one after the other, each with a
 * report of its own, and a report of all in which methods of one name are one method.
 */
final class SeveralExperiments implements Experiment {
    @Config(mandatory = true, description = "Folder for the report of all.")
    private Path output;

    @Config(description = "What that report is called.")
    private String title = "Several experiments";

    @Config(description = "A paragraph for that report.")
    private String introduction = "";

    @Config(mandatory = true, description = "The experiments; all their tasks and groups have different names.")
    private List<ClassificationExperiment> experiments = new ArrayList<>();

    private SeveralExperiments() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireDifferent(
                    "the output folders of the experiments",
                    experiments.stream().map(one -> one.output().toString()).toList());
            Settings.requireDifferent(
                    "the tasks of the experiments",
                    experiments.stream()
                            .flatMap(one -> one.groups().values().stream().flatMap(List::stream))
                            .toList());
            Settings.requireDifferent(
                    "the groups of the experiments",
                    experiments.stream()
                            .flatMap(one -> one.groups().keySet().stream())
                            .toList());
        });
    }

    @Override
    public Path output() {
        return output;
    }

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        ExperimentReport.Builder all =
                ExperimentReport.of(title).introduction(introduction + " Seconds are for adapting.");
        Map<String, List<TaskResult>> results = new LinkedHashMap<>();
        Map<String, String> descriptions = new LinkedHashMap<>();
        for (int i = 0; i < experiments.size(); i++) {
            progress.progress("experiments", i, experiments.size());
            ClassificationExperiment one = experiments.get(i);
            ExperimentReport report = one.run(progress);
            all.setting(report.title(), report.settings().getOrDefault("Network", ""));
            one.groups().forEach(all::group);
            for (MethodResult method : report.methods()) {
                results.computeIfAbsent(method.name(), unused -> new ArrayList<>())
                        .addAll(method.tasks());
                descriptions.putIfAbsent(method.name(), method.description());
            }
        }
        progress.progress("experiments", experiments.size(), experiments.size());
        results.forEach((name, tasks) -> all.method(name, descriptions.getOrDefault(name, ""), tasks));
        ExperimentReport report = all.section(
                        "Provenance", new ExperimentFiles(output).writeProvenance(getProvenance()))
                .build();
        report.write(output);
        return report;
    }
}
