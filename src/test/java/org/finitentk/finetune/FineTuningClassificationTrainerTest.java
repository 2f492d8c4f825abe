package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.junit.jupiter.api.Test;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.example.LabelledDataGenerator;
import org.tribuo.evaluation.Evaluator;

final class FineTuningClassificationTrainerTest extends FineTuningBattery<Label> {
    @Override
    protected Class<Label> outputClass() {
        return Label.class;
    }

    @Override
    FineTuningTrainer<Label, ?> trainer(OnnxBackbone backbone, Optimizer optimizer, int epochs, int batchSize) {
        return new FineTuningClassificationTrainer(backbone, optimizer, epochs, batchSize);
    }

    @Override
    protected Data<Label> dense() {
        return new Data<>("dense", LabelledDataGenerator.denseTrainTest());
    }

    @Override
    protected Data<Label> sparse() {
        return new Data<>("sparse", LabelledDataGenerator.sparseTrainTest());
    }

    @Override
    protected Example<Label> emptyExample() {
        return LabelledDataGenerator.emptyExample();
    }

    @Override
    protected Example<Label> invalidExample() {
        return LabelledDataGenerator.invalidSparseExample();
    }

    @Override
    protected int outputs(Dataset<Label> data) {
        return data.getOutputInfo().size();
    }

    @Override
    protected Evaluator<Label, ?> evaluator() {
        return new LabelEvaluator();
    }

    @Override
    protected double[] numbers(Prediction<Label> prediction) {
        return prediction.getOutputScores().values().stream()
                .mapToDouble(Label::getScore)
                .toArray();
    }

    @Test
    void classesAreLearnedAndProbabilitiesSumToOne() {
        Data<Label> data = dense();
        Model<Label> model =
                trainer(backbone(data.train()), new Adam(1e-2), 100, 5).train(data.train());
        LabelEvaluation evaluation = new LabelEvaluator().evaluate(model, data.train());
        assertTrue(evaluation.accuracy() > 0.9, evaluation.toString());
        for (Prediction<Label> prediction : model.predict(data.test())) {
            assertTrue(prediction.hasProbabilities());
            assertEquals(
                    1,
                    prediction.getOutputScores().values().stream()
                            .mapToDouble(Label::getScore)
                            .sum(),
                    1e-12);
            double best = prediction.getOutputScores().values().stream()
                    .mapToDouble(Label::getScore)
                    .max()
                    .orElseThrow();
            assertEquals(best, prediction.getOutput().getScore());
        }
    }

    @Test
    void theOrderOfLabelsCanBeGiven() {
        Dataset<Label> data = dense().train();
        List<String> order = List.of("Quux", "Foo", "Baz", "Bar");
        FineTuningClassificationTrainer trainer = new FineTuningClassificationTrainer(
                backbone(data), new FineTuningSettings(new Adam(1e-2), 2, 5, TrainedParameters.LAST_LAYER, order, 7));
        assertEquals(
                order,
                assertInstanceOf(FineTunedClassificationModel.class, trainer.train(data))
                        .outputNames());
        Dataset<Label> standard = dense().train();
        FineTunedClassificationModel byName = assertInstanceOf(
                FineTunedClassificationModel.class, trainer(standard).train(standard));
        assertEquals(List.of("Bar", "Baz", "Foo", "Quux"), byName.outputNames());
    }
}
