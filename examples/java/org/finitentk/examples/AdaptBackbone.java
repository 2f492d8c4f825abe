package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.experiment.SinusoidDataSource;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTunedRegressionModel;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.regression.FiniteNTKRegressionModel;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionSettings;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;

/**
 * Adapts a trained network to a new regression task without fine-tuning it. After {@code mvn -q -DskipTests package}:
 *
 * <pre>{@code
 * java -cp "target/tribuo-finite-ntk.jar:target/lib/*" examples/java/org/finitentk/examples/AdaptBackbone.java
 * }</pre>
 */
public final class AdaptBackbone {
    private AdaptBackbone() {}

    /**
     * Runs the example.
     *
     * @param args a folder for the files it writes; a temporary one if there is none
     * @throws IOException if they cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path folder = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("adapt-backbone");
        Path network = folder.resolve("source.onnx");
        trainSource(network);

        // A new task, of which we know fifteen points.
        SinusoidDataSource.Curve curve = new SinusoidDataSource.Curve(2, 1.2, 0.5);
        MutableDataset<Regressor> training = new MutableDataset<>(new SinusoidDataSource(curve, 0.05, -5, 5, 15, 1));
        MutableDataset<Regressor> test = new MutableDataset<>(new SinusoidDataSource(curve, 0.05, -5, 5, 100, 2));

        // The prior mean is a constant, since the new task is not what the network was trained for; both variances
        // maximize the marginal likelihood.
        RegressionSettings settings = RegressionSettings.DEFAULT.withMean(MeanFunction.CONSTANT);
        OnnxBackbone backbone = new OnnxBackbone(network);
        try (FiniteNTKRegressionModel model = new FiniteNTKRegressionTrainer(backbone, settings).train(training)) {
            Prediction<Regressor> first = model.predict(test.getExample(0));
            System.out.println("first prediction: " + first.getOutput());
            System.out.println(new RegressionEvaluator().evaluate(model, test));
            System.out.println(new PredictiveRegressionEvaluator().evaluate(model, test));
            print(model.getProvenance());
            model.serializeToFile(folder.resolve("adapted.tribuo"));
            System.out.println("the stored model predicts the same: "
                    + predictsTheSame(Model.deserializeFromFile(folder.resolve("adapted.tribuo")), model, test));
        }
    }

    /** In your project this is a file that you have. */
    private static void trainSource(Path file) {
        ModelWriter.write(NetworkBuilder.mlp(1, List.of(40, 40), 1, Activation.TANH, 1), file);
        MutableDataset<Regressor> data = new MutableDataset<>(
                new SinusoidDataSource(new SinusoidDataSource.Curve(1, 1, 0), 0.01, -5, 5, 200, 3));
        try (FineTunedRegressionModel trained =
                new FineTuningRegressionTrainer(new OnnxBackbone(file), new Adam(1e-2), 100, 20).train(data)) {
            ModelWriter.write(trained.network(), file);
        }
    }

    private static void print(ModelProvenance provenance) {
        System.out.println("what training found:");
        provenance
                .getInstanceProvenance()
                .forEach(found -> System.out.println("  " + found.getA() + " = " + found.getB()));
        System.out.println("from which the model can be trained again:\n  " + provenance);
    }

    private static boolean predictsTheSame(
            Model<?> loaded, FiniteNTKRegressionModel model, MutableDataset<Regressor> test) {
        Regressor other =
                loaded.castModel(Regressor.class).predict(test.getExample(0)).getOutput();
        return other.getValues()[0]
                == model.predict(test.getExample(0)).getOutput().getValues()[0];
    }
}
