package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.Inference;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.finitentk.provenance.ReproductionResult.RecordedFile;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.MixtureCombiner;
import org.finitentk.regression.RbfGaussianProcessTrainer;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.VarianceKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.DataSource;
import org.tribuo.Dataset;
import org.tribuo.ImmutableDataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.dtree.impurity.GiniIndex;
import org.tribuo.classification.ensemble.AdaBoostTrainer;
import org.tribuo.dataset.DatasetView;
import org.tribuo.dataset.MinimumCardinalityDataset;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.evaluation.KFoldSplitter;
import org.tribuo.evaluation.TrainTestSplitter;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.baseline.DummyRegressionTrainer;
import org.tribuo.regression.ensemble.AveragingCombiner;
import org.tribuo.regression.example.RegressionDataGenerator;
import org.tribuo.regression.sgd.linear.LinearSGDTrainer;
import org.tribuo.regression.sgd.objectives.SquaredLoss;
import org.tribuo.transform.TransformTrainer;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.transformations.MeanStdDevTransformation;

final class ReproductionTest {
    @TempDir
    Path folder = Path.of("");

    private TrainingData data;

    @BeforeEach
    void writeData() throws IOException {
        data = TrainingData.in(folder);
    }

    /** The model that a trainer makes after it has made one already. */
    private static <T extends Output<T>> Model<T> second(Trainer<T> trainer, Dataset<T> examples) {
        trainer.train(examples);
        return trainer.train(examples);
    }

    private FineTuningRegressionTrainer fineTuning() {
        return new FineTuningRegressionTrainer(data.backbone(1), new Adam(1e-2), 3, 7);
    }

    private Model<Regressor> fineTuned() {
        return second(fineTuning(), new MutableDataset<>(data.regression()));
    }

    private static TransformationMap standardization() {
        return new TransformationMap(List.of(new MeanStdDevTransformation(0, 1)));
    }

    private Map<String, Model<?>> models() {
        MutableDataset<Regressor> regression = new MutableDataset<>(data.regression());
        MutableDataset<Label> classification = new MutableDataset<>(data.classification());
        DataSource<Regressor> half = new TrainTestSplitter<>(data.regression(), 0.5, 8).getTest();
        MutableDataset<Regressor> transformed = new MutableDataset<>(data.regression());
        transformed.transform(transformed.createTransformers(standardization()));
        Map<String, Model<?>> models = new LinkedHashMap<>();
        models.put("fine-tuned regression", fineTuned());
        models.put(
                "fine-tuned classification",
                second(new FineTuningClassificationTrainer(data.backbone(2), new Adam(1e-2), 3, 7), classification));
        models.put("tangent kernel", second(new FiniteNTKRegressionTrainer(data.backbone(1)), regression));
        models.put("RBF kernel", second(new RbfGaussianProcessTrainer(), regression));
        for (Inference inference : Inference.values()) {
            models.put(
                    "classifier by " + inference,
                    second(
                            new FiniteNTKClassificationTrainer(
                                    data.backbone(2), ClassificationSettings.DEFAULT.with(inference)),
                            classification));
        }
        models.put(
                "tangent kernel on standardized split data",
                second(
                        new TransformTrainer<>(new FiniteNTKRegressionTrainer(data.backbone(1)), standardization()),
                        new MutableDataset<>(half)));
        models.put(
                "ensemble of tangent kernels",
                second(
                        new BaggingTrainer<>(
                                new FiniteNTKRegressionTrainer(data.backbone(1)), new AveragingCombiner(), 2, 6),
                        regression));
        models.put("random values", second(DummyRegressionTrainer.createGaussianTrainer(5), regression));
        models.put("random labels", second(DummyClassifierTrainer.createStratifiedTrainer(5), classification));
        models.put(
                "Tribuo's linear regression",
                second(new LinearSGDTrainer(new SquaredLoss(), new AdaGrad(0.1), 4, 5, 6L), regression));
        models.put(
                "Tribuo's random subtrees",
                second(new CARTClassificationTrainer(3, 2, 0, 0.5f, true, new GiniIndex(), 7L), classification));
        models.put("ensemble", second(new BaggingTrainer<>(fineTuning(), new AveragingCombiner(), 3, 6), regression));
        models.put("transforming trainer", second(new TransformTrainer<>(fineTuning(), standardization()), regression));
        models.put("transformed data", second(fineTuning(), transformed));
        models.put("split data", second(fineTuning(), new MutableDataset<>(half)));
        models.put("frequent features", second(fineTuning(), new MinimumCardinalityDataset<>(regression, 2)));
        models.put("copy that does not change", second(fineTuning(), ImmutableDataset.copyDataset(regression)));
        models.put(
                "boosting",
                second(
                        new AdaBoostTrainer(new FiniteNTKClassificationTrainer(data.backbone(2)), 2, 6),
                        classification));
        models.put(
                "fold",
                second(
                        fineTuning(),
                        new KFoldSplitter<Regressor>(4, 9)
                                .split(regression, true)
                                .next()
                                .train));
        models.put("bootstrap sample", second(fineTuning(), DatasetView.createBootstrapView(regression, 30, 12)));
        return models;
    }

