package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.Graph;
import org.finitentk.testing.TrainerBattery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.example.LabelledDataGenerator;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.test.Helpers;

final class FiniteNTKClassificationTrainerTest extends TrainerBattery<Label> {
    private static final List<String> LABELS = List.of("Bar", "Baz", "Foo", "Quux");

    @Override
    protected Class<Label> outputClass() {
        return Label.class;
    }

    @Override
    protected Trainer<Label> trainer(OnnxBackbone backbone) {
        return new FiniteNTKClassificationTrainer(backbone, ClassificationSettings.DEFAULT, LABELS);
    }

    @Override
    protected List<String> findings() {
        return List.of(
                "solver",
                "solver-reason",
                "output-structure",
                "prior-logits",
                "probabilities",
                "prior-variance",
                "objective",
                "inference-steps",
                "label-0",
                "output-mapping",
                "output-mapping-basis",
                "output-mapping-reason");
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
        return new ProbabilisticLabelEvaluator();
    }

    @Override
    protected double[] numbers(Prediction<Label> prediction) {
        return prediction.getOutputScores().values().stream()
                .mapToDouble(Label::getScore)
                .toArray();
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void everyInferenceLearnsTheClassesAndSurvivesStorage(Inference inference) {
        Data<Label> data = dense();
        for (ClassStructure structure : List.of(ClassStructure.MATCHED, ClassStructure.SHARED)) {
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .with(inference)
                    .withStructure(structure, ClassificationSettings.SUM, PriorLogits.AUTO);
            Model<Label> model =
                    new FiniteNTKClassificationTrainer(backbone(data.train()), settings, LABELS).train(data.train());
            LabelEvaluation evaluation = new LabelEvaluator().evaluate(model, data.train());
            assertTrue(evaluation.accuracy() >= 0.75, structure + ": " + evaluation);
            ProbabilisticLabelEvaluation scores = new ProbabilisticLabelEvaluator().evaluate(model, data.train());
            assertEquals(evaluation.accuracy(), scores.accuracy(), 1e-12);
            assertTrue(scores.nll() < Math.log(4), scores.toString());
            List<Prediction<Label>> predictions = model.predict(data.test());
            for (Prediction<Label> prediction : predictions) {
                assertTrue(prediction.hasProbabilities());
                assertEquals(
                        1,
                        prediction.getOutputScores().values().stream()
                                .mapToDouble(Label::getScore)
                                .sum(),
                        1e-12);
            }
            Model<Label> loaded = Helpers.testModelProtoSerialization(model, Label.class, data.test(), 0);
            assertEquals(numbers(predictions), numbers(loaded.predict(data.test())));
        }
    }

    /** What goes through the network at once, and on how many threads, changes rounding only. */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void chunkSizesDoNotMatter(Inference inference) {
        Data<Label> data = dense();
        Path path = backbone(data.train()).path();
        ExecutionSettings few = ExecutionSettings.DEFAULT.withMemoryBudget(20_000);
        ClassificationSettings settings = ClassificationSettings.DEFAULT.with(inference);
        double[] expected = probabilities(
                new FiniteNTKClassificationTrainer(
                        OnnxBackbone.builder(path).sortedFeatures().build(), settings, LABELS),
                data);
        double[] found = probabilities(
                new FiniteNTKClassificationTrainer(
                        OnnxBackbone.builder(path)
                                .sortedFeatures()
                                .executionSettings(few)
                                .build(),
                        settings,
                        LABELS),
                data);
        assertArrayEquals(expected, found, 1e-4);
    }

    private static double[] probabilities(FiniteNTKClassificationTrainer trainer, Data<Label> data) {
        Model<Label> model = trainer.train(data.train());
        return model.predict(data.test()).stream()
                .flatMapToDouble(prediction ->
                        prediction.getOutputScores().values().stream().mapToDouble(Label::getScore))
                .toArray();
    }

    @Test
    void aLayerGivesTheKernel() {
        Dataset<Label> data = dense().train();
        Graph graph = NetworkBuilder.mlp(data.getFeatureMap().size(), List.of(8, 6), 2, Activation.TANH, 3);
        String layer = graph.nodes().stream()
                .filter(node -> node.op().equals("Tanh"))
                .reduce((first, last) -> last)
                .orElseThrow()
                .outputs()
                .get(0);
        OnnxBackbone whole = backbone(graph);
        OnnxBackbone cut = OnnxBackbone.builder(whole.path())
                .sortedFeatures()
                .outputLayer(layer)
                .build();
        for (int shared : new int[] {ClassificationSettings.SUM, 5}) {
            ClassificationSettings settings =
                    ClassificationSettings.DEFAULT.withStructure(ClassStructure.SHARED, shared, PriorLogits.AUTO);
            Model<Label> model = new FiniteNTKClassificationTrainer(cut, settings).train(data);
            assertTrue(new LabelEvaluator().evaluate(model, data).accuracy() >= 0.75);
            Helpers.testModelProtoSerialization(model, Label.class, dense().test(), 0);
        }
        ClassificationSettings missing =
                ClassificationSettings.DEFAULT.withStructure(ClassStructure.SHARED, 5, PriorLogits.AUTO);
        assertRefused("the shared output is 5", () -> new FiniteNTKClassificationTrainer(whole, missing).train(data));
    }

    @Test
    void classesAndOutputsAreChecked() {
        Dataset<Label> data = dense().train();
        OnnxBackbone wide =
                backbone(NetworkBuilder.mlp(data.getFeatureMap().size(), List.of(6), 7, Activation.TANH, 3));
        ClassificationSettings matched = ClassificationSettings.DEFAULT.withStructure(
                ClassStructure.MATCHED, ClassificationSettings.SUM, PriorLogits.AUTO);
        assertRefused("the network's 7 outputs", () -> new FiniteNTKClassificationTrainer(wide, matched).train(data));
        assertRefused(
                "the shared output is 9",
                () -> new FiniteNTKClassificationTrainer(
                                wide, matched.withStructure(ClassStructure.SHARED, 9, PriorLogits.AUTO))
                        .train(data));
        assertRefused(
                "the prior logits are NETWORK",
                () -> new FiniteNTKClassificationTrainer(
                                wide, matched.withStructure(ClassStructure.SHARED, 0, PriorLogits.NETWORK))
                        .train(data));
        assertRefused(
                "the output order lists",
                () -> new FiniteNTKClassificationTrainer(wide, ClassificationSettings.DEFAULT, List.of("other"))
                        .train(data));
        assertRefused(
                "LOW_RANK",
                () -> ClassificationSettings.DEFAULT
                        .with(Inference.FULL_COVARIANCE)
                        .withCovariance(new ClassificationSettings.Covariance(
                                CovarianceSolver.LOW_RANK, 512, 32, 50, 1e-6, 50, 1e-6, 0)));
    }
}
