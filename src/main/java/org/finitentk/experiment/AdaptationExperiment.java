package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/**
 * Compares methods on data of one's own: any Tribuo trainers, of this project or not, on any Tribuo data source of
 * numbers or labels. Each method is trained and tested on several random splits of the data, or on all of them and a
 * test set that is given.
 */
final class AdaptationExperiment implements Experiment {
    @Config(mandatory = true, description = "Folder for the results.")
    private Path output;

    @Config(description = "What the report is called.")
    private String title = "Adaptation to new data";

    @Config(description = "A paragraph for the report.")
    private String introduction = "";

    @Config(mandatory = true, description = "The data: outputs are numbers, labels, or several labels.")
    private ConfigurableDataSource<?> data;

    @Config(description = "A test set; none to split the data.")
    private @Nullable ConfigurableDataSource<?> test;

    @Config(mandatory = true, description = "The methods to compare.")
    private List<ComparedMethod> methods = new ArrayList<>();

    @Config(description = "Random splits, at least 1; without a test set.")
    private int splits = 5;

    @Config(description = "Fraction of the data that is for testing; without a test set.")
    private double testFraction = 0.2;

    @Config(description = "Seed of the splits.")
    private long seed = 1;

    private AdaptationExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireDifferent(
                    "methods", methods.stream().map(ComparedMethod::name).toList());
            Settings.requireAtLeast("splits", splits, 1);
            Settings.requireFraction("testFraction", testFraction);
        });
    }

    @Override
    public Path output() {
        return output;
    }

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        Class<?> outputs = data.getOutputFactory().getTypeWitness();
        if (outputs.equals(Regressor.class)) {
            return run(new NumberScores(), progress);
        }
        if (outputs.equals(Label.class)) {
            return run(new LabelScores(), progress);
        }
        if (outputs.equals(MultiLabel.class)) {
            return run(new SeveralLabelsScores(), progress);
        }
        throw new IllegalArgumentException("the data has outputs of " + outputs.getName()
                + "; expected numbers (Regressor), labels (Label) or several labels (MultiLabel)");
    }

    private <T extends Output<T>> ExperimentReport run(Scores<T> scores, ProgressListener progress) throws IOException {
        @SuppressWarnings("unchecked") // Its factory makes such outputs.
        ConfigurableDataSource<T> source = (ConfigurableDataSource<T>) data;
        List<Split<T>> tasks = test == null
                ? Split.random(source, splits, testFraction, seed)
                : List.of(Split.given(source, given(test)));
        Comparison<T> comparison = new Comparison<>(tasks, methods, scores, new ExperimentFiles(output));
        return comparison.run(report(), getProvenance(), progress);
    }

    private <T extends Output<T>> ConfigurableDataSource<T> given(ConfigurableDataSource<?> testSet) {
        Class<?> outputs = data.getOutputFactory().getTypeWitness();
        Class<?> found = testSet.getOutputFactory().getTypeWitness();
        if (!found.equals(outputs)) {
            throw new IllegalArgumentException("the test set has outputs of " + found.getSimpleName()
                    + ", but the data of " + outputs.getSimpleName());
        }
        @SuppressWarnings("unchecked") // Compared just above.
        ConfigurableDataSource<T> same = (ConfigurableDataSource<T>) testSet;
        return same;
    }

    private ExperimentReport.Builder report() {
        return ExperimentReport.of(title)
                .introduction(introduction + " Seconds are for training.")
                .setting("Data", String.valueOf(data))
                .setting(
                        "Tests",
                        test == null
                                ? splits + " random splits, of which " + Math.round(100 * testFraction)
                                        + " % are for testing; seed " + seed
                                : String.valueOf(test));
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "Experiment");
    }
}
