package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.dataset.DatasetView;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.ensemble.EnsembleCombiner;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.test.Helpers;

/** What a row means that is there several times, and what weights mean. */
final class RepeatedRowsTest {
    private static final int N = 40;
    private static final Graph GRAPH = NetworkBuilder.mlp(2, List.of(8), 2, Activation.TANH, 1);
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final Examples Z = examples(IntStream.range(0, 6)
            .mapToObj(i -> new float[] {i / 3f - 1, 0.3f * i})
            .toArray(float[][]::new));

    @TempDir
    private Path folder = Path.of("");

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static Examples examples(float[][] rows) {
        float[] flat = new float[rows.length * 2];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = rows[i / 2][i % 2];
        }
        return Examples.of("input", Tensor.ofFloats(flat, rows.length, 2));
    }

    private static float[][] rows(int n) {
        SplittableRandom random = new SplittableRandom(4);
        return IntStream.range(0, n)
                .mapToObj(i -> new float[] {(float) random.nextDouble(-2, 2), (float) random.nextDouble(-1, 1)})
                .toArray(float[][]::new);
    }

    private static double[] targets(float[][] rows) {
        SplittableRandom random = new SplittableRandom(9);
        return Arrays.stream(rows)
                .flatMapToDouble(row -> java.util.stream.DoubleStream.of(
                        Math.sin(row[0]) + 0.2 * random.nextGaussian(), row[1] + 0.2 * random.nextGaussian()))
                .toArray();
    }

    private static <R> List<R> twice(List<R> rows) {
        List<R> both = new ArrayList<>(rows);
        both.addAll(rows);
        return both;
    }

    private static float[][] twice(float[][] rows) {
        return twice(List.of(rows)).toArray(float[][]::new);
    }

    private static double[] twice(double[] values) {
        double[] both = Arrays.copyOf(values, 2 * values.length);
        System.arraycopy(values, 0, both, values.length, values.length);
        return both;
    }

    private static double[] numbers(RegressionPosterior posterior) {
        RegressionPosterior.Predictive found = posterior.predict(Z, VarianceKind.OBSERVATION);
        double[] numbers = Arrays.copyOf(found.mean(), 2 * found.mean().length + 2);
        System.arraycopy(found.variance(), 0, numbers, found.mean().length, found.mean().length);
        numbers[numbers.length - 2] = posterior.noiseVariance(0);
        numbers[numbers.length - 1] = posterior.noiseVariance(1);
        return numbers;
    }

    private static RegressionPosterior fit(
            float[][] rows, double[] targets, double @Nullable [] weights, RegressionSettings settings) {
        return RegressionPosterior.fit(NETWORK, examples(rows), targets, weights, settings, ProgressListener.NONE);
    }

    static List<Arguments> solversAndStructures() {
        List<Arguments> all = new ArrayList<>();
        for (Solver solver : List.of(Solver.DENSE, Solver.ITERATIVE, Solver.PARAMETER_SPACE)) {
            for (OutputStructure structure :
                    List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED)) {
                all.add(Arguments.of(solver, structure));
            }
        }
        return all;
    }

    private static RegressionSettings settings(Solver solver, OutputStructure structure) {
        return RegressionSettings.DEFAULT
                .withSolver(solver, new RegressionSettings.Iterative(1e-6, 1000, 40, 4, 1))
                .withOutputs(structure, 0)
                .withMean(MeanFunction.CONSTANT);
    }

    @ParameterizedTest
    @MethodSource("solversAndStructures")
    void aTableTwiceIsTheTable(Solver solver, OutputStructure structure) {
        RegressionSettings settings = settings(solver, structure);
        float[][] rows = rows(N);
        double[] expected = numbers(fit(rows, targets(rows), null, settings));
        assertArrayEquals(expected, numbers(fit(twice(rows), twice(targets(rows)), null, settings)));
    }

    @ParameterizedTest
    @MethodSource("solversAndStructures")
    void doublingAllWeightsChangesNothingWhereNoiseIsLearned(Solver solver, OutputStructure structure) {
        float[][] rows = rows(N);
        double[] weights = IntStream.range(0, N).mapToDouble(i -> 1 + i % 4).toArray();
        double[] doubled = Arrays.stream(weights).map(w -> 2 * w).toArray();
        RegressionSettings settings = settings(solver, structure);
        assertArrayEquals(
                numbers(fit(rows, targets(rows), weights, settings)),
                numbers(fit(rows, targets(rows), doubled, settings)));
    }

    /** σ²/w: twice the weights and twice the noise are the same function. */
    @ParameterizedTest
    @MethodSource("solversAndStructures")
    void weightsAreAbsoluteWhereNoiseIsGiven(Solver solver, OutputStructure structure) {
        float[][] rows = rows(N);
        double[] twos = new double[N];
        Arrays.fill(twos, 2);
        RegressionSettings settings = settings(solver, structure);
        double[] expected = fit(rows, targets(rows), null, settings.withFixedVariances(1, 0.1))
                .predict(Z, VarianceKind.LATENT)
                .variance();
        assertArrayEquals(
                expected,
                fit(rows, targets(rows), twos, settings.withFixedVariances(1, 0.2))
                        .predict(Z, VarianceKind.LATENT)
                        .variance(),
                1e-6);
        // and two equal rows are one of half the noise
        double[] folded = fit(twice(rows), twice(targets(rows)), null, settings.withFixedVariances(1, 0.2))
                .predict(Z, VarianceKind.LATENT)
                .variance();
        double[] kept = fit(
                        twice(rows),
                        twice(targets(rows)),
                        null,
                        settings.withFixedVariances(1, 0.2).withRepeatedRows(RepeatedRows.KEEP))
                .predict(Z, VarianceKind.LATENT)
                .variance();
        assertArrayEquals(expected, folded, 1e-6);
        assertArrayEquals(kept, folded, 1e-6);
    }

    @Test
    void repeatsWithOtherTargetsStay() {
        float[][] rows = twice(rows(N));
        double[] targets = targets(rows);
        RegressionPosterior posterior = fit(rows, targets, null, settings(Solver.DENSE, OutputStructure.MATCHED));
        assertEquals(
                new TrainingRows.Counts(2 * N, 0, 0, N, 0),
                posterior.fitted().findings().counts());
        assertArrayEquals(
                numbers(fit(
                        rows,
                        targets,
                        null,
                        settings(Solver.DENSE, OutputStructure.MATCHED).withRepeatedRows(RepeatedRows.KEEP))),
                numbers(posterior));
        // one row with another target decides for the whole table
        double[] one = twice(targets(rows(N)));
        one[one.length - 1] += 1;
        assertEquals(
                new TrainingRows.Counts(2 * N, 0, 0, N, 0),
                fit(rows, one, null, settings(Solver.DENSE, OutputStructure.MATCHED))
                        .fitted()
                        .findings()
                        .counts());
        assertEquals(
                new TrainingRows.Counts(2 * N, 0, N, 0, 0),
                fit(rows, twice(targets(rows(N))), null, settings(Solver.DENSE, OutputStructure.MATCHED))
                        .fitted()
                        .findings()
                        .counts());
    }

    @ParameterizedTest
    @EnumSource(
            value = HyperparameterLearning.class,
            names = {"BOTH", "NOISE"})
    void unequalAndHugeWeightsAreRelativePrecisions(HyperparameterLearning learning) {
        float[][] rows = rows(N);
        double[] weights =
                IntStream.range(0, N).mapToDouble(i -> i % 2 == 0 ? 1e6 : 1e-6).toArray();
        RegressionPosterior posterior = fit(
                rows,
                targets(rows),
                weights,
                settings(Solver.DENSE, OutputStructure.MATCHED).withLearning(learning));
        float[][] half = IntStream.range(0, N / 2).mapToObj(i -> rows[2 * i]).toArray(float[][]::new);
        double[] targets = targets(rows);
        double[] own = IntStream.range(0, N)
                .mapToDouble(i -> targets[i / 2 * 4 + i % 2])
                .toArray();
        double[] expected = fit(
                        half,
                        own,
                        null,
                        settings(Solver.DENSE, OutputStructure.MATCHED)
                                .withFixedVariances(posterior.priorVariance(0), posterior.noiseVariance(0) / 2))
                .mean(Z);
        assertArrayEquals(expected, posterior.mean(Z), 0.02);
        assertThrows(
                IllegalArgumentException.class, () -> fit(rows, targets, new double[N], RegressionSettings.DEFAULT));
    }

    @Test
    void equalTargetsAreNoExcuse() {
        float[][] rows = rows(N);
        double[] same = new double[2 * N];
        Arrays.fill(same, 3);
        RegressionPosterior posterior =
                fit(twice(rows), twice(same), null, settings(Solver.DENSE, OutputStructure.MATCHED));
        assertArrayEquals(new double[] {3, 3}, Arrays.copyOf(posterior.mean(Z), 2), 1e-6);
    }

    private static Dataset<Regressor> data(int n, long seed) {
        RegressionFactory factory = new RegressionFactory();
        MutableDataset<Regressor> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("made here", factory), factory);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < n; i++) {
            double a = random.nextDouble(-2, 2);
            double b = random.nextDouble(-2, 2);
            data.add(new ArrayExample<>(
                    new Regressor("y", Math.sin(2 * a) + 0.5 * b + 0.8 * random.nextGaussian()),
                    new String[] {"x0", "x1"},
                    new double[] {a, b}));
        }
        return data;
    }

    private FiniteNTKRegressionTrainer trainer() {
        Path file = folder.resolve("network.onnx");
        ModelWriter.write(NetworkBuilder.mlp(2, List.of(16), 1, Activation.TANH, 2), file);
        return new FiniteNTKRegressionTrainer(new OnnxBackbone(file));
    }

    private static MutableDataset<Regressor> copied(Dataset<Regressor> data, int[] positions) {
        MutableDataset<Regressor> copy = new MutableDataset<>(data.getProvenance(), data.getOutputFactory());
        for (int position : positions) {
            Example<Regressor> example = data.getExample(position);
            copy.add(example);
        }
        return copy;
    }

    /** Repeats of an example are weights even where other rows repeat with other targets. */
    @Test
    void theSameExampleAgainIsWeight() {
        Dataset<Regressor> data = data(30, 1);
        DatasetView<Regressor> bootstrap =
                DatasetView.createBootstrapView(data, 30, 5, data.getFeatureIDMap(), data.getOutputIDInfo());
        FiniteNTKRegressionModel model = trainer().train(bootstrap);
        int[] counts = new int[30];
        for (Example<Regressor> example : bootstrap) {
            counts[
                    IntStream.range(0, 30)
                            .filter(i -> data.getExample(i) == example)
                            .findFirst()
                            .orElseThrow()]++;
        }
        MutableDataset<Regressor> weighted = new MutableDataset<>(data.getProvenance(), data.getOutputFactory());
        for (int i = 0; i < 30; i++) {
            if (counts[i] > 0) {
                Example<Regressor> example = data.getExample(i).copy();
                example.setWeight(counts[i]);
                weighted.add(example);
            }
        }
        FiniteNTKRegressionModel expected = trainer().train(weighted);
        assertEquals(
                expected.posterior().noiseVariance(0),
                model.posterior().noiseVariance(0),
                1e-6 * expected.posterior().noiseVariance(0));
        assertEquals(
                expected.posterior().priorVariance(0),
                model.posterior().priorVariance(0),
                1e-6 * expected.posterior().priorVariance(0));
        String provenance = model.getProvenance().getInstanceProvenance().toString() + model.getProvenance();
        assertTrue(provenance.contains("rows-folded-same-example"), provenance);
        assertEquals(
                30 - weighted.size(),
                model.posterior().fitted().findings().counts().sameExamples());
        assertEquals(weighted.size(), model.posterior().trainingSize());
        // a dataset of its own that has every example twice
        int[] positions =
                IntStream.concat(IntStream.range(0, 30), IntStream.range(0, 30)).toArray();
        assertEquals(30, trainer().train(copied(data, positions)).posterior().trainingSize());
    }

    /** Root of the mean squared error, and mean negative log density. */
    private static double[] scores(Model<Regressor> model, Dataset<Regressor> test) {
        double squares = 0;
        double surprise = 0;
        for (Prediction<Regressor> prediction : model.predict(test)) {
            double variance = prediction.getOutput().getVariances()[0];
            double off = prediction.getExample().getOutput().getValues()[0]
                    - prediction.getOutput().getValues()[0];
            squares += off * off / test.size();
            surprise += 0.5 * (off * off / variance + Math.log(2 * Math.PI * variance)) / test.size();
        }
        return new double[] {Math.sqrt(squares), surprise};
    }

    @Test
    void baggingIsAsGoodAsOneModel() {
        Dataset<Regressor> test = data(300, 999);
        double[] single = new double[2];
        double[] bagged = new double[2];
        for (int seed = 0; seed < 10; seed++) {
            Dataset<Regressor> train = data(120, seed);
            double[] one = scores(trainer().train(train), test);
            double[] many = scores(new BaggingTrainer<>(trainer(), new MixtureCombiner(), 12, seed).train(train), test);
            for (int s = 0; s < 2; s++) {
                single[s] += one[s] / 10;
                bagged[s] += many[s] / 10;
            }
        }
        String scores = "RMSE " + bagged[0] + " for " + single[0] + ", NLL " + bagged[1] + " for " + single[1];
        assertTrue(bagged[0] <= 1.05 * single[0], scores);
        assertTrue(bagged[1] <= single[1] + 0.05, scores);
    }

    @Test
    void combinedVariancesAreThoseOfTheMixture() {
        Dataset<Regressor> data = data(5, 1);
        List<Prediction<Regressor>> members = List.of(member(1, 0.5, data), member(3, 0.25, data));
        MixtureCombiner combiner = new MixtureCombiner();
        Regressor equal = combiner.combine(data.getOutputIDInfo(), members).getOutput();
        assertEquals(2, equal.getValues()[0], 1e-12);
        assertEquals(0.375 + 1, equal.getVariances()[0], 1e-12);
        Regressor weighted = combiner.combine(data.getOutputIDInfo(), members, new float[] {3, 1})
                .getOutput();
        assertEquals(1.5, weighted.getValues()[0], 1e-12);
        assertEquals(0.4375 + 0.75, weighted.getVariances()[0], 1e-12);
        assertThrows(
                IllegalArgumentException.class,
                () -> combiner.combine(data.getOutputIDInfo(), members, new float[] {1}));
        assertThrows(
                IllegalArgumentException.class,
                () -> combiner.combine(data.getOutputIDInfo(), members, new float[] {0, 0}));
        assertEquals(combiner, EnsembleCombiner.deserialize(combiner.serialize()));
        Helpers.testConfigurableRoundtrip(new BaggingTrainer<>(trainer(), combiner, 3, 1));
    }

    private static Prediction<Regressor> member(double mean, double variance, Dataset<Regressor> data) {
        return new Prediction<>(new Regressor("y", mean, variance), 2, data.getExample(0));
    }

    /** Ensembles are stored with their combiner. */
    @Test
    void baggedModelsAreStored() {
        Dataset<Regressor> data = data(20, 1);
        Model<Regressor> model = new BaggingTrainer<>(trainer(), new MixtureCombiner(), 3, 1).train(data);
        Helpers.testModelProtoSerialization(model, Regressor.class, data);
        Helpers.testProvenanceMarshalling(model.getProvenance());
    }
}
