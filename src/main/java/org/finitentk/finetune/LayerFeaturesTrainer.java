package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.internal.backbone.OutputUse;
import org.finitentk.internal.backbone.TrainingData;
import org.finitentk.internal.backbone.TrainingTask;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.Trainer;

/**
 * Any Tribuo trainer on what a network gives: the backbone's output (its {@code outputLayer} chooses a layer) becomes
 * the features of the inner trainer's examples, named by their numbers. The network stays as it is. What an adaptation
 * of the network has to be compared with.
 *
 * @param <T> Regressor, Label or MultiLabel
 */
public final class LayerFeaturesTrainer<T extends Output<T>> extends NetworkTrainer<T, LayerFeaturesModel<T>> {
    @Config(mandatory = true, description = "What learns from the network's outputs.")
    private Trainer<T> trainer;

    private LayerFeaturesTrainer() {}

    /**
     * A trainer on a layer.
     *
     * @param backbone the network, whose output is the layer
     * @param trainer what learns from its outputs
     */
    public LayerFeaturesTrainer(OnnxBackbone backbone, Trainer<T> trainer) {
        super(backbone, List.of());
        this.trainer = trainer;
    }

    @Override
    protected Supplier<LayerFeaturesModel<T>> fit(Call<T> call) {
        TrainingTask<T> task = new TrainingTask<>(this, call);
        return () -> fit(task);
    }

    private LayerFeaturesModel<T> fit(TrainingTask<T> task) {
        Dataset<T> examples = task.dataset();
        try (TrainingData<T> data = task.open(OutputUse.SHARED)) {
            double[] outputs = data.network().requireFinite(data.network().forward(data.inputs()), data.inputs());
            MutableDataset<T> features = new MutableDataset<>(examples.getProvenance(), examples.getOutputFactory());
            List<Example<T>> made = LayerFeatures.examples(outputs, List.copyOf(examples.getData()));
            made.forEach(features::add);
            Model<T> inner = trainer.train(features, Map.of(), task.invocation());
            data.record("layer-features", outputs.length / examples.size());
            return new LayerFeaturesModel<>(
                    data.metadata("layer-features", modelType()), new LayerFeatures<>(data.serve(), inner));
        }
    }

    @SuppressWarnings("unchecked") // A class knows no type arguments.
    private static <T extends Output<T>> Class<LayerFeaturesModel<T>> modelType() {
        return (Class<LayerFeaturesModel<T>>) (Class<?>) LayerFeaturesModel.class;
    }

    @Override
    public String toString() {
        return "LayerFeaturesTrainer(backbone=" + backbone().path() + ", trainer=" + trainer + ")";
    }
}
