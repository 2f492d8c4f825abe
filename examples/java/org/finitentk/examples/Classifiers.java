package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.table.TableDataSource;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;

/**
 * Two classifiers that PyTorch exported, adapted to another plant: one with an output for each of three labels, one
 * with a single output, the log odds of an alarm.
 */
public final class Classifiers {
    private static final List<String> COLUMNS = List.of("load", "temperature", "age");

    private Classifiers() {}

    /**
     * Runs the example in the project's folder.
     *
     * @param args none
     * @throws IOException if a file cannot be read
     */
    public static void main(String[] args) throws IOException {
        Path pumps = Path.of("examples", "pumps");
        // This file says in its metadata which column each input is and which label each output is.
        adapt(OnnxBackbone.builder(pumps.resolve("state.onnx")).build(), "state");
        // This one says nothing: columns are given, and "yes" is evidently the label whose log odds the output is.
        adapt(
                OnnxBackbone.builder(pumps.resolve("alarm.onnx"))
                        .features(COLUMNS)
                        .build(),
                "alarm");
    }

    private static void adapt(OnnxBackbone network, String target) throws IOException {
        try (var model = new FiniteNTKClassificationTrainer(network).train(table("pumps.csv", target))) {
            var test = table("test.csv", target);
            var scores = new ProbabilisticLabelEvaluator().evaluate(model, test);
            System.out.printf("%s: accuracy %.2f, NLL %.2f%n", target, scores.accuracy(), scores.nll());
            model.predict(test.getExample(0))
                    .getOutputScores()
                    .forEach((label, score) -> System.out.printf("  %s %.2f%n", label, score.getScore()));
        }
    }

    private static MutableDataset<Label> table(String name, String target) {
        return new MutableDataset<>(
                TableDataSource.classification(Path.of("examples", "pumps", name), COLUMNS, target));
    }
}
