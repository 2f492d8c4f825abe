package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.ensemble.FullyWeightedVotingCombiner;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.ensemble.EnsembleCombiner;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.test.Helpers;

/** An example of weight 0 is as if it were not there, and bootstraps may lack labels. */
final class ExampleWeightsTest {
    private static final int CLASSES = 3;
    private static final Graph GRAPH = NetworkBuilder.mlp(2, List.of(10), CLASSES, Activation.TANH, 1);
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);

    @TempDir
    private Path folder = Path.of("");

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static double[] point(int row, int label) {
        SplittableRandom random = new SplittableRandom(row);
        double angle = 2 * Math.PI * (label + random.nextDouble(-0.4, 0.4)) / CLASSES;
        return new double[] {2 * Math.cos(angle), 2 * Math.sin(angle)};
    }

    private static double[] logits(int[] rows, double[] weights, Inference inference) {
        double[] x = Arrays.stream(rows)
                .mapToObj(row -> point(row, row % CLASSES))
                .flatMapToDouble(Arrays::stream)
                .toArray();
        Examples examples = Examples.of("input", Tensor.ofReals(NETWORK.elementType(), x, rows.length, 2));
        int[] labels = Arrays.stream(rows)
                .map(row -> weights[Arrays.binarySearch(rows, row)] == 0 ? 0 : row % CLASSES)
                .toArray();
        ClassificationSettings settings = ClassificationSettings.DEFAULT.with(inference);
        return ClassificationPosterior.fit(
                        NETWORK,
                        examples,
                        new ClassificationPosterior.Labels(labels, CLASSES),
                        weights,
                        settings,
                        ProgressListener.NONE)
                .logitMean(Examples.of(
                        "input", Tensor.ofReals(NETWORK.elementType(), new double[] {1, 2, -1, 0.5}, 2, 2)));
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void rowsWithoutWeightHaveNoInfluence(Inference inference) {
        int[] all = IntStream.range(0, 24).toArray();
        int[] some = Arrays.stream(all).filter(row -> row % 4 != 0).toArray();
        double[] weights = Arrays.stream(all)
                .mapToDouble(row -> row % 4 == 0 ? 0 : 1 + row % 2)
                .toArray();
        double[] own = Arrays.stream(some).mapToDouble(row -> 1 + row % 2).toArray();
        assertArrayEquals(logits(some, own, inference), logits(all, weights, inference));
    }

    private static Example<Label> example(int row, String label, float weight) {
        ArrayExample<Label> example = new ArrayExample<>(new Label(label), weight);
        double[] point = point(row, label.charAt(0) - 'a');
        example.add("x0", point[0]);
        example.add("x1", point[1]);
        return example;
    }

    private static MutableDataset<Label> empty() {
        LabelFactory factory = new LabelFactory();
        return new MutableDataset<>(new SimpleDataSourceProvenance("made here", factory), factory);
    }

    private FiniteNTKClassificationTrainer trainer(ClassificationSettings settings) {
        Path file = folder.resolve("network.onnx");
        ModelWriter.write(GRAPH, file);
        return new FiniteNTKClassificationTrainer(new OnnxBackbone(file), settings, List.of("a", "b", "c"));
    }

    private static double[] probabilities(Model<Label> model, Dataset<Label> data) {
        return model.predict(data).stream()
                .flatMapToDouble(prediction -> List.of("a", "b", "c").stream()
                        .mapToDouble(label -> Objects.requireNonNull(
                                        prediction.getOutputScores().get(label))
                                .getScore()))
                .toArray();
    }

    @Test
    void examplesWithoutWeightHaveNoInfluenceOnModels() {
        MutableDataset<Label> all = empty();
        MutableDataset<Label> some = empty();
        for (int row = 0; row < 30; row++) {
            String label = List.of("a", "b", "c").get(row % CLASSES);
            if (row % 5 == 0) {
                all.add(example(row, "b", 0));
            } else {
                all.add(example(row, label, 2));
                some.add(example(row, label, 2));
            }
        }
        FiniteNTKClassificationTrainer trainer = trainer(ClassificationSettings.DEFAULT);
        Model<Label> found = trainer.train(all);
        trainer.setInvocationCount(0);
        assertArrayEquals(probabilities(trainer.train(some), some), probabilities(found, some));
        all.forEach(example -> example.setWeight(0));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> trainer.train(all));
        assertTrue(String.valueOf(e.getMessage()).contains("all 30 training examples are 0"), e::getMessage);
    }

    /** Labels have the numbers of another order than the network's outputs; rows that say so have no weight. */
    @Test
    void rowsWithoutWeightSayNothingOfOrders() {
        MutableDataset<Label> data = empty();
        Examples points = Examples.of(
                "input",
                Tensor.ofReals(
                        NETWORK.elementType(),
                        IntStream.range(0, 120)
                                .mapToObj(row -> point(row, row % CLASSES))
                                .flatMapToDouble(Arrays::stream)
                                .toArray(),
                        120,
                        2));
        double[] f = NETWORK.forward(points);
        for (int row = 0; row < 120; row++) {
            int best = 0;
            for (int c = 1; c < CLASSES; c++) {
                best = f[row * CLASSES + c] > f[row * CLASSES + best] ? c : best;
            }
            ArrayExample<Label> example =
                    new ArrayExample<>(new Label(List.of("a", "b", "c").get(best)), 1);
            double[] point = point(row, row % CLASSES);
            example.add("x0", point[0]);
            example.add("x1", point[1]);
            data.add(example);
            ArrayExample<Label> other =
                    new ArrayExample<>(new Label(List.of("c", "a", "b").get(best)), 0);
            example.forEach(other::add);
            data.add(other);
            data.add(other.copy());
        }
        Path file = folder.resolve("network.onnx");
        ModelWriter.write(GRAPH, file);
        Model<Label> model = new FiniteNTKClassificationTrainer(new OnnxBackbone(file)).train(data);
        assertTrue(
                model.getProvenance().toString().contains("MATCHED"),
                model.getProvenance().toString());
        data.forEach(example -> example.setWeight(1));
        assertThrows(
                IllegalArgumentException.class,
                () -> new FiniteNTKClassificationTrainer(new OnnxBackbone(file)).train(data));
    }

    /** One example of a label, of 40: most bootstraps lack it. */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void baggingWhereMembersLackLabels(Inference inference) {
        MutableDataset<Label> data = empty();
        for (int row = 0; row < 39; row++) {
            data.add(example(row, row % 2 == 0 ? "a" : "b", 1));
        }
        data.add(example(39, "c", 1));
        for (ClassStructure structure : List.of(ClassStructure.MATCHED, ClassStructure.SHARED)) {
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .with(inference)
                    .withStructure(structure, ClassificationSettings.SUM, PriorLogits.AUTO);
            EnsembleCombiner<Label> combiner =
                    structure == ClassStructure.MATCHED ? new VotingCombiner() : new FullyWeightedVotingCombiner();
            Model<Label> model = new BaggingTrainer<>(trainer(settings), combiner, 3, 1).train(data);
            int right = 0;
            for (Prediction<Label> prediction : model.predict(data)) {
                double sum = prediction.getOutputScores().values().stream()
                        .mapToDouble(Label::getScore)
                        .sum();
                assertEquals(1, sum, 1e-6);
                assertEquals(3, prediction.getOutputScores().size());
                right += prediction
                                .getOutput()
                                .getLabel()
                                .equals(prediction.getExample().getOutput().getLabel())
                        ? 1
                        : 0;
            }
            assertTrue(right >= 34, inference + " " + structure + " is right for " + right + " of 40");
            Helpers.testModelProtoSerialization(model, Label.class, data);
        }
    }
}
