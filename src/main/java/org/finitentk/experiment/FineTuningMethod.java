package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.FineTuningSettings;
import org.finitentk.finetune.Optimizer;
import org.finitentk.finetune.TrainedParameters;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.Trainer;
import org.tribuo.regression.Regressor;

/** Fine-tuning of all parameters, of the last layer or of none, with one variance for all inputs. */
final class FineTuningMethod implements BackboneMethod {
    @Config(mandatory = true, description = "What tables and pictures call it.")
    private String name;

    @Config(description = "A sentence about it for the report.")
    private String description = "";

    @Config(description = "Which of the network's parameters are trained: ALL, LAST_LAYER or NONE.")
    private TrainedParameters trainedParameters = TrainedParameters.ALL;

    @Config(description = "The rule of one step.")
    private Optimizer optimizer = new Adam(1e-3);

    @Config(description = "Passes over the data.")
    private int epochs = 100;

    @Config(description = "Examples in one step.")
    private int batchSize = 32;

    @Config(
            description = "Fraction of the data that is held out of a first training to take the variance on; 0 "
                    + "takes it on the data that is fitted.")
    private double heldOutFraction = 0.2;

    @Config(description = "Seed of the order of the examples and of which are held out.")
    private long seed = Trainer.DEFAULT_SEED;

    private FineTuningMethod() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.require(!name.isBlank(), "name", "'" + name + "'", "a name that heads a row of the table");
            Settings.requireAtLeast("epochs", epochs, 1);
            Settings.requireAtLeast("batchSize", batchSize, 1);
            Settings.requireFractionOrZero("heldOutFraction", heldOutFraction);
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
    public Trainer<Regressor> trainer(OnnxBackbone backbone) {
        return new FineTuningRegressionTrainer(
                backbone,
                new FineTuningSettings(optimizer, epochs, batchSize, trainedParameters, List.of(), seed),
                true,
                heldOutFraction);
    }
}
