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

/** How an experiment makes its source network: a fresh convolutional network, trained by cross-entropy. */
final class ImageNetworkTraining extends NetworkTraining {
    @Config(description = "Channels of an image.")
    private int channels = 1;

    @Config(description = "Rows and columns of an image.")
    private int side = 28;

    @Config(
            description =
                    "Channels of the convolutions, each followed by the activation and, but for the last, by pooling.")
    private List<Integer> convolutions = new ArrayList<>(List.of(16, 32));

    @Config(description = "Residual blocks of two convolutions after each of these, with as many channels.")
    private int residualBlocks = 0;

    private ImageNetworkTraining() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> {
            Settings.requireAtLeast("channels", channels, 1);
            Settings.requireAtLeast("side", side, 1);
            Settings.requireAtLeast("residualBlocks", residualBlocks, 0);
            boolean possible = !convolutions.isEmpty() && convolutions.stream().allMatch(size -> size > 0);
            Settings.require(possible, "convolutions", convolutions, "at least one, all positive");
        });
    }

    @Override
    Graph initial(Dataset<Label> examples) {
        int classes = examples.getOutputInfo().size();
        NetworkBuilder network = NetworkBuilder.withSeed(seed()).images(channels, side, side);
        for (int out : convolutions) {
            network.convolutions(List.of(out), activation());
            for (int i = 0; i < residualBlocks; i++) {
                network.residual(block -> block.convolution(out, 3, 1, 1)
                                .activation(activation())
                                .convolution(out, 3, 1, 1))
                        .activation(activation());
            }
        }
        return network.dense(classes).build();
    }

    @Override
    String layers(Dataset<Label> examples) {
        String blocks = residualBlocks == 0 ? "" : ", each before " + residualBlocks + " residual blocks";
        return "convolutions of " + convolutions + " channels" + blocks + ", " + activation() + ", "
                + examples.getOutputInfo().size() + " outputs";
    }

    @Override
    String examples() {
        return "images";
    }
}
