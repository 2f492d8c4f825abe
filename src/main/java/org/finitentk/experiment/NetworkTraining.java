package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.io.IOException;
import java.nio.file.Path;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTunedClassificationModel;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.finetune.FineTuningSettings;
import org.finitentk.finetune.Optimizer;
import org.finitentk.finetune.TrainedParameters;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.internal.util.MadeFolders;
import org.finitentk.internal.util.Settings;
import org.finitentk.internal.util.Staging;
import org.finitentk.internal.util.Unfinished;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Dataset;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;

/** How an experiment makes its source network: a fresh classifier, trained by cross-entropy. */
abstract class NetworkTraining implements Configurable, Provenancable<ConfiguredObjectProvenance> {
    @Config(mandatory = true, description = "What the network is trained on.")
    private ConfigurableDataSource<Label> data;

    @Config(description = "Nonlinearity after every layer but the last.")
    private Activation activation = Activation.RELU;

    @Config(description = "The rule of one step.")
    private Optimizer optimizer = new Adam(1e-3);

    @Config(description = "Passes over the data.")
    private int epochs = 5;

    @Config(description = "Examples in one step.")
    private int batchSize = 64;

    @Config(description = "Seed of the initial weights and of the order of the examples.")
    private long seed = 1;

    NetworkTraining() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("epochs", epochs, 1);
            Settings.requireAtLeast("batchSize", batchSize, 1);
        });
    }

    final Activation activation() {
        return activation;
    }

    final long seed() {
        return seed;
    }

    /** The network before it is trained. */
    abstract Graph initial(Dataset<Label> examples);

    /** Its layers in words. */
    abstract String layers(Dataset<Label> examples);

    /** What an example is. */
    abstract String examples();

    /** Trains a network and writes it to the backbone's path. Returns a sentence about it. */
    final String train(OnnxBackbone backbone, ProgressListener progress) throws IOException {
        MutableDataset<Label> examples = new MutableDataset<>(data);
        Path folder = backbone.path().toAbsolutePath().getParent();
        if (folder != null) {
            MadeFolders.at(folder);
        }
        Path initial = backbone.path().resolveSibling("initial.onnx");
        Unfinished untrained = Unfinished.temporary(initial);
        try {
            ModelWriter.write(initial(examples), initial);
            train(initial, examples, backbone, progress);
        } finally {
            Staging.deleteTree(initial);
            untrained.close();
        }
        return layers(examples) + ", trained for " + epochs + " epochs on " + examples.size() + " " + examples()
                + " of the classes "
                + examples.getOutputInfo().getDomain().stream()
                        .map(Label::getLabel)
                        .sorted()
                        .toList();
    }

    private void train(Path initial, MutableDataset<Label> examples, OnnxBackbone backbone, ProgressListener progress)
            throws IOException {
        FineTuningClassificationTrainer trainer = new FineTuningClassificationTrainer(
                OnnxBackbone.builder(initial)
                        .sortedFeatures()
                        .executionSettings(backbone.executionSettings())
                        .build(),
                new FineTuningSettings(
                        optimizer,
                        epochs,
                        batchSize,
                        TrainedParameters.ALL,
                        OutputNames.sorted(OutputNames.of(examples.getOutputInfo())),
                        seed));
        trainer.setProgressListener((stage, done, total) -> progress.progress("source network", done, total));
        try (FineTunedClassificationModel model = trainer.train(examples)) {
            // Without the names in its metadata: recorded runs have the hash of a file that has none.
            ModelWriter.write(NetworkNames.NONE.addTo(model.network()), backbone.path());
        }
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, getClass().getSimpleName());
    }
}
