package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.MultiLabelScores;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuning;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.impl.ArrayExample;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.multilabel.MultiLabelFactory;
import org.tribuo.multilabel.evaluation.MultiLabelEvaluation;
import org.tribuo.multilabel.evaluation.MultiLabelEvaluator;
import org.tribuo.multilabel.example.MultiLabelGaussianDataSource;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Networks whose outputs are labels of which an example may have several, in Tribuo's world. */
@NullUnmarked
final class FiniteNTKMultiLabelTrainerTest {
    /** In the order of the network's outputs, which is not the alphabet's. */
    private static final List<String> NAMES = List.of("red", "blue", "green");

    @TempDir
    private Path folder = Path.of("");

    /** Two features; output c is the log odds that feature 0, feature 1, and their sum are positive. */
    private static Graph trained() {
        int n = 200;
        SplittableRandom random = new SplittableRandom(3);
        double[] x = new double[2 * n];
        double[] y = new double[3 * n];
        for (int i = 0; i < n; i++) {
            x[2 * i] = random.nextGaussian();
            x[2 * i + 1] = random.nextGaussian();
            boolean[] own = truth(x[2 * i], x[2 * i + 1]);
            for (int c = 0; c < 3; c++) {
                y[3 * i + c] = own[c] ? 1 : 0;
            }
        }
        Graph fresh = NetworkBuilder.mlp(2, List.of(6), 3, Activation.TANH, 1);
        try (LinearizedNetwork network =
                RunningNetwork.of(fresh, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            return FineTuning.graph(
                    fresh,
                    network.parameters(),
                    new FineTuning(FineTuning.Loss.LOGISTIC, new Adam(0.02), 30, 20)
                            .train(
                                    network,
                                    Examples.of(
                                            fresh.inputs().get(0).name(), Tensor.ofReals(ElementType.FLOAT, x, n, 2)),
                                    y,
                                    null,
                                    1,
                                    ProgressListener.NONE)
                            .parameters());
        }
    }

    private static boolean[] truth(double a, double b) {
        return new boolean[] {a > 0, b > 0, a + b > 0.5};
    }

    private static Graph withSigmoid(Graph graph) {
        ValueInfo output = graph.outputs().get(0);
        List<Node> nodes = new ArrayList<>(graph.nodes());
        nodes.add(new Node("shares", "", "Sigmoid", List.of(output.name()), List.of("shares"), Map.of()));
        return new Graph(
                graph.name(),
                graph.inputs(),
                List.of(new ValueInfo("shares", output.type(), output.dims())),
                graph.initializers(),
                nodes);
    }

    private OnnxBackbone backbone(Graph graph, String... features) {
        Path file = folder.resolve("network-" + folder.toFile().list().length + ".onnx");
        ModelWriter.write(graph, file);
        return OnnxBackbone.builder(file).features(List.of(features)).build();
    }

    private static MutableDataset<MultiLabel> data(int n, long seed, List<String> names) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Example<MultiLabel>> examples = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            double[] x = {random.nextGaussian(), random.nextGaussian()};
            boolean[] own = truth(x[0], x[1]);
            Set<Label> labels = new HashSet<>();
            for (int c = 0; c < names.size(); c++) {
                if (own[c % 3]) {
                    labels.add(new Label(names.get(c)));
                }
            }
            examples.add(new ArrayExample<>(new MultiLabel(labels), new String[] {"x", "y"}, x));
        }
        MultiLabelFactory factory = new MultiLabelFactory();
        return new MutableDataset<>(
                new ListDataSource<>(examples, factory, new SimpleDataSourceProvenance("points", factory)));
    }

    private static FiniteNTKMultiLabelTrainer trainer(OnnxBackbone backbone, String... names) {
        return new FiniteNTKMultiLabelTrainer(backbone, ClassificationSettings.DEFAULT, List.of(names));
    }

    private static String finding(Model<?> model, String key) {
        Map<String, String> findings = new HashMap<>();
        model.getProvenance()
                .getInstanceProvenance()
                .forEach(pair -> findings.put(pair.getA(), pair.getB().toString()));
        return findings.getOrDefault(key, "absent");
    }

    private static double f1(Model<MultiLabel> model, MutableDataset<MultiLabel> test) {
        MultiLabelEvaluation evaluation = new MultiLabelEvaluator().evaluate(model, test);
        return evaluation.microAveragedF1();
    }

    @Test
    void labelsAreMatchedLearnedAndScored() {
        MutableDataset<MultiLabel> test = data(300, 8, NAMES);
        for (Graph graph : List.of(trained(), withSigmoid(trained()))) {
            for (FiniteNTKMultiLabelTrainer trainer : List.of(
                    trainer(backbone(graph, "x", "y"), "red", "blue", "green"),
                    trainer(backbone(new NetworkNames(List.of(), NAMES).addTo(graph), "x", "y")))) {
                FiniteNTKMultiLabelModel model = trainer.train(data(60, 1, NAMES));
                assertEquals(NAMES, model.outputNames());
                assertTrue(f1(model, test) > 0.9, "F1 " + f1(model, test));
                MultiLabelScores scores = MultiLabelScores.of(model, test);
                assertEquals(3, scores.labels());
                assertTrue(scores.negativeLogLikelihood() < 0.3 && scores.accuracy() > 0.9, scores.toString());
                assertTrue(finding(model, "likelihood").contains(IndependentBernoulli.NAME));
                assertTrue(finding(model, "output-structure").contains("MATCHED"));
                assertEquals(
                        graph.nodes().size() > trained().nodes().size(),
                        finding(model, "activation-taken-off").contains("Sigmoid"));
            }
        }
    }

    /** What the network itself says of the training rows decides, or it is refused with the line to paste. */
    @Test
    void alphabeticalOrderStandsOnlyIfTheRowsSpeakForIt() {
        OnnxBackbone backbone = backbone(trained(), "x", "y");
        FiniteNTKMultiLabelModel model = trainer(backbone).train(data(80, 1, List.of("a", "b", "c")));
        assertEquals(List.of("a", "b", "c"), model.outputNames());
        assertTrue(finding(model, "output-mapping-basis").contains("TESTED"));
        String refused = assertThrows(
                        IllegalArgumentException.class,
                        () -> trainer(backbone).train(data(80, 1, List.of("b", "a", "c"))))
                .getMessage();
        assertTrue(refused.contains("<item>b</item><item>a</item><item>c</item>"), refused);
        assertTrue(refused.contains("structure=SHARED"), refused);
        String unknown = assertThrows(
                        IllegalArgumentException.class, () -> trainer(backbone).train(data(4, 1, NAMES)))
                .getMessage();
        assertTrue(unknown.contains("nothing says which of the network's 3 outputs"), unknown);
    }

    @Test
    void labelsThatTheNetworkDoesNotHaveShareItsKernel() {
        List<String> five = List.of("a", "b", "c", "d", "e");
        FiniteNTKMultiLabelModel model = trainer(backbone(trained(), "x", "y")).train(data(60, 1, five));
        assertTrue(finding(model, "output-structure").contains("SHARED"));
        assertEquals(five, model.outputNames());
        assertTrue(f1(model, data(200, 8, five)) > 0.8);
    }

    /** Rows of which none has a label of the network: it is not among the predictions. */
    @Test
    void aLabelThatTheDataLacks() {
        FiniteNTKMultiLabelModel model = trainer(backbone(trained(), "x", "y"), "red", "blue", "green")
                .train(data(40, 1, List.of("red", "blue")));
        assertEquals(NAMES, model.outputNames());
        Prediction<MultiLabel> prediction =
                model.predict(data(1, 5, List.of("red")).getExample(0));
        assertEquals(Set.of("red", "blue"), prediction.getOutputScores().keySet());
        MultiLabelScores scores = MultiLabelScores.of(model, data(50, 6, NAMES));
        assertEquals(3, scores.labels());
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void storedModelsPredictTheSame(Inference inference) throws IOException, ClassNotFoundException {
        FiniteNTKMultiLabelModel model = new FiniteNTKMultiLabelTrainer(
                        backbone(trained(), "x", "y"), ClassificationSettings.DEFAULT.with(inference), NAMES)
                .train(data(30, 1, NAMES));
        Model<?> read = Model.deserialize(model.serialize());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(model);
        }
        Object java;
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            java = in.readObject();
        }
        for (Example<MultiLabel> example : data(10, 4, NAMES)) {
            Map<String, MultiLabel> expected = model.predict(example).getOutputScores();
            for (Object other : List.of(read, java)) {
                Prediction<MultiLabel> found =
                        assertInstanceOf(FiniteNTKMultiLabelModel.class, other).predict(example);
                expected.forEach((name, score) ->
                        assertTrue(score.fullEquals(found.getOutputScores().get(name), 0), name));
            }
        }
        IllegalArgumentException other = assertThrows(
                IllegalArgumentException.class,
                () -> FiniteNTKClassificationModel.deserializeFromProto(
                        0, "model", model.serialize().getSerializedData()));
        assertTrue(other.getMessage().contains("MultiLabel"), other.getMessage());
    }

    @Test
    void aProvenanceSuffices() {
        MutableDataset<MultiLabel> data = new MutableDataset<>(MultiLabelGaussianDataSource.makeDefaultSource(40, 2L));
        List<String> features = new ArrayList<>();
        data.getFeatureMap().forEach(feature -> features.add(feature.getName()));
        FiniteNTKMultiLabelModel model = new FiniteNTKMultiLabelTrainer(
                        backbone(
                                NetworkBuilder.mlp(features.size(), List.of(6), 3, Activation.TANH, 1),
                                features.toArray(String[]::new)),
                        ClassificationSettings.DEFAULT.withStructure(
                                ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO),
                        List.of())
                .train(data);
        try (ReproductionResult result = Reproduction.of(model).reproduce(ProgressListener.NONE)) {
            assertTrue(result.identical(), result.toString());
        }
    }

    @Test
    void crossValidationRuns() {
        var folds = new CrossValidation<>(
                        trainer(backbone(trained(), "x", "y"), "red", "blue", "green"),
                        data(60, 1, NAMES),
                        new MultiLabelEvaluator(),
                        3,
                        1)
                .evaluate();
        assertEquals(3, folds.size());
        folds.forEach(fold -> assertTrue(fold.getA().microAveragedF1() > 0.8));
    }
}
