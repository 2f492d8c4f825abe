package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.onnx.Graph;
import org.junit.jupiter.api.Test;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.DataSourceProvenance;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;
import org.tribuo.regression.example.RegressionDataGenerator;
import org.tribuo.test.Helpers;

final class FineTuningRegressionTrainerTest extends FineTuningBattery<Regressor> {
    @Override
    protected Class<Regressor> outputClass() {
        return Regressor.class;
    }

    @Override
    FineTuningTrainer<Regressor, ?> trainer(OnnxBackbone backbone, Optimizer optimizer, int epochs, int batchSize) {
        return new FineTuningRegressionTrainer(backbone, optimizer, epochs, batchSize);
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
        return prediction.getOutput().getValues();
    }

    private FineTuningRegressionTrainer withVariance(
            OnnxBackbone backbone, TrainedParameters which, List<String> names) {
        return new FineTuningRegressionTrainer(
                backbone, new FineTuningSettings(new Adam(1e-2), 20, 5, which, names, 1), true, 0);
    }

    @Test
    void residualVariancesAreTheMeanSquaredResiduals() {
        Dataset<Regressor> data =
                RegressionDataGenerator.threeDimDenseTrainTest(1, false).getA();
        Model<Regressor> model =
                withVariance(backbone(data), TrainedParameters.ALL, List.of()).train(data);
        double[] squares = new double[3];
        List<Prediction<Regressor>> predictions = model.predict(data);
        for (int i = 0; i < data.size(); i++) {
            for (int d = 0; d < 3; d++) {
                double residual = predictions.get(i).getOutput().getValues()[d]
                        - data.getExample(i).getOutput().getValues()[d];
                squares[d] += residual * residual / data.size();
            }
        }
        // Predictions come from folded weights and training outputs from fed ones, so they agree to single precision.
        for (int d = 0; d < 3; d++) {
            assertEquals(squares[d], predictions.get(0).getOutput().getVariances()[d], 1e-4 * squares[d]);
        }
        FineTunedRegressionModel loaded = assertInstanceOf(
                FineTunedRegressionModel.class, Helpers.testModelProtoSerialization(model, Regressor.class, data, 0));
        assertArrayEquals(
                assertInstanceOf(FineTunedRegressionModel.class, model).residualVariances(),
                loaded.residualVariances());
        assertEquals(3, loaded.residualVariances().length);
    }

    private static double variance(
            OnnxBackbone backbone, TrainedParameters which, double heldOut, Dataset<Regressor> data) {
        return new FineTuningRegressionTrainer(
                        backbone, new FineTuningSettings(new Adam(1e-2), 60, 5, which, List.of(), 1), true, heldOut)
                .train(data)
                .predict(data.getExample(0))
                .getOutput()
                .getVariances()[0];
    }

    /**
     * Targets are noise, so that all that is learned is overfitting, and examples held out have residuals of more than
     * variance 1.
     */
    @Test
    void heldOutVariancesAreNotFooledByOverfitting() {
        Random random = new Random(4);
        MutableDataset<Regressor> data = new MutableDataset<>(dataProvenance(), new RegressionFactory());
        for (int i = 0; i < 60; i++) {
            data.add(new ArrayExample<>(
                    new Regressor("y", random.nextGaussian()),
                    new String[] {"a", "b", "c"},
                    new double[] {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()}));
        }
        OnnxBackbone backbone = backbone(NetworkBuilder.mlp(3, List.of(60), 1, Activation.TANH, 3));
        double fitted = variance(backbone, TrainedParameters.ALL, 0, data);
        double held = variance(backbone, TrainedParameters.ALL, 0.3, data);
        assertTrue(fitted < 0.7 && held > 0.9, "fitted " + fitted + ", held out " + held);
        assertEquals(held, variance(backbone, TrainedParameters.ALL, 0.3, data));
        for (double impossible : new double[] {-0.1, 1, Double.NaN}) {
            assertThrows(PropertyException.class, () -> variance(backbone, TrainedParameters.ALL, impossible, data));
        }
        MutableDataset<Regressor> one = new MutableDataset<>(dataProvenance(), new RegressionFactory());
        one.add(data.getExample(0));
        assertThrows(IllegalArgumentException.class, () -> variance(backbone, TrainedParameters.ALL, 0.3, one));
    }

