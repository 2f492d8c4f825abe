package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Level;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTunedRegressionModel;
import org.finitentk.finetune.FineTuning;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.FineTuningSettings;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.finetune.TrainedParameters;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.LogLines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluator;

/** Which output of a trained network is which dimension. */
final class DimensionOrderTest {
    private static final int OUTPUTS = 3;
    /** In the order of the trained network's outputs. */
    private static final List<String> SIZES = List.of("width", "height", "mass");

    @TempDir
    private Path folder = Path.of("");

    private static double[] targets(double x, double y) {
        return new double[] {x + 0.3 * y, Math.sin(2 * y), x * y};
    }

    private static Graph trained() {
        int n = 200;
        SplittableRandom random = new SplittableRandom(3);
        double[] x = new double[2 * n];
        double[] targets = new double[OUTPUTS * n];
        for (int i = 0; i < n; i++) {
            x[2 * i] = random.nextDouble(-1, 1);
            x[2 * i + 1] = random.nextDouble(-1, 1);
            System.arraycopy(targets(x[2 * i], x[2 * i + 1]), 0, targets, OUTPUTS * i, OUTPUTS);
        }
        Graph fresh = NetworkBuilder.mlp(2, List.of(16), OUTPUTS, Activation.TANH, 1);
        try (LinearizedNetwork network =
                RunningNetwork.of(fresh, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples examples = Examples.of(fresh.inputs().get(0).name(), Tensor.ofReals(ElementType.FLOAT, x, n, 2));
            return FineTuning.graph(
                    fresh,
                    network.parameters(),
                    new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(0.02), 60, 20)
                            .train(network, examples, targets, null, 1, ProgressListener.NONE)
                            .parameters());
        }
    }

    private OnnxBackbone backbone(Graph graph) {
        Path file = folder.resolve("network-" + folder.toFile().list().length + ".onnx");
        ModelWriter.write(graph, file);
        return OnnxBackbone.builder(file).features(List.of("x", "y")).build();
    }

