package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.finitentk.finetune.LayerFeaturesTrainer;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.regression.RbfGaussianProcessTrainer;
import org.finitentk.regression.RbfLengthScales;
import org.tribuo.Trainer;
import org.tribuo.regression.Regressor;

/** A Gaussian process with an RBF kernel, on the features or on a layer of the network. */
final class RbfMethod implements BackboneMethod {
    @Config(mandatory = true, description = "What tables and pictures call it.")
    private String name;

    @Config(description = "A sentence about it for the report.")
    private String description = "";

    @Config(description = "The rows that it learns from: ADAPTATION, or TRAINING, which has the network's own too.")
    private Part rows = Part.ADAPTATION;

    @Config(description = "The layer of the network whose values are the kernel's features; \"\" for the data's.")
    private String layer = "";

    @Config(description = "Which features have a length scale of their own: PER_FEATURE or SHARED.")
    private RbfLengthScales lengthScales = RbfLengthScales.PER_FEATURE;

    @Config(description = "Hyperparameters are learned on at most so many rows; 0 for all.")
    private int learningRows = 1000;

    @Config(description = "No noise variance below this is looked for; 0 for none.")
    private double minimumNoiseVariance;

    @Config(description = "Seed of the searches for hyperparameters and of the rows that they are on.")
    private long seed = 1;

    private RbfMethod() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.require(!name.isBlank(), "name", "'" + name + "'", "a name that heads a row of the table");
            Settings.requireAtLeast("learningRows", learningRows, 0);
            Settings.requireNotNegative("minimumNoiseVariance", minimumNoiseVariance);
            Settings.require(
                    rows == Part.ADAPTATION || rows == Part.TRAINING,
                    "rows",
                    rows,
                    "ADAPTATION or TRAINING, since the others are for the network or for testing");
        });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Part rows() {
        return rows;
    }

    @Override
    public Trainer<Regressor> trainer(OnnxBackbone backbone) {
        RbfGaussianProcessTrainer rbf =
                new RbfGaussianProcessTrainer(lengthScales, learningRows, seed, minimumNoiseVariance);
        return layer.isEmpty()
                ? rbf
                : new LayerFeaturesTrainer<>(
                        OnnxBackbone.builder(backbone.path())
                                .sortedFeatures()
                                .executionSettings(backbone.executionSettings())
                                .outputLayer(layer)
                                .build(),
                        rbf);
    }
}
