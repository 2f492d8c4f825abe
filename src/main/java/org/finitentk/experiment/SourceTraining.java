package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuning;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.finetune.Optimizer;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.tribuo.Dataset;
import org.tribuo.regression.Regressor;

/**
 * How an experiment makes its source network: a fresh multilayer perceptron, behind convolutions if there are any,
 * trained by squared error.
 */
final class SourceTraining implements Configurable, Provenancable<ConfiguredObjectProvenance> {
    @Config(
            description =
                    "Channels of 3x3 convolutions before the hidden layers, each followed by the nonlinearity and "
                            + "by pooling that halves the image; the features are then the pixels of a square grey image. "
                            + "Empty for features that are no image.")
    private List<Integer> convolutions = new ArrayList<>();

    @Config(description = "Sizes of the hidden layers.")
    private List<Integer> hiddenSizes = new ArrayList<>(List.of(40, 40));

    @Config(description = "Nonlinearity after every hidden layer.")
    private Activation activation = Activation.TANH;

    @Config(description = "The rule of one step.")
    private Optimizer optimizer = new Adam(1e-2);

    @Config(description = "Passes over the training data.")
    private int epochs = 300;

    @Config(description = "Examples in one step.")
    private int batchSize = 32;

    @Config(description = "Seed of the initial weights and of the order of the examples.")
    private long seed = 1;

    private SourceTraining() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.require(
                    hiddenSizes.stream().allMatch(size -> size > 0), "hiddenSizes", hiddenSizes, "positive sizes");
            Settings.require(
                    convolutions.stream().allMatch(size -> size > 0), "convolutions", convolutions, "positive sizes");
            Settings.requireAtLeast("epochs", epochs, 1);
            Settings.requireAtLeast("batchSize", batchSize, 1);
        });
    }

    /**
     * What came of it.
     *
     * @param steps optimizer steps
     * @param loss mean of the last epoch
     */
    record Trained(long steps, double loss) {}

    /** The layers in a word, e.g. 1-40-40-1 tanh, or 784-c8-c16-32-1 relu with convolutions. */
    String architecture(String inputs) {
        return Stream.of(
                                Stream.of(inputs),
                                convolutions.stream().map(size -> "c" + size),
                                hiddenSizes.stream().map(size -> Integer.toString(size)),
                                Stream.of("1"))
                        .flatMap(s -> s)
                        .collect(Collectors.joining("-"))
                + " " + activation.name().toLowerCase(Locale.ROOT);
    }

    /** Writes the network as it is before training. */
    void writeInitial(int features, OnnxBackbone backbone) {
        ModelWriter.write(initial(features), backbone.path());
    }

    private Graph initial(int features) {
        NetworkBuilder builder = NetworkBuilder.withSeed(seed);
        if (convolutions.isEmpty()) {
            builder.features(features);
        } else {
            int side = (int) Math.round(Math.sqrt(features));
            if (side * side != features) {
                throw new IllegalArgumentException("a network with convolutions takes square images, but the data have "
                        + features + " features, which is no square number");
            }
            builder.images(1, side, side);
        }
        for (int channels : convolutions) {
            builder.convolution(channels, 3, 1, 1).activation(activation).maxPool(2);
        }
        for (int size : hiddenSizes) {
            builder.dense(size).activation(activation);
        }
        return builder.dense(1).build();
    }

    /** Trains a network on the data and writes it to the backbone's path. */
    Trained train(Dataset<Regressor> data, OnnxBackbone backbone, ProgressListener progress) {
        Graph initial = initial(data.getFeatureMap().size());
        try (LinearizedNetwork network =
                RunningNetwork.of(initial, ParameterSelection.DEFAULT, backbone.executionSettings())) {
            InputMapping mapping = backbone.inputMapping(data, network);
            double[] targets = RegressionTargets.of(data, OutputNames.sorted(OutputNames.of(data.getOutputInfo())));
            FineTuning.Result result = new FineTuning(FineTuning.Loss.SQUARED_ERROR, optimizer, epochs, batchSize)
                    .train(
                            network,
                            mapping.toExamples(List.copyOf(data.getData())),
                            targets,
                            null,
                            seed,
                            (stage, done, total) -> progress.progress("source network", done, total));
            ModelWriter.write(FineTuning.graph(initial, network.parameters(), result.parameters()), backbone.path());
            return new Trained(result.steps(), result.finalLoss());
        }
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "SourceTraining");
    }
}
