package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputUse;
import org.finitentk.backbone.TrainingData;
import org.finitentk.backbone.TrainingTask;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.regression.Regressor;

/**
 * Any Tribuo trainer of regressions on what a network gives: the backbone's output (its {@code outputLayer} chooses a
 * layer) becomes the features of the inner trainer's examples, named by their numbers. The network stays as it is. What
 * an adaptation of the network has to be compared with.
 */
public final class LayerFeaturesTrainer extends NetworkTrainer<Regressor, LayerFeaturesModel> {
    @Config(mandatory = true, description = "What learns from the network's outputs.")
    private Trainer<Regressor> trainer;

    private LayerFeaturesTrainer() {}

    /**
     * A trainer on a layer.
     *
     * @param backbone the network, whose output is the layer
     * @param trainer what learns from its outputs
     */
    public LayerFeaturesTrainer(OnnxBackbone backbone, Trainer<Regressor> trainer) {
        super(backbone, List.of());
        this.trainer = trainer;
    }

    @Override
    protected Function<TrainingTask<Regressor>, LayerFeaturesModel> fit() {
        return this::fit;
    }

    private LayerFeaturesModel fit(TrainingTask<Regressor> task) {
        Dataset<Regressor> examples = task.dataset();
        try (TrainingData<Regressor> data = task.open(OutputUse.SHARED)) {
            double[] outputs = data.network().requireFinite(data.network().forward(data.inputs()), data.inputs());
            MutableDataset<Regressor> features =
                    new MutableDataset<>(examples.getProvenance(), examples.getOutputFactory());
            List<Example<Regressor>> made = LayerFeatures.examples(outputs, List.copyOf(examples.getData()));
            made.forEach(features::add);
            Model<Regressor> inner = trainer.train(features, Map.of(), task.invocation());
            data.record("layer-features", outputs.length / examples.size());
            return new LayerFeaturesModel(
                    data.metadata("layer-features", LayerFeaturesModel.class), new LayerFeatures(data.serve(), inner));
        }
    }

    @Override
    public String toString() {
        return "LayerFeaturesTrainer(backbone=" + backbone().path() + ", trainer=" + trainer + ")";
    }
}
