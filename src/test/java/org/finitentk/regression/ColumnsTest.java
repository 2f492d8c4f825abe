package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTunedRegressionModel;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.data.csv.CSVLoader;
import org.tribuo.datasource.IDXDataSource;
import org.tribuo.datasource.LibSVMDataSource;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.hash.HashCodeHasher;
import org.tribuo.hash.HashingTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;
import org.tribuo.transform.TransformTrainer;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.transformations.LinearScalingTransformation;

/** A table whose columns have names that people give, a network that knows their order, and Tribuo, which does not. */
final class ColumnsTest {
    /** The network's order, which is neither the alphabet's nor the file's. */
    private static final List<String> COLUMNS = List.of("pH", "alcohol", "volatile acidity", "citric acid");

    private static final List<String> HEADER = List.of("citric acid", "pH", "volatile acidity", "alcohol");

    @TempDir
    private Path folder = Path.of("");

    private static double quality(Map<String, Double> x) {
        return 2 * x.getOrDefault("pH", 0.0)
                + Math.sin(3 * x.getOrDefault("alcohol", 0.0))
                - x.getOrDefault("volatile acidity", 0.0) * x.getOrDefault("citric acid", 0.0);
    }

    /** Every tenth citric acid is 0, which is a value like any other. */
    private Path csv(String name, int rows, long seed, boolean labels) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder csv = new StringBuilder(String.join(",", HEADER) + ",quality\n");
        for (int i = 0; i < rows; i++) {
            double[] row = random.doubles(HEADER.size(), -1, 1).toArray();
            row[0] = i % 10 == 0 ? 0 : row[0];
            double y = quality(
                    Map.of(HEADER.get(0), row[0], HEADER.get(1), row[1], HEADER.get(2), row[2], HEADER.get(3), row[3]));
            for (double value : row) {
                csv.append(value).append(',');
            }
            csv.append(labels ? (y > 0 ? "1" : "0") : Double.toString(y)).append('\n');
        }
        return Files.writeString(folder.resolve(name), csv);
    }

    private MutableDataset<Regressor> table(String name, int rows, long seed) throws IOException {
        return new CSVLoader<>(new RegressionFactory()).load(csv(name, rows, seed, false), "quality");
    }

    private MutableDataset<Label> labelled(int rows, long seed) throws IOException {
        return new CSVLoader<>(new LabelFactory()).load(csv("labels.csv", rows, seed, true), "quality");
    }

    private Path network(int outputs) {
        Path file = folder.resolve("network" + outputs + ".onnx");
        ModelWriter.write(NetworkBuilder.mlp(COLUMNS.size(), List.of(20, 20), outputs, Activation.TANH, 4), file);
        return file;
    }

    private OnnxBackbone listing(int outputs) {
        return OnnxBackbone.builder(network(outputs)).features(COLUMNS).build();
    }

    private Path trained = Path.of("");

    /** Trained by us, with the list. */
    @BeforeEach
    void trainTheSource() throws IOException {
        trained = folder.resolve("trained.onnx");
        FineTuningRegressionTrainer trainer = new FineTuningRegressionTrainer(listing(1), new Adam(1e-2), 60, 20);
        try (FineTunedRegressionModel model = trainer.train(table("source.csv", 400, 1))) {
            ModelWriter.write(model.network(), trained);
        }
    }

    private static double rmse(OnnxBackbone backbone, Dataset<Regressor> training, Dataset<Regressor> test) {
        RegressionSettings settings = RegressionSettings.DEFAULT.withMean(MeanFunction.NETWORK);
        try (FiniteNTKRegressionModel model = new FiniteNTKRegressionTrainer(backbone, settings).train(training)) {
            return new RegressionEvaluator().evaluate(model, test).averageRMSE();
        }
    }

    @Test
    void aTrainedNetworkSaysItsOrderAndNobodyElseIsBelieved() throws IOException {
        MutableDataset<Regressor> training = table("training.csv", 30, 2);
        MutableDataset<Regressor> test = table("test.csv", 200, 3);
        assertEquals(new NetworkNames(COLUMNS, List.of()), NetworkNames.of(ModelReader.read(trained)));
        double right = rmse(OnnxBackbone.builder(trained).features(COLUMNS).build(), training, test);
        assertEquals(right, rmse(new OnnxBackbone(trained), training, test));
        double sorted = rmse(OnnxBackbone.builder(trained).sortedFeatures().build(), training, test);
        assertTrue(right < 0.15 && sorted > 2 * right, right + " and " + sorted);

        Path nameless = folder.resolve("nameless.onnx");
        ModelWriter.write(NetworkNames.NONE.addTo(ModelReader.read(trained)), nameless);
        assertEquals(
                right, rmse(OnnxBackbone.builder(nameless).features(COLUMNS).build(), training, test));
        assertRefused(
                "'alcohol', 'citric acid', 'pH', 'volatile acidity', in alphabetical order, which is not the network's",
                () -> rmse(new OnnxBackbone(nameless), training, test));

        Path zip = folder.resolve("bundle.zip");
        try (LinearizedNetwork network =
                NetworkFile.open(trained, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            LinearizationBundle.of(network).write(zip);
        }
        assertEquals(right, rmse(new OnnxBackbone(zip), training, test), 1e-6 * right);
    }

    private static void assertRefused(String expected, org.junit.jupiter.api.function.Executable call) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call).getMessage());
        assertTrue(message.contains(expected), message);
    }

    /** A trainer with its data. */
    private record Task<T extends Output<T>>(Trainer<T> trainer, OutputFactory<T> factory, MutableDataset<T> data) {
        @Override
        public String toString() {
            return trainer.getClass().getSimpleName();
        }
    }

    /** Made from a test's own files. */
    @FunctionalInterface
    private interface Tasks {
        Task<?> of(ColumnsTest test) throws IOException;
    }

    static Stream<Tasks> allTrainers() {
        return Stream.of(
                test -> new Task<>(
                        new FiniteNTKRegressionTrainer(test.listing(1)),
                        new RegressionFactory(),
                        test.table("training.csv", 20, 2)),
                test -> new Task<>(
                        new FineTuningRegressionTrainer(test.listing(1), new Adam(1e-2), 2, 10),
                        new RegressionFactory(),
                        test.table("training.csv", 20, 2)),
                test -> new Task<>(
                        new FiniteNTKClassificationTrainer(test.listing(2)), new LabelFactory(), test.labelled(20, 2)),
                test -> new Task<>(
                        new FineTuningClassificationTrainer(test.listing(2), new Adam(1e-2), 2, 10),
                        new LabelFactory(),
                        test.labelled(20, 2)));
    }

    private static <T extends Output<T>> ArrayExample<T> wine(OutputFactory<T> factory, String... columns) {
        ArrayExample<T> example = new ArrayExample<>(factory.getUnknownOutput());
        for (String column : columns) {
            example.add(new Feature(column, 0.5));
        }
        return example;
    }

    private static <T extends Output<T>> void missingColumnsAreNamed(Task<T> task)
            throws IOException, ClassNotFoundException {
        Model<T> model = task.trainer().train(task.data());
        ArrayExample<T> whole = wine(task.factory(), "pH", "alcohol", "volatile acidity", "citric acid", "a note");
        ArrayExample<T> partial = wine(task.factory(), "pH", "alcohol", "volatile acidity");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(model);
        }
        ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        List<Model<T>> all = List.of(
                model, model.copy(), cast(Model.deserialize(model.serialize())), cast((Model<?>) in.readObject()));
        for (Model<T> one : all) {
            assertRefused(
                    "example 0 lacks the feature 'citric acid', which every training example had",
                    () -> one.predict(partial));
            assertRefused(
                    "example 2 lacks the feature 'citric acid'", () -> one.predict(List.of(whole, whole, partial)));
            assertEquals(2, one.predict(List.of(whole, whole)).size());
        }
        assertEquals(NetworkNames.json(COLUMNS), recorded(model));
    }

    private static String recorded(Model<?> model) {
        return String.valueOf(
                model.getProvenance().getInstanceProvenance().getMap().get("input-features"));
    }

    @SuppressWarnings("unchecked") // As it was stored.
    private static <T extends Output<T>> Model<T> cast(Model<?> model) {
        return (Model<T>) model;
    }

    @ParameterizedTest
    @MethodSource("allTrainers")
    void aColumnThatEveryTrainingRowHadMayNotBeMissing(Tasks tasks) throws IOException, ClassNotFoundException {
        missingColumnsAreNamed(tasks.of(this));
    }

    @ParameterizedTest
    @MethodSource("allTrainers")
    void hashedNamesAreRefused(Tasks tasks) throws IOException {
        hashed(tasks.of(this));
    }

    private static <T extends Output<T>> void hashed(Task<T> task) {
        HashingTrainer<T> hashing = new HashingTrainer<>(task.trainer(), new HashCodeHasher("abcdefghijklmnop"));
        assertRefused("HashingTrainer", () -> hashing.train(task.data()));
    }

    /** What is logged at INFO and above while it is registered. */
    private static final class Listener extends Handler implements AutoCloseable {
        private static final Logger ROOT = Logger.getLogger("org.finitentk");
        private final List<String> lines = new ArrayList<>();

        Listener() {
            ROOT.addHandler(this);
        }

        @Override
        public synchronized void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.INFO.intValue()
                    && line.getMessage().contains("features")) {
                lines.add(line.getLevel() + " " + line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            ROOT.removeHandler(this);
        }
    }

    @ParameterizedTest
    @MethodSource("allTrainers")
    void trainingLogsTheMappingInOneLineAndPredictingNothing(Tasks tasks) throws IOException {
        logs(tasks.of(this));
    }

    private static <T extends Output<T>> void logs(Task<T> task) {
        try (Listener listener = new Listener()) {
            Model<T> model = task.trainer().train(task.data());
            assertEquals(1, listener.lines.size(), listener.lines.toString());
            assertTrue(
                    listener.lines.get(0).startsWith("INFO")
                            && listener.lines
                                    .get(0)
                                    .contains("'pH', 'alcohol', 'volatile acidity', 'citric acid', in this order"),
                    listener.lines.get(0));
            model.predict(task.data());
            model.copy().predict(task.data().getExample(0));
            assertEquals(1, listener.lines.size(), listener.lines.toString());
        }
    }

    @Test
    void crossValidationAndTransformationsKeepTheNames() throws IOException {
        MutableDataset<Regressor> data = table("training.csv", 60, 2);
        FiniteNTKRegressionTrainer trainer = new FiniteNTKRegressionTrainer(
                new OnnxBackbone(trained), RegressionSettings.DEFAULT.withMean(MeanFunction.NETWORK));
        new CrossValidation<>(trainer, data, new RegressionEvaluator(), 3, 1)
                .evaluate()
                .forEach(fold -> assertTrue(fold.getA().averageRMSE() < 0.2));
        TransformationMap scaling = new TransformationMap(List.of(new LinearScalingTransformation(-1, 1)));
        Model<Regressor> scaled = new TransformTrainer<>(trainer, scaling).train(data);
        assertTrue(new RegressionEvaluator()
                        .evaluate(scaled, table("test.csv", 100, 3))
                        .averageRMSE()
                < 0.3);
        assertRefused(
                "lacks the feature 'citric acid'",
                () -> scaled.predict(wine(new RegressionFactory(), "pH", "alcohol", "volatile acidity")));
    }

    /** Four pixels an image, of which the third is 0 in all training images, so that the source never names it. */
    @Test
    void sparseImagesNeedTheirNumbers() throws IOException {
        ByteBuffer images = ByteBuffer.allocate(16 + 4 * 6)
                .putInt(0x803)
                .putInt(6)
                .putInt(2)
                .putInt(2);
        ByteBuffer labels = ByteBuffer.allocate(8 + 6).putInt(0x801).putInt(6);
        for (int i = 0; i < 6; i++) {
            images.put(new byte[] {(byte) (i * 20), (byte) (100 - i), 0, (byte) (i % 2)});
            labels.put((byte) (i % 2));
        }
        Path imageFile = Files.write(folder.resolve("images"), images.array());
        Path labelFile = Files.write(folder.resolve("labels"), labels.array());
        MutableDataset<Label> data =
                new MutableDataset<>(new IDXDataSource<>(imageFile, labelFile, new LabelFactory()));
        Path file = folder.resolve("image.onnx");
        ModelWriter.write(
                NetworkBuilder.withSeed(1)
                        .images(1, 2, 2)
                        .convolutions(List.of(3), Activation.TANH)
                        .dense(2)
                        .build(),
                file);
        assertRefused("1 never occur", () -> new FiniteNTKClassificationTrainer(new OnnxBackbone(file)).train(data));
        assertRefused(
                "featureOrder NUMBERED", () -> new FiniteNTKClassificationTrainer(new OnnxBackbone(file)).train(data));
        Model<Label> model = new FiniteNTKClassificationTrainer(
                        OnnxBackbone.builder(file).numberedFeatures(0).build())
                .train(data);
        assertEquals(
                1,
                model.predict(new ArrayExample<>(new Label("0"), new String[] {"2"}, new double[] {7}))
                        .getNumActiveFeatures());
        assertEquals("numbered from 0 to 3", recorded(model));
    }

    /** As converters of scikit-learn's pipelines write it: an input a column. */
    private Path withAnInputForEachColumn(Graph network) {
        ValueInfo whole = network.inputs().get(0);
        List<ValueInfo> inputs = COLUMNS.stream()
                .map(name ->
                        new ValueInfo(name, whole.type(), List.of(whole.dims().get(0), "1")))
                .toList();
        AttributeProto axis = AttributeProto.newBuilder()
                .setName("axis")
                .setType(AttributeProto.AttributeType.INT)
                .setI(1)
                .build();
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node("gather_columns", "", "Concat", COLUMNS, List.of(whole.name()), Map.of("axis", axis)));
        nodes.addAll(network.nodes());
        Path file = folder.resolve("columns.onnx");
        ModelWriter.write(new Graph("columns", inputs, network.outputs(), network.initializers(), nodes), file);
        return file;
    }

    @Test
    void inputsNamedLikeColumnsNeedNoList() throws IOException {
        MutableDataset<Regressor> training = table("training.csv", 30, 2);
        MutableDataset<Regressor> test = table("test.csv", 200, 3);
        Path columns = withAnInputForEachColumn(ModelReader.read(trained));
        double right = rmse(new OnnxBackbone(trained), training, test);
        assertEquals(right, rmse(new OnnxBackbone(columns), training, test), 1e-6 * right);
        try (FiniteNTKRegressionModel model =
                new FiniteNTKRegressionTrainer(new OnnxBackbone(columns)).train(training)) {
            assertRefused(
                    "lacks the feature 'citric acid'",
                    () -> model.predict(wine(new RegressionFactory(), "pH", "alcohol", "volatile acidity")));
        }
        assertRefused("'a note'", () -> rmse(new OnnxBackbone(columns), withNotes(training), test));
        assertEquals(
                right,
                rmse(OnnxBackbone.builder(columns).ignoreUnlistedFeatures().build(), withNotes(training), test),
                1e-6 * right);
        assertRefused("'a note'", () -> rmse(new OnnxBackbone(trained), withNotes(training), test));
        assertEquals(
                right,
                rmse(OnnxBackbone.builder(trained).ignoreUnlistedFeatures().build(), withNotes(training), test));
    }

    private static MutableDataset<Regressor> withNotes(Dataset<Regressor> table) {
        MutableDataset<Regressor> wider = new MutableDataset<>(table.getSourceProvenance(), table.getOutputFactory());
        for (Example<Regressor> row : table) {
            Example<Regressor> copy = row.copy();
            copy.add(new Feature("a note", 1));
            wider.add(copy);
        }
        return wider;
    }

    /** Written by whoever counts from 1 and leaves out zeros, which Tribuo names by padded numbers from 0. */
    @Test
    void libSvmFilesAreTakenByNumber() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            lines.append(Math.sin(i)).append(" 1:").append(i % 7 - 3);
            for (int column = 2 + i % 3; column <= 12; column += 3) {
                lines.append(' ').append(column).append(':').append(Math.cos(i * column));
            }
            lines.append('\n');
        }
        Path file = Files.writeString(folder.resolve("data.libsvm"), lines);
        MutableDataset<Regressor> data = new MutableDataset<>(new LibSVMDataSource<>(file, new RegressionFactory()));
        Path network = folder.resolve("twelve.onnx");
        ModelWriter.write(NetworkBuilder.mlp(12, List.of(5), 1, Activation.TANH, 1), network);
        try (FiniteNTKRegressionModel evident = new FiniteNTKRegressionTrainer(new OnnxBackbone(network)).train(data);
                FiniteNTKRegressionModel numbered = new FiniteNTKRegressionTrainer(OnnxBackbone.builder(network)
                                .numberedFeatures(0)
                                .build())
                        .train(data)) {
            for (Example<Regressor> row : data) {
                assertEquals(
                        numbered.predict(row).getOutput().getValues()[0],
                        evident.predict(row).getOutput().getValues()[0]);
            }
            ArrayExample<Regressor> withoutTheFirst =
                    new ArrayExample<>(new Regressor("y", 0), new String[] {"04"}, new double[] {1});
            assertTrue(Double.isFinite(
                    numbered.predict(withoutTheFirst).getOutput().getValues()[0]));
            assertRefused("lacks the feature '00'", () -> evident.predict(withoutTheFirst));
        }
    }
}
