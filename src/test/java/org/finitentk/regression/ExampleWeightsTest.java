package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuningRegressionTrainer;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.dataset.DatasetView;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;

/** An example of weight 0 is as if it were not there, and what Tribuo makes of a table with repeated rows. */
final class ExampleWeightsTest {
    private static final int N = 30;
    private static final Graph GRAPH = NetworkBuilder.mlp(2, List.of(8), 1, Activation.TANH, 1);
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);

    @TempDir
    private Path folder = Path.of("");

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    /** Which rows count: not the first, and not every other. */
    private static boolean counts(int row) {
        return row % 3 != 0;
    }

    private static Examples x(int... rows) {
        float[] values = new float[2 * rows.length];
        for (int i = 0; i < rows.length; i++) {
            SplittableRandom random = new SplittableRandom(rows[i]);
            values[2 * i] = (float) random.nextDouble(-2, 2);
            values[2 * i + 1] = (float) random.nextDouble(-2, 2);
        }
        return Examples.of("input", Tensor.ofFloats(values, rows.length, 2));
    }

    private static double[] y(int... rows) {
        return Arrays.stream(rows)
                .mapToDouble(row -> Math.sin(row) + new SplittableRandom(row).nextGaussian())
                .toArray();
    }

    private static double[] numbers(RegressionPosterior posterior) {
        RegressionPosterior.Predictive found = posterior.predict(x(100, 101, 102), VarianceKind.OBSERVATION);
        double[] numbers = Arrays.copyOf(found.mean(), 7);
        System.arraycopy(found.variance(), 0, numbers, 3, 3);
        numbers[6] = posterior.noiseVariance(0);
        return numbers;
    }

    private static RegressionPosterior fit(int[] rows, double @Nullable [] weights, RegressionSettings settings) {
        return RegressionPosterior.fit(NETWORK, x(rows), y(rows), weights, settings, ProgressListener.NONE);
    }

    @ParameterizedTest
    @EnumSource(Solver.class)
    void rowsWithoutWeightHaveNoInfluence(Solver solver) {
        int[] all = IntStream.range(0, N).toArray();
        int[] some = Arrays.stream(all).filter(ExampleWeightsTest::counts).toArray();
        for (RepeatedRows repeated : RepeatedRows.values()) {
            for (HyperparameterLearning learning : List.of(HyperparameterLearning.BOTH, HyperparameterLearning.NONE)) {
                RegressionSettings settings = RegressionSettings.DEFAULT
                        .withSolver(solver, RegressionSettings.Iterative.DEFAULT)
                        .withRepeatedRows(repeated)
                        .withLearning(learning);
                double[] ones =
                        Arrays.stream(all).mapToDouble(i -> counts(i) ? 1 : 0).toArray();
                assertArrayEquals(numbers(fit(some, null, settings)), numbers(fit(all, ones, settings)));
                double[] mixed = Arrays.stream(all)
                        .mapToDouble(i -> counts(i) ? 1 + i : 0)
                        .toArray();
                double[] own = Arrays.stream(some).mapToDouble(i -> 1 + i).toArray();
                RegressionPosterior found = fit(all, mixed, settings);
                assertArrayEquals(numbers(fit(some, own, settings)), numbers(found));
                assertEquals(N - some.length, found.fitted().findings().counts().withoutWeight());
                assertEquals(some.length, found.trainingSize());
            }
        }
    }

    /** A repeat of weight 0 whose target differs is no reason to keep other repeats. */
    @Test
    void repeatsWithoutWeightDoNotDecide() {
        int[] rows = {1, 2, 3, 4, 5, 1, 2, 3};
        double[] targets = y(rows);
        targets[7] += 1;
        double[] weights = {1, 1, 1, 1, 1, 1, 1, 0};
        RegressionPosterior found = RegressionPosterior.fit(
                NETWORK, x(rows), targets, weights, RegressionSettings.DEFAULT, ProgressListener.NONE);
        assertEquals(
                new TrainingRows.Counts(8, 0, 2, 0, 1),
                found.fitted().findings().counts());
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void otherWeightsAreRefused(double weight) {
        double[] weights = {1, 0, weight};
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> fit(new int[] {0, 1, 2}, weights, RegressionSettings.DEFAULT));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("the weight of training example 2 is " + weight),
                e::getMessage);
        IllegalArgumentException none = assertThrows(
                IllegalArgumentException.class,
                () -> fit(new int[] {0, 1, 2}, new double[3], RegressionSettings.DEFAULT));
        assertTrue(String.valueOf(none.getMessage()).contains("all 3 training examples are 0"), none::getMessage);
    }

    private static MutableDataset<Regressor> empty() {
        RegressionFactory factory = new RegressionFactory();
        return new MutableDataset<>(new SimpleDataSourceProvenance("made here", factory), factory);
    }

    private static Example<Regressor> example(int row, double noise) {
        SplittableRandom random = new SplittableRandom(row);
        double a = random.nextDouble(-2, 2);
        double b = random.nextDouble(-2, 2);
        double y = Math.sin(2 * a) + 0.5 * b + noise * random.nextGaussian();
        return new ArrayExample<>(new Regressor("y", y), new String[] {"x0", "x1"}, new double[] {a, b});
    }

    private static Example<Regressor> weighted(int row, float weight, double shift) {
        Example<Regressor> example = example(row, 0.3);
        Regressor output = new Regressor("y", example.getOutput().getValues()[0] + shift);
        ArrayExample<Regressor> weighted = new ArrayExample<>(output, weight);
        example.forEach(weighted::add);
        return weighted;
    }

    private OnnxBackbone backbone() {
        Path file = folder.resolve("network.onnx");
        ModelWriter.write(GRAPH, file);
        return new OnnxBackbone(file);
    }

    private static double[] values(Model<Regressor> model) {
        return IntStream.range(200, 210)
                .mapToObj(row -> model.predict(example(row, 0)).getOutput())
                .flatMapToDouble(
                        output -> Arrays.stream(new double[] {output.getValues()[0], output.getVariances()[0]}))
                .toArray();
    }

    @Test
    void examplesWithoutWeightHaveNoInfluenceOnModels() {
        MutableDataset<Regressor> all = empty();
        MutableDataset<Regressor> some = empty();
        for (int row = 0; row < N; row++) {
            boolean counted = counts(row);
            all.add(weighted(row, counted ? 2 : 0, counted ? 0 : 1000));
            if (counted) {
                some.add(weighted(row, 2, 0));
            }
        }
        FiniteNTKRegressionTrainer trainer = new FiniteNTKRegressionTrainer(backbone());
        try (FiniteNTKRegressionModel found = trainer.train(all);
                FiniteNTKRegressionModel expected = trainer.train(some)) {
            assertArrayEquals(values(expected), values(found));
            assertTrue(found.getProvenance().toString().contains("rows-without-weight"));
            assertFalse(expected.getProvenance().toString().contains("rows-without-weight"));
        }
        // a bootstrap has them more than once
        DatasetView<Regressor> bootstrap =
                DatasetView.createBootstrapView(all, N, 3, all.getFeatureIDMap(), all.getOutputIDInfo());
        MutableDataset<Regressor> counted = empty();
        bootstrap.forEach(example -> {
            if (example.getWeight() > 0) {
                counted.add(example);
            }
        });
        try (FiniteNTKRegressionModel found = trainer.train(bootstrap);
                FiniteNTKRegressionModel expected = trainer.train(counted)) {
            assertArrayEquals(values(expected), values(found));
            assertEquals(
                    expected.posterior().fitted().findings().counts().sameExamples(),
                    found.posterior().fitted().findings().counts().sameExamples());
        }
        new BaggingTrainer<>(trainer, new MixtureCombiner(), 3, 1).train(all);
    }

    @Test
    void fineTuningTakesNoNegativeWeights() {
        MutableDataset<Regressor> data = empty();
        for (int row = 0; row < 5; row++) {
            data.add(weighted(row, row - 3, 0));
        }
        FineTuningRegressionTrainer trainer = new FineTuningRegressionTrainer(backbone(), new Adam(1e-2), 1, 8);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> trainer.train(data));
        assertTrue(String.valueOf(e.getMessage()).contains("training example 0 is -3.0"), e::getMessage);
    }

    /** Every row is there twice, as other examples: each fold's model has every row that it knows once. */
    @Test
    void crossValidationOfATableWithRepeatedRows() {
        MutableDataset<Regressor> data = empty();
        for (int row = 0; row < 80; row++) {
            data.add(example(row % 40, 0.8));
        }
        Model<Regressor> single = new FiniteNTKRegressionTrainer(backbone()).train(data);
        double noise = ((FiniteNTKRegressionModel) single).posterior().noiseVariance(0);
        assertTrue(noise > 0.2, "a noise variance of 0.64 is learned as " + noise);
        CrossValidation<Regressor, ?> folds = new CrossValidation<>(
                new FiniteNTKRegressionTrainer(backbone()), data, new RegressionEvaluator(), 4, 7);
        List<Model<Regressor>> models = new ArrayList<>();
        folds.evaluate().forEach(fold -> models.add(fold.getB()));
        assertEquals(4, models.size());
        for (Model<Regressor> model : models) {
            RegressionPosterior posterior = ((FiniteNTKRegressionModel) model).posterior();
            TrainingRows.Counts counts = posterior.fitted().findings().counts();
            assertEquals(60, counts.given());
            assertTrue(counts.equalRows() > 15, counts.toString());
            assertEquals(60 - counts.equalRows(), posterior.trainingSize());
            assertTrue(
                    posterior.noiseVariance(0) > 0.2,
                    "a noise variance of 0.64 is learned as " + posterior.noiseVariance(0));
        }
    }

    /** Members of a bagged model answer for themselves. */
    @Test
    void membersOfABaggedModelKnowWhatTheyAreMadeOf() {
        MutableDataset<Regressor> data = empty();
        for (int row = 0; row < 40; row++) {
            data.add(example(row, 0.8));
        }
        WeightedEnsembleModel<Regressor> bagged = (WeightedEnsembleModel<Regressor>)
                new BaggingTrainer<>(new FiniteNTKRegressionTrainer(backbone()), new MixtureCombiner(), 5, 3)
                        .train(data);
        for (Model<Regressor> member : bagged.getModels()) {
            TrainingRows.Counts counts = ((FiniteNTKRegressionModel) member)
                    .posterior()
                    .fitted()
                    .findings()
                    .counts();
            assertEquals(40, counts.given());
            assertTrue(counts.sameExamples() > 5 && counts.equalRows() == 0, counts.toString());
        }
    }
}