    @TestFactory
    Stream<DynamicTest> modelsAreTrainedAgainToTheLastBit() {
        return models().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    Path file = folder.resolve("model.pb");
                    ModelFile.write(entry.getValue(), file);
                    ReproductionResult result = Reproduction.read(file).reproduce(ProgressListener.NONE);
                    assertTrue(result.contentCompared());
                    assertEquals(
                            List.of(),
                            result.differences().stream()
                                    .filter(d -> d.kind() != Kind.ENVIRONMENT)
                                    .toList());
                    assertTrue(
                            result.files().stream()
                                    .anyMatch(
                                            f -> f.location().equals(data.csv().toString())),
                            result.files().toString());
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyFormOfAModelIsRead() throws IOException {
        Model<Regressor> model = fineTuned();
        Path json = folder.resolve("provenance.json");
        Path java = folder.resolve("model.ser");
        Path protobuf = folder.resolve("model.pb");
        ProvenanceFile.write(model, json);
        ModelFile.write(model, protobuf);
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(java))) {
            out.writeObject(model);
        }
        return Stream.of(json, java, protobuf)
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    Reproduction reproduction = Reproduction.read(file);
                    assertEquals(model.getProvenance(), reproduction.provenance());
                    ReproductionResult result = reproduction.reproduce(ProgressListener.NONE);
                    assertTrue(result.identical(), result.differences().toString());
                    assertEquals(!file.equals(json), result.contentCompared());
                    assertEquals(
                            List.of("network1.onnx", "table.csv"),
                            result.files().stream()
                                    .map(f ->
                                            Path.of(f.location()).getFileName().toString())
                                    .sorted()
                                    .toList());
                    @SuppressWarnings("unchecked") // it was made from a regression's provenance
                    Model<Regressor> again = (Model<Regressor>) result.model();
                    assertEquals(
                            List.of(), ModelComparison.compare(model, again, new MutableDataset<>(data.regression())));
                }));
    }

    @Test
    void onlyTimesDifferOnTheSameMachine() {
        ReproductionResult result = Reproduction.of(fineTuned()).reproduce(ProgressListener.NONE);
        assertEquals(
                List.of("dataset.datasource.datasource-creation-time", "trained-at"),
                result.differences().stream().map(Difference::where).toList());
        assertTrue(result.identical());
    }

    @Test
    void anotherCallOfTheSameTrainerIsAnotherModel() throws IOException {
        Path file = folder.resolve("provenance.json");
        ProvenanceFile.write(fineTuned(), file);
        String json = Files.readString(file);
        String altered = json.replaceAll("(\"train-invocation-count\",\\s*\"value\"\\s*:\\s*)\"1\"", "$1\"0\"");
        assertFalse(json.equals(altered), json);
        Files.writeString(file, altered);
        ReproductionResult result = Reproduction.read(file).reproduce(ProgressListener.NONE);
        assertFalse(result.identical());
        assertTrue(
                result.differences().stream()
                        .anyMatch(d -> d.kind() == Kind.PROVENANCE && d.where().endsWith("last-epoch-loss")),
                result.differences().toString());
    }

    @Test
    void otherParametersAreFoundInPredictionsAndStoredForm() {
        MutableDataset<Regressor> examples = new MutableDataset<>(data.regression());
        FineTuningRegressionTrainer trainer = fineTuning();
        List<Difference> differences =
                ModelComparison.compare(trainer.train(examples), trainer.train(examples), examples);
        assertTrue(differences.stream().allMatch(d -> d.kind() == Kind.CONTENT), differences.toString());
        assertTrue(
                differences.stream()
                        .anyMatch(d -> d.where()
                                .matches("predictions on 40 of 40 training examples by at most "
                                        + "0\\.\\d+ of the largest value, first on example 0")),
                differences.toString());
        assertTrue(differences.stream().anyMatch(d -> d.where().startsWith("stored model")), differences.toString());
    }

    @Test
    void variancesBelongToPredictions() {
        MutableDataset<Regressor> examples = new MutableDataset<>(data.regression());
        List<Difference> differences = ModelComparison.compare(
                variances(VarianceKind.OBSERVATION, examples), variances(VarianceKind.LATENT, examples), examples);
        assertTrue(
                differences.stream()
                        .anyMatch(d -> d.where().startsWith("predictions on 40 of 40 training examples by at most ")),
                differences.toString());
    }

    private Model<Regressor> variances(VarianceKind kind, Dataset<Regressor> examples) {
        return new FiniteNTKRegressionTrainer(data.backbone(1), RegressionSettings.DEFAULT, kind, List.of())
                .train(examples);
    }

    @Test
    void changedAndMissingFilesAreNamed() throws IOException {
        Reproduction reproduction = Reproduction.of(fineTuned());
        byte[] csv = Files.readAllBytes(data.csv());
        String before = reproduction.files(ProgressListener.NONE).stream()
                .filter(f -> f.location().equals(data.csv().toString()))
                .findFirst()
                .orElseThrow()
                .found();

        Files.writeString(data.csv(), Files.readString(data.csv()).replaceFirst("0\\.", "1."));
        String after = reproduction.files(ProgressListener.NONE).stream()
                .filter(f -> f.location().equals(data.csv().toString()))
                .findFirst()
                .orElseThrow()
                .found();
        assertRefused(
                reproduction,
                "'" + data.csv() + "' (CSVDataSource) has changed: its SHA-256 was " + before + " and is now " + after);

        Files.delete(data.csv());
        assertRefused(
                reproduction,
                "'" + data.csv() + "' (CSVDataSource) is missing; expected a file with SHA-256 " + before);

        Files.write(data.csv(), csv);
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(5), 1, Activation.TANH, 4), data.network(1));
        assertRefused(reproduction, "'" + data.network(1) + "' (OnnxBackbone) has changed: its SHA-256 was ");
        Files.delete(data.network(1));
        assertRefused(
                reproduction, "'" + data.network(1) + "' (OnnxBackbone) is missing; expected a file with SHA-256 ");
    }

    @Test
    void filesMayHaveMoved() throws IOException {
        Model<Regressor> model = fineTuned();
        Path elsewhere = Files.createDirectories(folder.resolve("else where"));
        Path table = elsewhere.resolve("renamed.csv");
        Files.move(data.csv(), table);
        Files.move(data.network(1), elsewhere.resolve("network1.onnx"));
        Reproduction reproduction = Reproduction.of(model).moved(data.csv(), table);
        assertRefused(reproduction, "'" + data.network(1) + "' (OnnxBackbone) is missing");

        ReproductionResult result = reproduction.moved(folder, elsewhere).reproduce(ProgressListener.NONE);
        assertTrue(result.identical(), result.differences().toString());
        assertEquals(
                List.of(elsewhere.resolve("network1.onnx").toString(), table.toString()),
                result.files().stream().map(RecordedFile::location).sorted().toList());
        assertTrue(
                result.differences().stream()
                        .anyMatch(d ->
                                d.kind() == Kind.ENVIRONMENT && d.reproduced().equals(table.toString())),
                result.differences().toString());

        Files.writeString(table, Files.readString(table) + "0.5,0.5,0.5,less\n");
        assertRefused(
                reproduction.moved(folder, elsewhere), "'" + table + "' (CSVDataSource) has changed: its SHA-256 was ");
    }

    @Test
    void dataFromMemoryIsRefused() {
        Dataset<Regressor> generated = RegressionDataGenerator.denseTrainTest().getA();
        assertRefused(
                Reproduction.of(DummyRegressionTrainer.createMeanTrainer().train(generated)),
                "the training data was in memory");
    }

    @Test
    void whatWasPutTogetherIsRefused() {
        MutableDataset<Regressor> examples = new MutableDataset<>(data.regression());
        Model<Regressor> member = DummyRegressionTrainer.createMeanTrainer().train(examples);
        assertRefused(
                Reproduction.of(WeightedEnsembleModel.createEnsembleFromExistingModels(
                        "both", List.of(member, fineTuned()), new MixtureCombiner())),
                "the model (org.tribuo.ensemble.WeightedEnsembleModel) was put together from models that had been "
                        + "trained before");
    }

    private static void assertRefused(Reproduction reproduction, String sentence) {
        NotReproducibleException e =
                assertThrows(NotReproducibleException.class, () -> reproduction.reproduce(ProgressListener.NONE));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith(sentence),
                "expected: " + sentence + "\nfound: " + e.getMessage());
    }
}
