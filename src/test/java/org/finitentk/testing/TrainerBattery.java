package org.finitentk.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.test.Helpers;

/** What Tribuo's own trainers are tested for, for all of ours. */
public abstract class TrainerBattery<T extends Output<T>> {
    @TempDir
    protected Path folder = Path.of("");

    /** Name, training and test data. */
    public record Data<T extends Output<T>>(String name, Pair<Dataset<T>, Dataset<T>> sets) {
        public Dataset<T> train() {
            return sets.getA();
        }

        public Dataset<T> test() {
            return sets.getB();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    protected abstract Class<T> outputClass();

    /** A quick trainer. */
    protected abstract Trainer<T> trainer(OnnxBackbone backbone);

    /** Keys that the provenance of a model must have beside those of every model. */
    protected abstract List<String> findings();

    protected abstract Data<T> dense();

    protected abstract Data<T> sparse();

    protected abstract Example<T> emptyExample();

    protected abstract Example<T> invalidExample();

    protected abstract int outputs(Dataset<T> data);

    protected abstract Evaluator<T, ?> evaluator();

    protected Stream<Data<T>> dataSets() {
        return Stream.of(dense(), sparse());
    }

    /** What a prediction says, in numbers: Tribuo's own comparison ignores a regression's values. */
    protected abstract double[] numbers(Prediction<T> prediction);

    protected final List<Double> numbers(List<Prediction<T>> predictions) {
        return predictions.stream()
                .flatMap(p -> Arrays.stream(numbers(p)).boxed())
                .toList();
    }

    protected final OnnxBackbone backbone(Dataset<T> data) {
        return backbone(NetworkBuilder.mlp(data.getFeatureMap().size(), List.of(6), outputs(data), Activation.TANH, 3));
    }

    protected final OnnxBackbone backbone(Graph graph) {
        Path file = folder.resolve("backbone.onnx");
        ModelWriter.write(graph, file);
        return OnnxBackbone.builder(file).sortedFeatures().build();
    }

    protected final Trainer<T> trainer(Dataset<T> data) {
        return trainer(backbone(data));
    }

    @Test
    void bothSerializationsPredictTheSameToTheLastBit() throws IOException {
        for (Data<T> data : dataSets().toList()) {
            Model<T> model = trainer(data.train()).train(data.train());
            List<Prediction<T>> predictions = model.predict(data.test());
            Helpers.testModelSerialization(model, outputClass());
            Model<T> loaded = Helpers.testModelProtoSerialization(model, outputClass(), data.test(), 0);
            assertEquals(numbers(predictions), numbers(loaded.predict(data.test())));
            Path file = folder.resolve("model.tribuo");
            model.serializeToFile(file);
            Model<?> fromFile = Model.deserializeFromFile(file);
            assertEquals(model.getProvenance(), fromFile.getProvenance());
        }
    }

    protected static Map<String, String> findings(Model<?> model) {
        Map<String, String> findings = new HashMap<>();
        model.getProvenance()
                .getInstanceProvenance()
                .forEach(p -> findings.put(p.getA(), p.getB().toString()));
        return findings;
    }

    @Test
    void examplesWithoutKnownFeaturesAreRefused() {
        Data<T> data = sparse();
        Model<T> model = trainer(data.train()).train(data.train());
        assertThrows(IllegalArgumentException.class, () -> model.predict(invalidExample()));
        assertThrows(IllegalArgumentException.class, () -> model.predict(emptyExample()));
    }

    @Test
    void batchesPredictLikeSingleExamplesAndClosedModelsOpenAgain() throws Exception {
        Data<T> data = dense();
        Model<T> model = trainer(data.train()).train(data.train());
        List<Prediction<T>> batch = model.predict(data.test());
        List<Prediction<T>> single = new ArrayList<>();
        for (Example<T> example : data.test()) {
            single.add(model.predict(example));
        }
        List<Double> expected = numbers(batch);
        List<Double> found = numbers(single);
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), found.get(i), 1e-5 * Math.abs(expected.get(i)));
        }
        Model<T> copy = model.copy();
        assertInstanceOf(AutoCloseable.class, model);
        ((AutoCloseable) model).close();
        assertEquals(numbers(batch), numbers(copy.predict(data.test())));
        ((AutoCloseable) copy).close();
        assertEquals(numbers(batch), numbers(model.predict(data.test())));
        assertTrue(model.predict(List.of()).isEmpty());
    }

    /** An example of the data's features with an unknown output. */
    protected final Example<T> unknownLike(Dataset<T> data) {
        Example<T> example =
                new org.tribuo.impl.ArrayExample<>(data.getOutputFactory().getUnknownOutput());
        data.getExample(0).forEach(example::add);
        return example;
    }

    protected static void assertRefused(String expected, Executable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
        assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
    }

    @Test
    void provenanceAndConfigurationSurvive() {
        Dataset<T> data = dense().train();
        Trainer<T> trainer = trainer(data);
        Helpers.testConfigurableRoundtrip(trainer);
        Model<T> model = trainer.train(data);
        Helpers.testProvenanceMarshalling(model.getProvenance());
        Map<String, String> findings = findings(model);
        assertTrue(
                findings.keySet()
                        .containsAll(List.of(
                                "backbone-sha256", "parameter-count", "onnxruntime-version", "execution-provider")),
                findings.toString());
        assertTrue(findings.keySet().containsAll(findings()), findings.toString());
    }

    @Test
    void invocationCountsRepeatModels() {
        Dataset<T> data = dense().train();
        Trainer<T> trainer = trainer(data);
        List<Prediction<T>> first = trainer.train(data).predict(data);
        List<Prediction<T>> second = trainer.train(data).predict(data);
        assertEquals(2, trainer.getInvocationCount());
        trainer.setInvocationCount(1);
        assertEquals(1, trainer.getInvocationCount());
        assertEquals(numbers(second), numbers(trainer.train(data).predict(data)));
        assertEquals(numbers(first), numbers(trainer.train(data, Map.of(), 0).predict(data)));
        assertEquals(1, trainer.getInvocationCount());
        assertThrows(IllegalArgumentException.class, () -> trainer.setInvocationCount(-1));
        assertThrows(IllegalArgumentException.class, () -> trainer.train(data, Map.of(), -2));
    }

    @Test
    void badInputIsNamed() {
        Dataset<T> data = dense().train();
        Graph wide = NetworkBuilder.mlp(17, List.of(6), outputs(data), Activation.TANH, 3);
        assertRefused("17", () -> trainer(backbone(wide)).train(data));
        assertRefused(
                "empty",
                () -> trainer(data).train(new MutableDataset<>(data.getProvenance(), data.getOutputFactory())));
        MutableDataset<T> unknown = new MutableDataset<>(data.getProvenance(), data.getOutputFactory());
        unknown.add(unknownLike(data));
        assertRefused("unknown", () -> trainer(data).train(unknown));
    }

    @Test
    void damagedModelsAreRefused() {
        Dataset<T> data = dense().train();
        ModelProto stored = trainer(data).train(data).serialize();
        assertThrows(
                RuntimeException.class,
                () -> Model.deserialize(stored.toBuilder().setVersion(1).build()));
        assertThrows(
                RuntimeException.class,
                () -> Model.deserialize(stored.toBuilder()
                        .setSerializedData(stored.getSerializedData().toBuilder()
                                .setValue(com.google.protobuf.ByteString.copyFromUtf8("no")))
                        .build()));
    }

    @Test
    void crossValidationWorks() {
        Dataset<T> data = dense().train();
        CrossValidation<T, ?> folds = new CrossValidation<>(trainer(data), data, evaluator(), 3, 1);
        assertEquals(3, folds.evaluate().size());
    }

    @Test
    void trainersAndModelsAreThreadSafe() throws Exception {
        Data<T> data = dense();
        Trainer<T> trainer = trainer(data.train());
        Model<T> model = trainer.train(data.train(), Map.of(), 3);
        List<Prediction<T>> expected = model.predict(data.test());
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Callable<Boolean> predict = () -> numbers(expected).equals(numbers(model.predict(data.test())));
            Callable<Boolean> train =
                    () -> trainer.train(data.train()).predict(data.test()).size() == expected.size();
            results.add(pool.submit(i % 2 == 0 ? predict : train));
        }
        for (Future<Boolean> result : results) {
            assertTrue(result.get());
        }
        pool.shutdown();
        assertEquals(8, trainer.getInvocationCount());
    }
}
