package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.table.TableDataSource;
import org.tribuo.MutableDataset;

/** A trained network, a table of another plant's pumps, a prediction with its uncertainty. */
public final class FirstSteps {
    private FirstSteps() {}

    /**
     * Runs the example in the project's folder.
     *
     * @param args none
     * @throws IOException if a file cannot be read
     */
    public static void main(String[] args) throws IOException {
        Path pumps = Path.of("examples", "pumps");
        List<String> columns = List.of("load", "temperature", "age"); // in the order of the network's inputs
        var training = new MutableDataset<>(
                TableDataSource.regression(pumps.resolve("pumps.csv"), columns, List.of("pressure")));
        var test = new MutableDataset<>(
                TableDataSource.regression(pumps.resolve("test.csv"), columns, List.of("pressure")));

        var network = OnnxBackbone.builder(pumps.resolve("network.onnx"))
                .features(columns)
                .build();
        try (var model = new FiniteNTKRegressionTrainer(network).train(training)) {
            var pump = model.predict(test.getExample(0)).getOutput();
            System.out.printf("%.2f, variance %.4f%n", pump.getValues()[0], pump.getVariances()[0]);
            System.out.printf(
                    "R2 %.2f%n",
                    new PredictiveRegressionEvaluator().evaluate(model, test).averageR2());
        }
    }
}
