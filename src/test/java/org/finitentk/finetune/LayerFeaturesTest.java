package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.sgd.linear.LinearSGDTrainer;
import org.tribuo.regression.sgd.objectives.SquaredLoss;
import org.tribuo.test.Helpers;

/** A trainer on a layer is that trainer on the numbers which ONNX Runtime gives for the layer. */
final class LayerFeaturesTest {
    @TempDir
    Path folder = Path.of("");

    private OnnxBackbone layer = new OnnxBackbone(Path.of("unset"));
    private final MutableDataset<Regressor> data = empty();

    private static MutableDataset<Regressor> empty() {
        return new MutableDataset<>(
                new SimpleDataSourceProvenance("made here", new RegressionFactory()), new RegressionFactory());
    }

    private static Trainer<Regressor> inner() {
        return new LinearSGDTrainer(new SquaredLoss(), new AdaGrad(0.1), 20, 5, 6L);
    }

    @BeforeEach
    void make() {
        Path file = folder.resolve("network.onnx");
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(6, 5), 1, Activation.TANH, 1), file);
        layer = OnnxBackbone.builder(file)
                .sortedFeatures()
                .outputLayer("/tanh.3/output")
                .build();
        for (int i = 0; i < 30; i++) {
            double a = Math.sin(i);
            double b = Math.cos(3 * i);
            data.add(new ArrayExample<>(new Regressor("y", a * b), new String[] {"a", "b"}, new double[] {a, b}));
        }
    }

    private static double[] values(List<Prediction<Regressor>> predictions) {
        return predictions.stream()
                .mapToDouble(p -> p.getOutput().getValues()[0])
                .toArray();
    }

    @Test
    void isTheInnerTrainerOnTheLayersNumbers() {
        double[] x = new double[2 * data.size()];
        for (int i = 0; i < data.size(); i++) {
            List<Double> row = new ArrayList<>();
            data.getExample(i).forEach(feature -> row.add(feature.getValue()));
            x[2 * i] = row.get(0);
            x[2 * i + 1] = row.get(1);
        }
        MutableDataset<Regressor> numbers = empty();
        try (LinearizedNetwork network = layer.open()) {
            assertEquals(5, network.outputSize());
            double[] f = network.forward(Examples.of(
                    network.inputs().get(0).name(), Tensor.ofReals(network.elementType(), x, data.size(), 2)));
            String[] names = {"0", "1", "2", "3", "4"};
            for (int i = 0; i < data.size(); i++) {
                numbers.add(new ArrayExample<>(
                        data.getExample(i).getOutput(), names, Arrays.copyOfRange(f, 5 * i, 5 * i + 5)));
            }
        }
        double[] expected = values(inner().train(numbers).predict(numbers));
        LayerFeaturesModel<Regressor> model = new LayerFeaturesTrainer<>(layer, inner()).train(data);
        assertArrayEquals(expected, values(model.predict(data)), 1e-12);
        assertEquals(data.getExample(3), model.predict(data).get(3).getExample());
        model.close();
        assertArrayEquals(expected, values(model.predict(data)), 1e-12);
        assertTrue(model.getProvenance().getInstanceProvenance().toString().contains("layer-features"));
        model.close();
    }

    @Test
    void storedModelsPredictTheSame() throws IOException, ClassNotFoundException {
        Dataset<Regressor> same = data;
        try (LayerFeaturesModel<Regressor> model = new LayerFeaturesTrainer<>(layer, inner()).train(same)) {
            double[] expected = values(model.predict(same));
            try (LayerFeaturesModel<?> stored = (LayerFeaturesModel<?>) Model.deserialize(model.serialize())) {
                assertArrayEquals(
                        expected, values(stored.castModel(Regressor.class).predict(same)));
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(model);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()));
                    LayerFeaturesModel<?> read = (LayerFeaturesModel<?>) in.readObject()) {
                assertArrayEquals(
                        expected, values(read.castModel(Regressor.class).predict(same)));
            }
            Helpers.testProvenanceMarshalling(model.getProvenance());
        }
    }

    @Test
    void invocationCountsRepeatModels() {
        Trainer<Regressor> trainer = new LayerFeaturesTrainer<>(layer, inner());
        double[] first = values(trainer.train(data).predict(data));
        double[] second = values(trainer.train(data).predict(data));
        assertTrue(!Arrays.equals(first, second), "the inner trainer's order of examples is the same");
        trainer.setInvocationCount(1);
        assertArrayEquals(second, values(trainer.train(data).predict(data)));
        Helpers.testConfigurableRoundtrip(trainer);
    }

    @Test
    void labelsKeepTheirScores() throws IOException {
        MutableDataset<Label> labelled = new MutableDataset<>(
                new SimpleDataSourceProvenance("made here", new LabelFactory()), new LabelFactory());
        data.forEach(example -> {
            ArrayExample<Label> same =
                    new ArrayExample<>(new Label(example.getOutput().getValues()[0] > 0 ? "more" : "less"));
            example.forEach(same::add);
            labelled.add(same);
        });
        Trainer<Label> tree = new CARTClassificationTrainer();
        try (LayerFeaturesModel<Label> model = new LayerFeaturesTrainer<>(layer, tree).train(labelled);
                LayerFeaturesModel<?> stored = (LayerFeaturesModel<?>) Model.deserialize(model.serialize())) {
            assertFalse(model.generatesProbabilities());
            assertEquals(
                    List.of("less", "more"),
                    model.outputNames().stream().sorted().toList());
            List<Prediction<Label>> same = stored.castModel(Label.class).predict(labelled);
            for (int i = 0; i < labelled.size(); i++) {
                Prediction<Label> prediction = model.predict(labelled.getExample(i));
                assertEquals(2, prediction.getOutputScores().size());
                assertEquals(prediction.getOutputScores(), same.get(i).getOutputScores());
                assertEquals(labelled.getExample(i), prediction.getExample());
            }
        }
        Trainer<Label> guess = DummyClassifierTrainer.createMostFrequentTrainer();
        try (LayerFeaturesModel<Label> model = new LayerFeaturesTrainer<>(layer, guess).train(labelled)) {
            assertEquals(
                    guess.train(labelled).generatesProbabilities(),
                    model.generatesProbabilities(),
                    "what the inner model's numbers are");
        }
    }
}
