package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.onnx.Graph;
import org.finitentk.testing.TrainerBattery;
import org.junit.jupiter.api.Test;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.Trainer;

/** What both fine-tuning trainers are tested for. */
abstract class FineTuningBattery<T extends Output<T>> extends TrainerBattery<T> {
    abstract FineTuningTrainer<T, ?> trainer(OnnxBackbone backbone, Optimizer optimizer, int epochs, int batchSize);

    @Override
    protected final Trainer<T> trainer(OnnxBackbone backbone) {
        return trainer(backbone, new Adam(1e-2), 5, 3);
    }

    @Override
    protected final List<String> findings() {
        return List.of("steps", "first-epoch-loss", "last-epoch-loss");
    }

    @Test
    void stepsAreCounted() {
        Dataset<T> data = dense().train();
        assertEquals(
                Integer.toString(5 * ((data.size() - 1) / 3 + 1)),
                findings(trainer(data).train(data)).get("steps"));
    }

    @Test
    void trainingReducesTheLoss() {
        Dataset<T> data = dense().train();
        Model<T> model = trainer(backbone(data), new Adam(0.05), 60, 5).train(data);
        Map<String, String> found = findings(model);
        double first = Double.parseDouble(found.getOrDefault("first-epoch-loss", "none"));
        double last = Double.parseDouble(found.getOrDefault("last-epoch-loss", "none"));
        assertTrue(last < 0.7 * first, first + " to " + last);
    }

    @Test
    void invocationsDiffer() {
        Dataset<T> data = dense().train();
        Trainer<T> trainer = trainer(data);
        List<Prediction<T>> first = trainer.train(data).predict(data);
        List<Prediction<T>> second = trainer.train(data).predict(data);
        assertNotEquals(numbers(first), numbers(second));
    }

    @Test
    void badSettingsAreNamed() {
        Dataset<T> data = dense().train();
        Graph many = NetworkBuilder.mlp(data.getFeatureMap().size(), List.of(6), 19, Activation.TANH, 3);
        assertRefused(
                "19 outputs",
                () -> trainer(backbone(many), new Adam(1e-2), 1, 1).train(data));
        assertRefused(
                "training diverged",
                () -> trainer(backbone(data), new StochasticGradientDescent(1e300, 0), 5, 5)
                        .train(data));
        assertThrows(PropertyException.class, () -> trainer(backbone(data), new Adam(1e-2), 0, 1));
        assertThrows(PropertyException.class, () -> trainer(backbone(data), new Adam(1e-2), 1, 0));
    }

    @Test
    void progressIsTold() {
        Dataset<T> data = dense().train();
        FineTuningTrainer<T, ?> trainer = trainer(backbone(data), new Adam(1e-2), 5, 3);
        List<Long> seen = new ArrayList<>();
        trainer.setProgressListener((stage, done, total) -> seen.add(total));
        trainer.train(data);
        assertEquals((long) seen.size(), seen.get(0));
    }
}
