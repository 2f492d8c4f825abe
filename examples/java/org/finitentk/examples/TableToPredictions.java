package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.regression.FiniteNTKRegressionModel;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.table.TableDataSource;
import org.tribuo.Model;
import org.tribuo.MutableDataset;

/**
 * What the commands {@code train}, {@code predict} and {@code evaluate} do, in Java. After {@code mvn -q -DskipTests
 * package}:
 *
 * <pre>{@code
 * java -cp "target/tribuo-finite-ntk.jar:target/lib/*" examples/java/org/finitentk/examples/TableToPredictions.java
 * }</pre>
 */
public final class TableToPredictions {
    private TableToPredictions() {}

    /**
     * Runs the example.
     *
     * @param args the file for the model; {@code pumps.tribuo} if there is none
     * @throws IOException if it cannot be written
     */
    public static void main(String[] args) throws IOException {
        Path stored = Path.of(args.length > 0 ? args[0] : "pumps.tribuo");
        Path pumps = Path.of("examples", "pumps");
        List<String> features = List.of("load", "temperature", "age"); // in the order of the network's inputs
        List<String> targets = List.of("pressure");

        OnnxBackbone network = OnnxBackbone.builder(pumps.resolve("network.onnx"))
                .features(features)
                .build();
        var training = new MutableDataset<>(TableDataSource.regression(pumps.resolve("pumps.csv"), features, targets));
        try (FiniteNTKRegressionModel model = new FiniteNTKRegressionTrainer(network).train(training)) {
            model.serializeToFile(stored);
        }

        var model = Model.deserializeFromFile(stored).castModel(org.tribuo.regression.Regressor.class);
        var test = new MutableDataset<>(TableDataSource.regression(pumps.resolve("test.csv"), features, targets));
        model.predict(test).forEach(prediction -> System.out.println(prediction.getOutput()));
        System.out.println(new PredictiveRegressionEvaluator().evaluate(model, test));
    }
}