    @Test
    void nothingMovesIfAsked() {
        Dataset<Regressor> data = dense().train();
        Graph graph = NetworkBuilder.mlp(4, List.of(6), 1, Activation.TANH, 3);
        FineTunedRegressionModel model = assertInstanceOf(
                FineTunedRegressionModel.class,
                withVariance(backbone(graph), TrainedParameters.NONE, List.of()).train(data));
        for (String name : List.of("layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias")) {
            assertArrayEquals(values(graph, name), values(model.network(), name));
        }
        double squares = data.getData().stream()
                .mapToDouble(example -> example.getOutput().getValues()[0]
                        - model.predict(example).getOutput().getValues()[0])
                .map(r -> r * r)
                .average()
                .orElseThrow();
        assertEquals(squares, model.residualVariances()[0], 1e-4 * squares);
        assertEquals(squares, variance(backbone(graph), TrainedParameters.NONE, 0.5, data), 1e-4 * squares);
    }

    @Test
    void withoutTheOptionVariancesAreNaN() {
        Dataset<Regressor> data = dense().train();
        Regressor output = trainer(data).train(data).predict(data.getExample(0)).getOutput();
        assertTrue(Arrays.stream(output.getVariances()).allMatch(Double::isNaN));
    }

    /** Eleven dimensions, of which DIM-10 sorts before DIM-2 as a string; dimension d is d everywhere. */
    private static MutableDataset<Regressor> elevenDimensions() {
        MutableDataset<Regressor> data = new MutableDataset<>(dataProvenance(), new RegressionFactory());
        String[] names = new String[11];
        double[] values = new double[11];
        for (int d = 0; d < 11; d++) {
            names[d] = "DIM-" + d;
            values[d] = d;
        }
        for (int i = 0; i < 20; i++) {
            data.add(new ArrayExample<>(
                    new Regressor(names, values), new String[] {"x"}, new double[] {0.1 * i + 0.05}));
        }
        return data;
    }

    private static DataSourceProvenance dataProvenance() {
        return new SimpleDataSourceProvenance("test", new RegressionFactory());
    }

    @Test
    void dimensionsMeetOutputsInNumberOrder() {
        MutableDataset<Regressor> data = elevenDimensions();
        OnnxBackbone backbone = backbone(NetworkBuilder.mlp(1, List.of(5), 11, Activation.TANH, 3));
        FineTuningRegressionTrainer trainer = new FineTuningRegressionTrainer(backbone, new Adam(0.1), 300, 20);
        FineTunedRegressionModel model = assertInstanceOf(FineTunedRegressionModel.class, trainer.train(data));
        assertEquals(List.of("DIM-0", "DIM-1", "DIM-2"), model.outputNames().subList(0, 3));
        double[] bias = values(model.network(), "layers.1.bias");
        assertTrue(bias[10] > bias[2] + 1, Arrays.toString(bias));
        Regressor output = model.predict(data.getExample(3)).getOutput();
        assertEquals(10, output.getDimension("DIM-10").orElseThrow().getValue(), 0.5);
        assertEquals(2, output.getDimension("DIM-2").orElseThrow().getValue(), 0.5);
    }

    @Test
    void onlyTheLastLayerMovesIfAsked() {
        Dataset<Regressor> data = dense().train();
        Graph graph = NetworkBuilder.mlp(4, List.of(6), 1, Activation.TANH, 3);
        FineTunedRegressionModel model = assertInstanceOf(
                FineTunedRegressionModel.class,
                withVariance(backbone(graph), TrainedParameters.LAST_LAYER, List.of())
                        .train(data));
        assertArrayEquals(values(graph, "layers.0.weight"), values(model.network(), "layers.0.weight"));
        assertFalse(Arrays.equals(values(graph, "layers.1.weight"), values(model.network(), "layers.1.weight")));
    }

    private static double[] values(Graph graph, String name) {
        return Objects.requireNonNull(graph.initializers().get(name)).toDoubles();
    }

    @Test
    void targetsThatAreNotFiniteAreNamed() {
        MutableDataset<Regressor> data = new MutableDataset<>(dataProvenance(), new RegressionFactory());
        data.add(new ArrayExample<>(new Regressor("y", 1), new String[] {"x"}, new double[] {1}));
        data.add(
                new ArrayExample<>(new Regressor("y", Double.POSITIVE_INFINITY), new String[] {"x"}, new double[] {2}));
        OnnxBackbone backbone = backbone(NetworkBuilder.mlp(1, List.of(5), 1, Activation.TANH, 3));
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new FineTuningRegressionTrainer(backbone, new Adam(0.1), 1, 20).train(data));
        assertTrue(String.valueOf(e.getMessage()).contains("training example 1 is Infinity"), e.getMessage());
    }
}
