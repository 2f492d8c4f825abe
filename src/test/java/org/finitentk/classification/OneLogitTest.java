package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Level;
import org.finitentk.backbone.LastActivation;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTunedClassificationModel;
import org.finitentk.finetune.FineTuning;
import org.finitentk.finetune.FineTuningClassificationTrainer;
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
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.LogLines;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.test.Helpers;

/** A network with one output for two labels, as users have it: which label its large outputs speak of. */
@NullUnmarked
final class OneLogitTest {
    private static final ClassificationSettings SETTINGS = ClassificationSettings.DEFAULT;
    private static final List<String> RIGHT = List.of("bad", "good");
    private static final List<String> WRONG = List.of("good", "bad");

    @TempDir
    private Path folder = Path.of("");

    private static double[] point(SplittableRandom random, int label) {
        return new double[] {random.nextGaussian() + 1.2 * (2 * label - 1), random.nextGaussian()};
    }

    /** Its output is the log odds of label 1, less a constant. */
    private static Graph trained(double constant) {
        int n = 200;
        SplittableRandom random = new SplittableRandom(3);
        double[] x = new double[2 * n];
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(point(random, i % 2), 0, x, 2 * i, 2);
            y[i] = i % 2;
        }
        Graph fresh = NetworkBuilder.mlp(2, List.of(6), 1, Activation.TANH, 1);
        try (LinearizedNetwork network =
                RunningNetwork.of(fresh, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            double[] parameters = new FineTuning(FineTuning.Loss.LOGISTIC, new Adam(0.02), 40, 20)
                    .train(
                            network,
                            Examples.of(fresh.inputs().get(0).name(), Tensor.ofReals(ElementType.FLOAT, x, n, 2)),
                            y,
                            null,
                            1,
                            ProgressListener.NONE)
                    .parameters();
            parameters[parameters.length - 1] -= constant;
            return FineTuning.graph(fresh, network.parameters(), parameters);
        }
    }

    private OnnxBackbone backbone(String... names) {
        return backbone(0, names);
    }

    private OnnxBackbone backbone(double constant, String... names) {
        Path file = folder.resolve("network-" + folder.toFile().list().length + ".onnx");
        ModelWriter.write(new NetworkNames(List.of(), List.of(names)).addTo(trained(constant)), file);
        return OnnxBackbone.builder(file).features(List.of("x", "y")).build();
    }

