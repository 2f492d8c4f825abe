package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.MixtureCombiner;
import org.finitentk.table.TableDataSource;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.regression.Regressor;

/** The trainer inside Tribuo's own tools: cross-validation, and an ensemble over bootstrap samples. */
public final class EnsembleAndFolds {
    private EnsembleAndFolds() {}

    /**
     * Runs the example in the project's folder.
     *
     * @param args none
     * @throws IOException if a file cannot be read
     */
    public static void main(String[] args) throws IOException {
        Path pumps = Path.of("examples", "pumps");
        List<String> columns = List.of("load", "temperature", "age");
        var training = new MutableDataset<>(
                TableDataSource.regression(pumps.resolve("pumps.csv"), columns, List.of("pressure")));
        var test = new MutableDataset<>(
                TableDataSource.regression(pumps.resolve("test.csv"), columns, List.of("pressure")));
        Trainer<Regressor> trainer = new FiniteNTKRegressionTrainer(OnnxBackbone.builder(pumps.resolve("network.onnx"))
                .features(columns)
                .build());

        var folds = new CrossValidation<>(trainer, training, new PredictiveRegressionEvaluator(), 5, 1L).evaluate();
        double nlpd = folds.stream()
                .mapToDouble(fold -> fold.getA().averageNLPD())
                .average()
                .orElseThrow();
        System.out.printf("five folds: NLPD %.2f%n", nlpd);

        // The combiner keeps the members' variances; Tribuo's own replaces them by the spread of the members.
        var bagging = new BaggingTrainer<>(trainer, new MixtureCombiner(), 5, 1L);
        var scores = new PredictiveRegressionEvaluator().evaluate(bagging.train(training), test);
        System.out.printf("five members: NLPD %.2f%n", scores.averageNLPD());
    }
}
