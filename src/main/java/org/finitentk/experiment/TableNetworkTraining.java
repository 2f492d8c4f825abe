package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.ArrayList;
import java.util.List;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.onnx.Graph;
import org.tribuo.Dataset;
import org.tribuo.classification.Label;

/**
 * How an experiment makes its source network: a fresh multilayer perceptron, trained by cross-entropy; for two labels
 * it has one output, the log odds of the second in alphabetical order.
 */
final class TableNetworkTraining extends NetworkTraining {
    @Config(description = "Sizes of the hidden layers.")
    private List<Integer> hiddenSizes = new ArrayList<>(List.of(32, 32));

    private TableNetworkTraining() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> Settings.require(
                hiddenSizes.stream().allMatch(size -> size > 0), "hiddenSizes", hiddenSizes, "positive sizes"));
    }

    private static int outputs(Dataset<Label> examples) {
        int classes = examples.getOutputInfo().size();
        return classes == 2 ? 1 : classes;
    }

    @Override
    Graph initial(Dataset<Label> examples) {
        return NetworkBuilder.mlp(
                examples.getFeatureMap().size(), hiddenSizes, outputs(examples), activation(), seed());
    }

    @Override
    String layers(Dataset<Label> examples) {
        return "hidden layers of " + hiddenSizes + ", " + activation() + ", outputs: " + outputs(examples);
    }

    @Override
    String examples() {
        return "rows";
    }
}