    private static MutableDataset<Label> data(int n, List<String> labels, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        LabelFactory factory = new LabelFactory();
        List<Example<Label>> examples = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int label = i % labels.size();
            examples.add(
                    new ArrayExample<>(new Label(labels.get(label)), new String[] {"x", "y"}, point(random, label)));
        }
        return new MutableDataset<>(
                new ListDataSource<>(examples, factory, new SimpleDataSourceProvenance("points", factory)));
    }

    private static FiniteNTKClassificationTrainer trainer(OnnxBackbone backbone, String... names) {
        return new FiniteNTKClassificationTrainer(backbone, SETTINGS, List.of(names));
    }

    private static FineTuningClassificationTrainer tuner(
            OnnxBackbone backbone, TrainedParameters trained, String... names) {
        return new FineTuningClassificationTrainer(
                backbone, new FineTuningSettings(new Adam(1e-3), 3, 16, trained, List.of(names), 1));
    }

    private static double accuracy(Model<Label> model, List<String> labels) {
        return new LabelEvaluator().evaluate(model, data(400, labels, 8)).accuracy();
    }

    private static String finding(Model<?> model, String key) {
        Map<String, String> findings = new HashMap<>();
        model.getProvenance()
                .getInstanceProvenance()
                .forEach(pair -> findings.put(pair.getA(), pair.getB().toString()));
        return findings.getOrDefault(key, "absent");
    }

    private static void assertRefused(Executable call, String... words) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,1", "false,true", "FALSE,True", "no,yes", "No,YES"})
    void evidentLabelsNeedNoWord(String negative, String positive) {
        List<String> labels = List.of(negative, positive);
        FiniteNTKClassificationModel model = trainer(backbone()).train(data(10, labels, 1));
        assertEquals(labels, model.outputNames());
        assertTrue(accuracy(model, labels) > 0.85);
        assertTrue(finding(model, "output-mapping-basis").contains("EVIDENT"));
        assertTrue(finding(model, "likelihood").contains("BERNOULLI"));
        assertTrue(finding(model, "output-structure").contains("MATCHED"));
    }

    @Test
    void aWordIsEnoughOfTheTrainerOrTheFile() {
        for (FiniteNTKClassificationTrainer trainer :
                List.of(trainer(backbone(), "good"), trainer(backbone(), "bad", "good"), trainer(backbone("good")))) {
            FiniteNTKClassificationModel model = trainer.train(data(8, RIGHT, 1));
            assertEquals(RIGHT, model.outputNames());
            assertTrue(accuracy(model, RIGHT) > 0.85);
        }
        FiniteNTKClassificationModel other = trainer(backbone(), "bad").train(data(8, WRONG, 1));
        assertEquals(WRONG, other.outputNames());
        assertTrue(accuracy(other, WRONG) > 0.85);
    }

    @Test
    void withoutAWordTheRowsDecideOrItIsRefused() {
        // nearly all of its outputs are below 0
        FiniteNTKClassificationModel model = trainer(backbone(4)).train(data(60, RIGHT, 1));
        assertEquals(RIGHT, model.outputNames());
        assertTrue(finding(model, "output-mapping-reason").contains("AUC"));
        assertRefused(
                () -> trainer(backbone()).train(data(60, WRONG, 1)),
                "not the log odds of 'good' against 'bad'",
                "set <property name=\"positiveLabel\" value=\"bad\"/>",
                "AUC");
        assertRefused(
                () -> trainer(backbone()).train(data(8, RIGHT, 1)),
                "nothing says which of the labels [bad, good]",
                "on 8 training rows",
                "set positiveLabel",
                "structure=SHARED");
        assertRefused(
                () -> trainer(backbone()).train(data(60, List.of("yes", "no"), 1)),
                "not the log odds of 'yes' against 'no'",
                "set <property name=\"positiveLabel\" value=\"no\"/>");
        FiniteNTKClassificationTrainer shared = new FiniteNTKClassificationTrainer(
                backbone(),
                SETTINGS.withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, PriorLogits.AUTO));
        assertTrue(finding(shared.train(data(60, WRONG, 1)), "likelihood").contains("SOFTMAX"));
    }

    @Test
    void aWordThatTheRowsContradictIsBelievedAloud() {
        try (LogLines log = new LogLines("org.finitentk.internal.backbone.OneLogit")) {
            FiniteNTKClassificationModel model = trainer(backbone(), "good").train(data(60, WRONG, 1));
            assertEquals(RIGHT, model.outputNames());
            assertTrue(
                    log.of(Level.WARNING).toString().contains("ranks the other label higher"),
                    log.of(Level.WARNING).toString());
        }
    }

    @Test
    void wordsThatFitNothingAreRefused() {
        assertRefused(() -> trainer(backbone(), "fine").train(data(8, RIGHT, 1)), "'fine'", "[bad, good]");
        assertRefused(() -> trainer(backbone("fine")).train(data(8, RIGHT, 1)), "'fine'", "[bad, good]");
        assertRefused(
                () -> trainer(backbone("bad", "good")).train(data(8, RIGHT, 1)),
                "the network has 1 output",
                "[\"good\"]");
        assertRefused(() -> trainer(backbone(), "bad", "fine").train(data(8, RIGHT, 1)), "[bad, fine]", "[bad, good]");
    }

    private static Graph ending(Graph graph, Node... last) {
        String name = graph.outputs().get(0).name();
        List<Node> nodes = new ArrayList<>(graph.nodes());
        String value = name;
        for (Node node : last) {
            List<String> inputs = node.inputs().isEmpty()
                    ? List.of(value)
                    : List.of(value, node.inputs().get(0));
            value = node.name();
            nodes.add(new Node(value, "", node.op(), inputs, List.of(value), node.attributes()));
        }
        Map<String, Tensor> initializers = new HashMap<>(graph.initializers());
        initializers.put("shape", Tensor.ofLongs(new long[] {-1, 1}, 2));
        return new Graph(
                graph.name(),
                graph.inputs(),
                List.of(new ValueInfo(
                        value, ElementType.FLOAT, graph.outputs().get(0).dims())),
                initializers,
                nodes);
    }

    private static Node node(String op, String... inputs) {
        return new Node(op, "", op, List.of(inputs), List.of(op), Map.of());
    }

    private OnnxBackbone backbone(Graph graph) {
        Path file = folder.resolve("network-" + folder.toFile().list().length + ".onnx");
        ModelWriter.write(graph, file);
        return OnnxBackbone.builder(file).features(List.of("x", "y")).build();
    }

    @Test
    void aLastSigmoidIsTakenOff() {
        Graph logit = trained(1);
        MutableDataset<Label> data = data(20, RIGHT, 1);
        FiniteNTKClassificationModel expected = trainer(backbone(logit), "good").train(data);
        assertEquals("absent", finding(expected, "activation-taken-off"));
        for (Graph graph : List.of(
                ending(logit, node("Sigmoid")),
                ending(logit, node("Sigmoid"), node("Identity")),
                ending(logit, node("Sigmoid"), node("Reshape", "shape")))) {
            FiniteNTKClassificationModel found =
                    trainer(backbone(graph), "good").train(data);
            assertEquals("Sigmoid", finding(found, "activation-taken-off"));
            assertEquals(RIGHT, found.outputNames());
            for (Example<Label> example : data) {
                assertEquals(
                        expected.predict(example).getOutputScores(),
                        found.predict(example).getOutputScores());
            }
            FineTunedClassificationModel tuned =
                    tuner(backbone(graph), TrainedParameters.NONE, "good").train(data);
            assertEquals(
                    tuner(backbone(logit), TrainedParameters.NONE, "good")
                            .train(data)
                            .predict(data.getExample(0))
                            .getOutputScores(),
                    tuned.predict(data.getExample(0)).getOutputScores());
        }
    }

    /** Probabilities that something else is made of, or that are not of an example's outputs, stay. */
    @Test
    void otherActivationsStay() {
        Graph logit = trained(0);
        MutableDataset<Label> data = data(20, RIGHT, 1);
        FiniteNTKClassificationModel tanh = trainer(backbone(ending(logit, node("Sigmoid"), node("Tanh"))), "good")
                .train(data);
        assertEquals("absent", finding(tanh, "activation-taken-off"));
        try (LogLines log = new LogLines("org.finitentk.classification.ClassificationFit")) {
            trainer(backbone(ending(logit, node("Sigmoid"), node("Tanh"))), "good")
                    .train(data);
            assertTrue(
                    log.of(Level.WARNING).toString().contains("last Sigmoid"),
                    log.of(Level.WARNING).toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Softmax", "LogSoftmax"})
    void aLastSoftmaxIsTakenOff(String op) throws ReflectiveOperationException {
        Graph three = NetworkBuilder.mlp(2, List.of(6), 3, Activation.TANH, 1);
        List<String> labels = List.of("0", "1", "2");
        MutableDataset<Label> data = data(30, labels, 1);
        FiniteNTKClassificationModel expected = trainer(backbone(three)).train(data);
        FiniteNTKClassificationTrainer taking = trainer(backbone(ending(three, node(op))));
        FiniteNTKClassificationModel found = taking.train(data);
        assertEquals(op, finding(found, "activation-taken-off"));
        for (Example<Label> example : data) {
            assertEquals(
                    expected.predict(example).getOutputScores(),
                    found.predict(example).getOutputScores());
        }
        var field = LabelsTrainer.class.getDeclaredField("lastActivation");
        field.setAccessible(true);
        field.set(taking, LastActivation.KEPT);
        assertEquals("absent", finding(taking.train(data), "activation-taken-off"));
    }

    /** A fold of one label, of which somebody said whether it is the positive one, or not. */
    @Test
    void oneLabelAlone() {
        MutableDataset<Label> good = data(6, List.of("good"), 1);
        FiniteNTKClassificationModel told = trainer(backbone(), "good").train(good);
        assertEquals(List.of("not good", "good"), told.outputNames());
        Prediction<Label> prediction = told.predict(good.getExample(0));
        assertEquals("good", prediction.getOutput().getLabel());
        assertEquals(1, prediction.getOutputScores().get("good").getScore(), 1e-12);
        assertEquals(
                List.of("good", "excellent"),
                trainer(backbone(), "excellent").train(good).outputNames());
        assertEquals(List.of("good"), trainer(backbone()).train(good).outputNames());
    }

    @Test
    void foldsAreTrained() {
        var result = new CrossValidation<>(trainer(backbone(), "good"), data(40, RIGHT, 2), new LabelEvaluator(), 5, 1)
                .evaluate();
        assertEquals(5, result.size());
        result.forEach(fold -> assertTrue(fold.getA().accuracy() >= 0.5));
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void modelsAreStoredAndPredictTheSame(Inference inference) {
        FiniteNTKClassificationModel model = new FiniteNTKClassificationTrainer(
                        backbone(), SETTINGS.with(inference), List.of("good"))
                .train(data(20, RIGHT, 1));
        assertTrue(accuracy(model, RIGHT) > 0.85);
        MutableDataset<Label> test = data(30, RIGHT, 9);
        Helpers.testModelSerialization(model, Label.class);
        @SuppressWarnings("unchecked")
        Model<Label> loaded = (Model<Label>) Model.deserialize(model.serialize());
        for (Example<Label> example : test) {
            assertEquals(
                    model.predict(example).getOutputScores(),
                    loaded.predict(example).getOutputScores());
        }
    }

    @ParameterizedTest
    @EnumSource(TrainedParameters.class)
    void fineTuningHasTheSameTwoLabels(TrainedParameters trained) {
        FineTunedClassificationModel model = tuner(backbone(), trained, "good").train(data(40, RIGHT, 1));
        assertEquals(RIGHT, model.outputNames());
        assertTrue(accuracy(model, RIGHT) > 0.85);
        Helpers.testModelSerialization(model, Label.class);
        assertEquals(List.of("good"), NetworkNames.of(model.network()).outputs());
        if (trained == TrainedParameters.ALL) {
            assertEquals(
                    RIGHT, tuner(backbone(), trained).train(data(8, WRONG, 1)).outputNames());
        } else if (trained == TrainedParameters.TEMPERATURE) {
            assertRefused(() -> tuner(backbone(), trained).train(data(8, WRONG, 1)), "set positiveLabel");
        }
    }
}
