package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/**
 * Against a fixture of numpy and scipy (src/test/python/rbf_fixture.py), finite differences, and what must not matter.
 */
@NullUnmarked
final class RbfGaussianProcessTest {
    private static final int D = 3;
    private static final Map<String, double[]> FIXTURE = fixture();

    private static Map<String, double[]> fixture() {
        try (InputStream in = RbfGaussianProcessTest.class.getResourceAsStream("rbf.json")) {
            return new ObjectMapper()
                    .readValue(
                            in,
                            new ObjectMapper()
                                    .getTypeFactory()
                                    .constructMapType(Map.class, String.class, double[].class));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static double[] known(String name) {
        return FIXTURE.get(name);
    }

    private static RbfFit fit() {
        double[] y = known("y");
        int[] given = new int[y.length];
        Arrays.setAll(given, i -> i);
        Examples x = Examples.of("features", Tensor.ofDoubles(known("x"), y.length, D));
        return new RbfFit(
                new TrainingRows(x, y, known("weights"), given, new TrainingRows.Counts(y.length, 0, 0, 0, 0)),
                List.of("y"));
    }

    private static RbfLikelihood likelihood() {
        double[] y = known("y");
        double[] x = Standardization.of(known("x"), D).apply(known("x"));
        RowNoise noise = RowNoise.of(known("weights"), 1);
        double[] ones = new double[y.length];
        Arrays.fill(ones, 1);
        return new RbfLikelihood(x, noise, new Targets(noise.scaled(y, 1), 1, noise.scaled(ones, 1), 1));
    }

    private static RbfHyperparameters hyperparameters() {
        return new RbfHyperparameters(known("lengthScales"), known("signal")[0], known("noise")[0]);
    }

    private static void assertClose(double[] expected, double[] found, double relative) {
        assertEquals(expected.length, found.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], relative * Math.max(1, Math.abs(expected[i])));
        }
    }

    @Test
    void isWhatTheReferenceComputes() {
        RbfPosterior posterior = fit().posterior(List.of(hyperparameters()), ProgressListener.NONE);
        assertEquals(known("lml")[0], posterior.evidence().logMarginalLikelihood(), 1e-8);
        assertClose(known("constant"), posterior.parts().get(0).column().coefficients(), 1e-8);
        RegressionPosterior.Predictive latent = posterior.predict(known("z"), VarianceKind.LATENT);
        assertClose(known("mean"), latent.mean(), 1e-8);
        assertClose(known("latent"), latent.variance(), 1e-8);
        RegressionPosterior.Predictive observed = posterior.predict(known("z"), VarianceKind.OBSERVATION);
        assertArrayEquals(latent.mean(), observed.mean());
        for (int i = 0; i < observed.mean().length; i++) {
            assertEquals(known("latent")[i] + known("noise")[0], observed.variance()[i], 1e-8);
        }
        assertClose(
                known("mean"), posterior.predict(known("z"), VarianceKind.NONE).mean(), 1e-8);
        assertTrue(Double.isNaN(posterior.predict(known("z"), VarianceKind.NONE).variance()[0]));
        assertClose(known("looMean"), posterior.leaveOneOut().mean(), 1e-8);
        assertClose(known("looVariance"), posterior.leaveOneOut().variance(), 1e-8);
        assertClose(known("looLogDensity"), posterior.leaveOneOut().logDensity(), 1e-8);
    }

    @Test
    void gradientIsThatOfTheReference() {
        RbfLikelihood.Slope slope = likelihood().at(hyperparameters());
        assertEquals(known("lml")[0], slope.value(), 1e-8);
        double[] gradient = Arrays.copyOf(slope.byLengthScales(), D + 2);
        gradient[D] = slope.bySignal();
        gradient[D + 1] = slope.byNoise();
        assertClose(known("gradient"), gradient, 1e-8);
    }

    /** Of what is minimized, with a length scale for each feature and with one. */
    @Test
    void gradientIsThatOfFiniteDifferences() {
        for (RbfLengthScales scales : RbfLengthScales.values()) {
            RbfSearch search = new RbfSearch(likelihood(), new RbfSettings(scales, 0.7, 1.3, 1, 1, 0, 1, 0));
            SplittableRandom random = new SplittableRandom(3);
            double[] logs = random.doubles(scales == RbfLengthScales.SHARED ? 3 : D + 2, -1, 1)
                    .toArray();
            double[] gradient = search.at(logs).gradient();
            for (int k = 0; k < logs.length; k++) {
                double h = 1e-4;
                double[] difference = new double[4];
                for (int s = 0; s < 4; s++) {
                    double[] moved = logs.clone();
                    moved[k] += new double[] {-2, -1, 1, 2}[s] * h;
                    difference[s] = search.at(moved).value();
                }
                double slope = (difference[0] - 8 * difference[1] + 8 * difference[2] - difference[3]) / (12 * h);
                assertEquals(slope, gradient[k], 1e-6 * Math.max(1, Math.abs(slope)), scales + " " + k);
            }
        }
    }

