package org.finitentk.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.PriorLogits;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.onnx.Pooling;
import org.finitentk.text.TokenTransformer;
import org.finitentk.text.WordpiecePipeline;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.TextFieldProcessor;
import org.tribuo.data.columnar.processors.response.FieldResponseProcessor;
import org.tribuo.data.csv.CSVDataSource;

/** A sentence encoder that has read service messages, adapted to a question about them. */
public final class Messages {
    private static final Path FOLDER = Path.of("examples", "messages");

    private Messages() {}

    /**
     * Runs the example in the project's folder.
     *
     * @param args none
     * @throws IOException if a file cannot be read
     */
    public static void main(String[] args) throws IOException {
        OnnxBackbone encoder = OnnxBackbone.builder(FOLDER.resolve("encoder.onnx"))
                .inputTransformer(new TokenTransformer(FOLDER.resolve("tokenizer.json"), 20))
                .pooling(Pooling.MASKED_MEAN, "")
                .build();
        // The encoder has no outputs of these labels: each label has weights of its own.
        ClassificationSettings settings = ClassificationSettings.DEFAULT.withStructure(
                ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.ZERO);
        try (var model = new FiniteNTKClassificationTrainer(encoder, settings).train(table("messages.csv"))) {
            var test = table("test.csv");
            var scores = new ProbabilisticLabelEvaluator().evaluate(model, test);
            System.out.printf("accuracy %.2f, NLL %.2f%n", scores.accuracy(), scores.nll());
        }
    }

    private static MutableDataset<Label> table(String name) {
        var text = new TextFieldProcessor("message", new WordpiecePipeline(FOLDER.resolve("tokenizer.json")));
        RowProcessor<Label> rows = new RowProcessor.Builder<Label>()
                .setFieldProcessors(List.of(text))
                .build(new FieldResponseProcessor<>("today", "", new LabelFactory()));
        return new MutableDataset<>(new CSVDataSource<>(FOLDER.resolve(name), rows, true));
    }
}
