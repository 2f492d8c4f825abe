package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.testing.TrainerBattery;
import org.junit.jupiter.api.Test;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.impl.ArrayExample;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;
import org.tribuo.regression.example.RegressionDataGenerator;
import org.tribuo.test.Helpers;

final class FiniteNTKRegressionTrainerTest extends TrainerBattery<Regressor> {
    @Override
    protected Class<Regressor> outputClass() {
        return Regressor.class;
    }

    @Override
    protected Trainer<Regressor> trainer(OnnxBackbone backbone) {
        return new FiniteNTKRegressionTrainer(backbone);
    }

    @Override
    protected List<String> findings() {
        return List.of(
                "solver",
                "solver-reason",
                "mean-function",
                "output-structure",
                "log-marginal-likelihood",
                "jitter",
                "dimension-0");
    }

    @Override
    protected Data<Regressor> dense() {
        return new Data<>("dense", RegressionDataGenerator.denseTrainTest());
    }

    @Override
    protected Data<Regressor> sparse() {
        return new Data<>("sparse", RegressionDataGenerator.sparseTrainTest());
    }

    @Override
    protected Stream<Data<Regressor>> dataSets() {
        return Stream.of(
                dense(),
                sparse(),
                new Data<>("three dimensions", RegressionDataGenerator.threeDimDenseTrainTest(1, false)));
    }

    @Override
    protected Example<Regressor> emptyExample() {
        return RegressionDataGenerator.emptyExample();
    }

    @Override
    protected Example<Regressor> invalidExample() {
        return RegressionDataGenerator.invalidSparseExample();
    }

    @Override
    protected int outputs(Dataset<Regressor> data) {
        return data.getOutputInfo().getDomain().size();
    }

    @Override
    protected Evaluator<Regressor, ?> evaluator() {
        return new RegressionEvaluator();
    }

    @Override
    protected double[] numbers(Prediction<Regressor> prediction) {
        Regressor output = prediction.getOutput();
        return DoubleStream.concat(Arrays.stream(output.getValues()), Arrays.stream(output.getVariances()))
                .toArray();
    }

    /** Bundles made elsewhere are how networks with operators that we have no rule for come in. */
    @Test
    void zippedBundlesAreBackbonesToo() {
        Dataset<Regressor> data = dense().train();
        OnnxBackbone model = backbone(data);
        Path zip = folder.resolve("bundle.zip");
        try (LinearizedNetwork network = model.open()) {
            LinearizationBundle.of(network).write(zip);
        }
        List<Prediction<Regressor>> expected = trainer(model).train(data).predict(dense().test());
        Model<Regressor> trained =
                trainer(OnnxBackbone.builder(zip).sortedFeatures().build()).train(data);
        List<Double> found = numbers(trained.predict(dense().test()));
        for (int i = 0; i < found.size(); i++) {
            assertEquals(numbers(expected).get(i), found.get(i), 1e-4 * Math.abs(found.get(i)));
        }
        Model<Regressor> loaded = Helpers.testModelProtoSerialization(trained, Regressor.class, dense().test(), 0);
        assertEquals(found, numbers(loaded.predict(dense().test())));
        assertRefused(
                "parameters are fixed",
                () -> trainer(OnnxBackbone.builder(zip)
                                .sortedFeatures()
                                .exclude("bias")
                                .build())
                        .train(data));
        assertRefused("is a folder", () -> trainer(new OnnxBackbone(folder)).train(data));
    }

    @Test
    void exampleWeightsDimensionsAndTargetsAreChecked() {
        Dataset<Regressor> data = dense().train();
        MutableDataset<Regressor> broken = new MutableDataset<>(data.getProvenance(), data.getOutputFactory());
        data.forEach(broken::add);
        broken.add(new ArrayExample<>(
                new Regressor(data.getExample(0).getOutput().getNames()[0], Double.NaN),
                new String[] {"A", "B"},
                new double[] {1, 2}));
        assertRefused(
                "of training example " + data.size() + " is NaN",
                () -> trainer(data).train(broken));
        assertRefused(
                "outputs",
                () -> new FiniteNTKRegressionTrainer(
                                backbone(data), RegressionSettings.DEFAULT.withOutputs(OutputStructure.SHARED, 5))
                        .train(data));
        assertRefused(
                "the output order lists",
                () -> new FiniteNTKRegressionTrainer(
                                backbone(data), RegressionSettings.DEFAULT, VarianceKind.NONE, List.of("other"))
                        .train(data));
    }

    @Test
    void predictionsSayWhatTheirVariancesAreOf() {
        Dataset<Regressor> data = dense().train();
        OnnxBackbone backbone = backbone(data);
        RegressionSettings settings = RegressionSettings.DEFAULT.withFixedVariances(1, 0.25);
        Map<VarianceKind, Double> variances = new EnumMap<>(VarianceKind.class);
        for (VarianceKind kind : VarianceKind.values()) {
            try (FiniteNTKRegressionModel model =
                    new FiniteNTKRegressionTrainer(backbone, settings, kind, List.of()).train(data)) {
                assertEquals(kind, model.varianceKind());
                variances.put(
                        kind, model.predict(data.getExample(0)).getOutput().getVariances()[0]);
            }
        }
        assertEquals(
                variances.getOrDefault(VarianceKind.LATENT, 0.0) + 0.25,
                variances.getOrDefault(VarianceKind.OBSERVATION, 0.0),
                1e-12);
        assertTrue(Double.isNaN(variances.getOrDefault(VarianceKind.NONE, 0.0)));
    }
}