    @Test
    void findsWhatTwentyStartsOfScipyFind() {
        RbfSearch.Found found =
                fit().learn(RbfSettings.DEFAULT, ProgressListener.NONE).get(0);
        double[] logs = Arrays.copyOf(found.best().lengthScales(), D + 2);
        logs[D] = found.best().signal();
        logs[D + 1] = found.best().noise();
        Arrays.setAll(logs, k -> Math.log(logs[k]));
        RbfSearch search = new RbfSearch(likelihood(), RbfSettings.DEFAULT);
        assertEquals(known("bestObjective")[0], search.at(logs).value(), 1e-4);
        assertEquals(known("bestObjective")[0], search.at(known("bestLogs")).value(), 1e-8);
    }

    /** The variances of observations at the rows themselves. */
    private static double least(double floor) {
        MutableDataset<Regressor> data = data(40, 2, 0, 5);
        return new RbfGaussianProcessTrainer(RbfLengthScales.SHARED, 0, 1, floor)
                .train(data).predict(data).stream()
                        .mapToDouble(prediction -> prediction.getOutput().getVariances()[0])
                        .min()
                        .orElse(Double.NaN);
    }

    @Test
    void noiseIsNoLessThanItsFloor() {
        assertTrue(least(0.04) >= 0.04 * (1 - 1e-9), () -> "" + least(0.04));
        assertTrue(least(0) < 0.01, () -> "" + least(0));
        // beyond what is looked for otherwise: a hundred times the targets' variance
        assertTrue(least(500) >= 500 * (1 - 1e-9), () -> "" + least(500));
        String message = String.valueOf(
                assertThrows(PropertyException.class, () -> least(-1)).getMessage());
        assertTrue(message.contains("minimumNoiseVariance"), message);
    }

    /** Rows of (x_0, …, x_{d-1}) in a cube, of which y depends on two. */
    private static MutableDataset<Regressor> data(int n, int d, double noise, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        MutableDataset<Regressor> data = empty();
        for (int i = 0; i < n; i++) {
            double[] x = random.doubles(d, -1, 1).toArray();
            double y = Math.sin(4 * x[0]) + x[1] * x[1] + noise * random.nextGaussian();
            data.add(example(y, 1, x));
        }
        return data;
    }

    private static MutableDataset<Regressor> empty() {
        return new MutableDataset<>(
                new SimpleDataSourceProvenance("made here", new RegressionFactory()), new RegressionFactory());
    }

    private static Example<Regressor> example(double y, double weight, double... x) {
        String[] names = new String[x.length];
        Arrays.setAll(names, k -> "x" + k);
        Example<Regressor> example = new ArrayExample<>(new Regressor("y", y), names, x);
        example.setWeight((float) weight);
        return example;
    }

    private static double[] numbers(List<Prediction<Regressor>> predictions) {
        return predictions.stream()
                .flatMapToDouble(p -> Arrays.stream(new double[] {
                    p.getOutput().getValues()[0], p.getOutput().getVariances()[0]
                }))
                .toArray();
    }

    private static double error(Model<Regressor> model, MutableDataset<Regressor> test) {
        double squares = 0;
        for (Prediction<Regressor> p : model.predict(test)) {
            double left =
                    p.getOutput().getValues()[0] - p.getExample().getOutput().getValues()[0];
            squares += left * left / test.size();
        }
        return Math.sqrt(squares);
    }

    @Test
    void tellsWhichFeaturesMatter() {
        MutableDataset<Regressor> data = data(80, 5, 0.05, 1);
        RbfGaussianProcessModel model = new RbfGaussianProcessTrainer().train(data);
        assertEquals(
                List.of("x0", "x1"),
                model.getTopFeatures(2).get("y").stream()
                        .map(pair -> pair.getA())
                        .toList());
        double[] scales = model.lengthScales("y");
        for (int k = 2; k < 5; k++) {
            assertTrue(scales[k] > 3 * Math.max(scales[0], scales[1]), Arrays.toString(scales));
        }
        assertEquals(0.0025, model.noiseVariance("y"), 0.001);
        MutableDataset<Regressor> test = data(200, 5, 0, 2);
        double alike = error(new RbfGaussianProcessTrainer(RbfLengthScales.SHARED, 0, 1).train(data), test);
        assertTrue(2 * error(model, test) < alike);
    }

    @Test
    void learnsOnRowsThatTheSeedDraws() {
        MutableDataset<Regressor> data = data(150, 2, 0.1, 1);
        RbfGaussianProcessModel first = new RbfGaussianProcessTrainer(RbfLengthScales.PER_FEATURE, 50, 1).train(data);
        RbfGaussianProcessModel again = new RbfGaussianProcessTrainer(RbfLengthScales.PER_FEATURE, 50, 1).train(data);
        RbfGaussianProcessModel other = new RbfGaussianProcessTrainer(RbfLengthScales.PER_FEATURE, 50, 2).train(data);
        assertArrayEquals(first.lengthScales("y"), again.lengthScales("y"));
        assertArrayEquals(numbers(first.predict(data)), numbers(again.predict(data)));
        assertTrue(first.noiseVariance("y") != other.noiseVariance("y"));
        assertEquals(150, first.leaveOneOut().size());
        assertTrue(first.getProvenance().getInstanceProvenance().toString().contains("learning-rows"));
    }