    /** The network's task under other names, or another task where the names are of noise. */
    private static MutableDataset<Regressor> data(int n, List<String> names, boolean noise) {
        SplittableRandom random = new SplittableRandom(5);
        RegressionFactory factory = new RegressionFactory();
        List<Example<Regressor>> examples = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            double x = random.nextDouble(-1, 1);
            double y = random.nextDouble(-1, 1);
            double[] values = noise
                    ? new double[] {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()}
                    : targets(x, y);
            Regressor output =
                    new Regressor(names.toArray(String[]::new), java.util.Arrays.copyOf(values, names.size()));
            examples.add(new ArrayExample<>(output, new String[] {"x", "y"}, new double[] {x, y}));
        }
        return new MutableDataset<>(
                new ListDataSource<>(examples, factory, new SimpleDataSourceProvenance("sizes", factory)));
    }

    private static MutableDataset<Regressor> data(List<String> names) {
        return data(60, names, false);
    }

    private static Trainer<Regressor> trainer(
            OnnxBackbone backbone, OutputStructure structure, MeanFunction mean, String... names) {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withOutputs(structure, RegressionSettings.SUM)
                .withMean(mean);
        return new FiniteNTKRegressionTrainer(backbone, settings, VarianceKind.OBSERVATION, List.of(names));
    }

    private static Trainer<Regressor> trainer(OnnxBackbone backbone, String... names) {
        return trainer(backbone, OutputStructure.AUTO, MeanFunction.AUTO, names);
    }

    private static Trainer<Regressor> tuner(OnnxBackbone backbone, TrainedParameters trained, String... names) {
        return new FineTuningRegressionTrainer(
                backbone, new FineTuningSettings(new Adam(1e-3), 1, 16, trained, List.of(names), 1), true, 0);
    }

    private static String finding(Model<?> model, String key) {
        Map<String, String> findings = new HashMap<>();
        model.getProvenance()
                .getInstanceProvenance()
                .forEach(pair -> findings.put(pair.getA(), pair.getB().toString()));
        return findings.getOrDefault(key, "absent");
    }

    private static void assertRefused(Executable call, String... parts) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call).getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    private static double error(Model<Regressor> model, List<String> names) {
        return new RegressionEvaluator().evaluate(model, data(names)).averageRMSE();
    }

    @Test
    void anotherOrderThanTheAlphabetsIsRefusedAndNamed() {
        OnnxBackbone backbone = backbone(trained());
        List<Trainer<Regressor>> trainers = List.of(
                trainer(backbone),
                trainer(backbone, OutputStructure.MATCHED, MeanFunction.CONSTANT),
                trainer(backbone, OutputStructure.INDEPENDENT, MeanFunction.AUTO),
                trainer(backbone, OutputStructure.SHARED, MeanFunction.NETWORK),
                tuner(backbone, TrainedParameters.NONE));
        for (Trainer<Regressor> trainer : trainers) {
            assertRefused(
                    () -> trainer.train(data(SIZES)),
                    "the dimensions [height, mass, width]",
                    "for [width, height, mass]",
                    "<item>width</item><item>height</item><item>mass</item>");
        }
        Model<Regressor> listed = trainer(backbone, "width", "height", "mass").train(data(SIZES));
        assertTrue(error(listed, SIZES) < 0.1);
        assertEquals("[\"width\",\"height\",\"mass\"]", finding(listed, "output-mapping"));
        assertEquals("LISTED", finding(listed, "output-mapping-basis"));
    }

    @Test
    void orderThatIsKnown() {
        OnnxBackbone backbone = backbone(trained());
        Model<Regressor> tested = trainer(backbone).train(data(List.of("a", "b", "c")));
        assertEquals("TESTED", finding(tested, "output-mapping-basis"));
        assertTrue(error(tested, List.of("a", "b", "c")) < 0.1);
        for (List<String> names :
                List.of(List.of("DIM-0", "DIM-1", "DIM-2"), List.of("out1", "out2", "out3"), List.of("1", "2", "3"))) {
            Model<Regressor> numbered = trainer(backbone).train(data(names));
            assertEquals("EVIDENT", finding(numbered, "output-mapping-basis"));
            assertTrue(error(numbered, names) < 0.1);
        }
        assertEquals(
                "TESTED", finding(trainer(backbone).train(data(List.of("y1", "y2", "y4"))), "output-mapping-basis"));
        OnnxBackbone named = backbone(new NetworkNames(List.of(), SIZES).addTo(trained()));
        Model<Regressor> fromFile = trainer(named).train(data(SIZES));
        assertEquals("METADATA", finding(fromFile, "output-mapping-basis"));
        assertTrue(error(fromFile, SIZES) < 0.1);
        assertTrue(error(tuner(named, TrainedParameters.NONE).train(data(SIZES)), SIZES) < 0.1);
        assertRefused(
                () -> trainer(named).train(data(List.of("width", "height", "depth"))),
                "finite_ntk.outputs",
                "outputStructure=SHARED");
    }

    @Test
    void aWorseListIsAWarningWithBothFigures() {
        OnnxBackbone backbone = backbone(trained());
        try (LogLines log = new LogLines("org.finitentk.internal.backbone.OutputMatching")) {
            trainer(backbone, "width", "height", "mass").train(data(SIZES));
            assertEquals(List.of(), log.of(Level.WARNING));
            trainer(backbone, "height", "width", "mass").train(data(SIZES));
            String warning = log.of(Level.WARNING).toString();
            assertEquals(1, log.of(Level.WARNING).size(), warning);
            assertTrue(
                    warning.matches(
                            "(?s).*error of [0-9.]+ on 60.*error of 0.0[0-9]* on 60.*for \\[width, height, mass].*"),
                    warning);
        }
    }

    @Test
    void newDimensionsAreRefusedUnlessTheyShare() {
        OnnxBackbone backbone = backbone(trained());
        assertRefused(
                () -> trainer(backbone).train(data(60, SIZES, true)),
                "nothing says which of the network's 3 outputs the 3 dimensions",
                "do not tell",
                "outputStructure=SHARED");
        assertRefused(() -> tuner(backbone, TrainedParameters.NONE).train(data(60, SIZES, true)), "set outputNames");
        assertRefused(() -> trainer(backbone).train(data(2, SIZES, false)), "do not tell");
        assertEquals(
                "TRAINED",
                finding(tuner(backbone, TrainedParameters.ALL).train(data(60, SIZES, true)), "output-mapping-basis"));
        // Outputs that nobody knows are no mean of the dimensions.
        Model<Regressor> shared =
                trainer(backbone, OutputStructure.SHARED, MeanFunction.AUTO).train(data(60, SIZES, true));
        assertEquals("CONSTANT", finding(shared, "mean-function"));
        assertEquals(
                "60",
                finding(
                        trainer(backbone, OutputStructure.SHARED, MeanFunction.AUTO, "width", "height", "mass")
                                .train(data(SIZES)),
                        "mean-compared-rows"));
        assertEquals(
                "60",
                finding(
                        trainer(backbone, OutputStructure.SHARED, MeanFunction.AUTO)
                                .train(data(List.of("d0", "d1", "d2"))),
                        "mean-compared-rows"));
        try (LogLines log = new LogLines("org.finitentk.internal.backbone.OutputMatching")) {
            assertEquals(
                    "SHARED",
                    finding(trainer(backbone).train(data(60, List.of("a", "b"), false)), "output-mapping-basis"));
            assertTrue(
                    log.of(Level.INFO).toString().contains("2 dimensions on 3 outputs"),
                    log.of(Level.INFO).toString());
        }
        assertRefused(
                () -> tuner(backbone, TrainedParameters.ALL).train(data(60, List.of("a", "b"), false)),
                "2 dimensions",
                "3 outputs");
    }

    /** What earlier versions did, for the models that they recorded. */
    @Test
    void sortedIsTheOldRule() throws ReflectiveOperationException {
        FiniteNTKRegressionTrainer trainer =
                assertInstanceOf(FiniteNTKRegressionTrainer.class, trainer(backbone(trained())));
        var field = NetworkTrainer.class.getDeclaredField("outputOrder");
        field.setAccessible(true);
        field.set(trainer, OutputOrder.SORTED);
        assertEquals(
                List.of("height", "mass", "width"), trainer.train(data(SIZES)).outputNames());
    }

    @Test
    void trainedNetworksTellTheirOrder() {
        OnnxBackbone backbone = backbone(trained());
        FineTunedRegressionModel model = assertInstanceOf(
                FineTunedRegressionModel.class,
                tuner(backbone, TrainedParameters.ALL, "width", "height", "mass")
                        .train(data(SIZES)));
        assertEquals(SIZES, NetworkNames.of(model.network()).outputs());
        assertEquals(
                "METADATA", finding(trainer(backbone(model.network())).train(data(SIZES)), "output-mapping-basis"));
    }
}