    @Test
    void storedModelsPredictTheSame() throws IOException, ClassNotFoundException {
        MutableDataset<Regressor> data = data(40, 3, 0.1, 1);
        RbfGaussianProcessModel model = new RbfGaussianProcessTrainer().train(data);
        double[] expected = numbers(model.predict(data));
        Model<?> stored = Model.deserialize(model.serialize());
        assertArrayEquals(expected, numbers(stored.castModel(Regressor.class).predict(data)));
        assertEquals(model.serialize(), stored.serialize());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(model);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            RbfGaussianProcessModel read = (RbfGaussianProcessModel) in.readObject();
            assertArrayEquals(expected, numbers(read.predict(data)));
            assertArrayEquals(
                    model.leaveOneOut().logDensity(), read.leaveOneOut().logDensity());
        }
        assertArrayEquals(expected, numbers(model.copy().predict(data)));
    }

    @Test
    void weightsAreRelativeAndRepeatsAreRows() {
        MutableDataset<Regressor> once = data(40, 2, 0.1, 1);
        MutableDataset<Regressor> twice = empty();
        MutableDataset<Regressor> heavy = empty();
        for (Example<Regressor> example : once) {
            double[] x = {
                example.iterator().next().getValue(), 0,
            };
            List<Double> values = new ArrayList<>();
            example.forEach(feature -> values.add(feature.getValue()));
            x[1] = values.get(1);
            double y = example.getOutput().getValues()[0];
            twice.add(example(y, 1, x));
            twice.add(example(y, 1, x));
            heavy.add(example(y, 7, x));
        }
        heavy.add(example(1e6, 0, 0.5, 0.5));
        double[] expected = numbers(new RbfGaussianProcessTrainer().train(once).predict(once));
        assertArrayEquals(
                expected, numbers(new RbfGaussianProcessTrainer().train(twice).predict(once)));
        assertArrayEquals(
                expected, numbers(new RbfGaussianProcessTrainer().train(heavy).predict(once)));
    }

    /** Numbers far from 1 are the same problem. */
    @Test
    void unitsDoNotMatter() {
        MutableDataset<Regressor> data = data(30, 2, 0.1, 1);
        MutableDataset<Regressor> large = empty();
        for (Example<Regressor> example : data) {
            List<Double> values = new ArrayList<>();
            example.forEach(feature -> values.add(feature.getValue()));
            double y = example.getOutput().getValues()[0];
            large.add(example(1e9 + 1e12 * y, 1, 1e200 * values.get(0), 1e-200 * values.get(1)));
        }
        double[] expected = numbers(new RbfGaussianProcessTrainer().train(data).predict(data));
        double[] found = numbers(new RbfGaussianProcessTrainer().train(large).predict(large));
        for (int i = 0; i < found.length; i += 2) {
            assertEquals(expected[i], (found[i] - 1e9) / 1e12, 1e-3);
            assertEquals(1, found[i + 1] / 1e24 / expected[i + 1], 1e-2);
        }
    }

    private static void assertRefused(String words, Runnable run) {
        String message = assertThrows(IllegalArgumentException.class, run::run).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void oddDataAreTakenOrRefusedInASentence() {
        MutableDataset<Regressor> same = empty();
        MutableDataset<Regressor> flat = empty();
        MutableDataset<Regressor> one = empty();
        for (int i = 0; i < 5; i++) {
            same.add(example(i, 1, 2, 3));
            flat.add(example(4, 1, i, 3));
        }
        one.add(example(1, 1, 1, 2));
        assertRefused("every feature has the same value", () -> new RbfGaussianProcessTrainer().train(same));
        assertRefused("every feature has the same value", () -> new RbfGaussianProcessTrainer().train(one));
        RbfGaussianProcessModel model = new RbfGaussianProcessTrainer().train(flat);
        assertEquals(4, model.predict(example(0, 1, 2.5, 3)).getOutput().getValues()[0], 1e-12);
        assertEquals(Double.POSITIVE_INFINITY, model.lengthScales("y")[1]);
        // what never varied says nothing when it does
        assertArrayEquals(
                numbers(List.of(model.predict(example(0, 1, 2.5, 3)))),
                numbers(List.of(model.predict(example(0, 1, 2.5, 4)))));
        assertRefused("lacks the feature 'x1'", () -> model.predict(example(0, 1, 2.5)));
        assertRefused("expected a finite number", () -> model.predict(example(0, 1, Double.NaN, 3)));
        assertRefused("the dataset is empty", () -> new RbfGaussianProcessTrainer().train(empty()));
        flat.add(example(Double.NaN, 1, 1, 1));
        assertRefused("is NaN", () -> new RbfGaussianProcessTrainer().train(flat));
    }
}
