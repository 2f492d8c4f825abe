package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.bundle.NetworkFile;
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
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.protos.FiniteNTKClassificationModelProto;
import org.finitentk.testing.LogLines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.test.Helpers;

/**
 * Which output of a trained network is which label, as users have it: files that say nothing, labels in any order,
 * classes that the data lacks.
 */
final class LabelOrderTest {
    /** The classes by the angle of their points, which is the order of the trained networks' outputs. */
    private static final List<String> ANIMALS = List.of("dog", "ant", "cat");

    private static final ClassificationSettings QUICK = ClassificationSettings.DEFAULT.with(Inference.MAP);

    @TempDir
    private Path folder = Path.of("");

    private static double[] point(SplittableRandom random, int c, int classes) {
        double angle = 2 * Math.PI * (c + random.nextDouble(-0.45, 0.45)) / classes;
        double radius = random.nextDouble(0.8, 1.2);
        return new double[] {radius * Math.cos(angle), radius * Math.sin(angle)};
    }

    /**
     * A network whose outputs are the angles' classes, as another program exports it: without a word on what they are.
     */
    private static Graph trained(int classes) {
        int n = 60 * classes;
        SplittableRandom random = new SplittableRandom(3);
        float[] x = new float[2 * n];
        double[] targets = new double[n * classes];
        for (int i = 0; i < n; i++) {
            double[] own = point(random, i % classes, classes);
            x[2 * i] = (float) own[0];
            x[2 * i + 1] = (float) own[1];
            targets[i * classes + i % classes] = 1;
        }
        Graph fresh = NetworkBuilder.mlp(2, List.of(12), classes, Activation.TANH, 1);
        try (LinearizedNetwork network =
                RunningNetwork.of(fresh, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples examples =
                    Examples.of(fresh.inputs().get(0).name(), Tensor.ofReals(ElementType.FLOAT, doubles(x), n, 2));
            return FineTuning.graph(
                    fresh,
                    network.parameters(),
                    new FineTuning(FineTuning.Loss.CROSS_ENTROPY, new Adam(0.02), 60, 20)
                            .train(network, examples, targets, null, 1, ProgressListener.NONE)
                            .parameters());
        }
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private OnnxBackbone backbone(Graph graph) {
        Path file = folder.resolve("network-" + folder.toFile().list().length + ".onnx");
        ModelWriter.write(graph, file);
        return OnnxBackbone.builder(file).features(List.of("x", "y")).build();
    }

    private static MutableDataset<Label> data(int n, List<String> byAngle, List<String> kept, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        LabelFactory factory = new LabelFactory();
        List<Example<Label>> examples = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            double[] point = point(random, i % byAngle.size(), byAngle.size());
            if (kept.contains(byAngle.get(i % byAngle.size()))) {
                examples.add(
                        new ArrayExample<>(new Label(byAngle.get(i % byAngle.size())), new String[] {"x", "y"}, point));
            }
        }
        return new MutableDataset<>(
                new ListDataSource<>(examples, factory, new SimpleDataSourceProvenance("angles", factory)));
    }

    private static MutableDataset<Label> data(List<String> byAngle) {
        return data(120, byAngle, byAngle, 7);
    }

    private static FiniteNTKClassificationTrainer trainer(OnnxBackbone backbone, String... names) {
        return new FiniteNTKClassificationTrainer(backbone, QUICK, List.of(names));
    }

    private static FineTuningClassificationTrainer tuner(
            OnnxBackbone backbone, TrainedParameters trained, String... names) {
        return new FineTuningClassificationTrainer(
                backbone, new FineTuningSettings(new Adam(1e-3), 1, 16, trained, List.of(names), 1));
    }

    private static ClassificationSettings shared(PriorLogits prior) {
        return QUICK.withStructure(ClassStructure.SHARED, ClassificationSettings.SUM, prior);
    }

    private static double accuracy(Model<Label> model, List<String> byAngle) {
        return new LabelEvaluator()
                .evaluate(model, data(300, byAngle, byAngle, 8))
                .accuracy();
    }

    private static String finding(Model<?> model, String key) {
        Map<String, String> findings = new HashMap<>();
        model.getProvenance()
                .getInstanceProvenance()
                .forEach(pair -> findings.put(pair.getA(), pair.getB().toString()));
        return findings.getOrDefault(key, "absent");
    }

    private static String refusal(Executable call) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static void assertRefused(Executable call, String... parts) {
        String message = refusal(call);
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    /** A PyTorch export with the classes in another order than the alphabet's: 53 % instead of 67 % without a word. */
    @Test
    void anotherOrderThanTheAlphabetsIsRefusedAndNamed() {
        OnnxBackbone backbone = backbone(trained(3));
        for (Trainer<Label> trainer : List.of(
                trainer(backbone),
                tuner(backbone, TrainedParameters.NONE),
                tuner(backbone, TrainedParameters.TEMPERATURE),
                new FiniteNTKClassificationTrainer(backbone, shared(PriorLogits.NETWORK)))) {
            assertRefused(
                    () -> trainer.train(data(ANIMALS)),
                    "[ant, cat, dog]",
                    "of 120 training rows for [dog, ant, cat]",
                    "name=\"outputNames\"><item>dog</item><item>ant</item><item>cat</item></propertylist>");
        }
        try (FiniteNTKClassificationModel model =
                        trainer(backbone, "dog", "ant", "cat").train(data(ANIMALS));
                LogLines log = new LogLines("org.finitentk.internal.backbone.OutputMatching")) {
            assertTrue(accuracy(model, ANIMALS) > 0.9);
            assertEquals("[\"dog\",\"ant\",\"cat\"]", finding(model, "output-mapping"));
            assertEquals("LISTED", finding(model, "output-mapping-basis"));
            assertEquals(List.of(), log.of(Level.INFO));
        }
    }

    @Test
    void theAlphabetsOrderStandsWherePredictionsSpeakForIt() {
        List<String> sorted = List.of("ant", "cat", "dog");
        OnnxBackbone backbone = backbone(trained(3));
        try (LogLines log = new LogLines("org.finitentk.internal.backbone.OutputMatching");
                FiniteNTKClassificationModel model = trainer(backbone).train(data(sorted))) {
            assertTrue(accuracy(model, sorted) > 0.9);
            assertEquals("TESTED", finding(model, "output-mapping-basis"));
            assertTrue(
                    finding(model, "output-mapping-reason").contains("by chance with probability 0.00010"),
                    finding(model, "output-mapping-reason"));
            assertEquals(1, log.of(Level.INFO).size());
            assertEquals(List.of(), log.of(Level.WARNING));
            model.predict(data(sorted));
            assertEquals(1, log.of(Level.INFO).size());
        }
        assertTrue(accuracy(tuner(backbone, TrainedParameters.NONE).train(data(sorted), Map.of()), sorted) > 0.9);
    }

    @Test
    void theFilesOwnListIsTaken() {
        Graph graph = new NetworkNames(List.of(), ANIMALS).addTo(trained(3));
        OnnxBackbone backbone = backbone(graph);
        try (FiniteNTKClassificationModel model = trainer(backbone).train(data(ANIMALS))) {
            assertTrue(accuracy(model, ANIMALS) > 0.9);
            assertEquals(ANIMALS, model.outputNames());
            assertEquals("METADATA", finding(model, "output-mapping-basis"));
        }
        assertRefused(
                () -> trainer(backbone).train(data(List.of("dog", "ant", "cow"))),
                "finite_ntk.outputs",
                "[dog, ant, cat]",
                "[ant, cow, dog]",
                "structure=SHARED");
    }

    /** Whoever lists an order gets it, and hears that another fares better. */
    @Test
    void aWorseListIsAWarningWithBothFigures() {
        OnnxBackbone backbone = backbone(trained(3));
        for (Trainer<Label> trainer : List.of(
                trainer(backbone, "ant", "cat", "dog"), tuner(backbone, TrainedParameters.NONE, "ant", "cat", "dog"))) {
            try (LogLines log = new LogLines("org.finitentk.internal.backbone.OutputMatching")) {
                trainer.train(data(ANIMALS));
                String warning = log.of(Level.WARNING).toString();
                assertEquals(1, log.of(Level.WARNING).size(), warning);
                assertTrue(
                        warning.contains(" of 120 training rows, and right for ")
                                && warning.contains("for [dog, ant, cat]"),
                        warning);
            }
        }
        try (LogLines log = new LogLines("org.finitentk.internal.backbone.OutputMatching")) {
            trainer(backbone, "dog", "ant", "cat").train(data(ANIMALS));
            trainer(backbone).train(data(List.of("0", "1", "2")));
            trainer(backbone).train(data(List.of("1", "2", "3")));
            assertEquals(List.of(), log.of(Level.WARNING));
        }
    }

    /** As many new labels as outputs, by coincidence: nothing says that they are the network's. */
    @Test
    void newLabelsAreRefusedUnlessTheyShare() {
        List<String> halves = List.of("b", "a", "c", "c", "b", "a", "a", "c", "b", "a", "b", "c");
        SplittableRandom random = new SplittableRandom(2);
        LabelFactory factory = new LabelFactory();
        List<Example<Label>> examples = IntStream.range(0, 120)
                .<Example<Label>>mapToObj(i -> new ArrayExample<>(
                        new Label(halves.get(i % 12)), new String[] {"x", "y"}, point(random, random.nextInt(3), 3)))
                .toList();
        MutableDataset<Label> data = new MutableDataset<>(
                new ListDataSource<>(examples, factory, new SimpleDataSourceProvenance("noise", factory)));
        OnnxBackbone backbone = backbone(trained(3));
        assertRefused(
                () -> trainer(backbone).train(data),
                "nothing says which of the network's 3 outputs",
                "do not tell",
                "set outputNames",
                "or structure=SHARED");
        String noShared =
                refusal(() -> tuner(backbone, TrainedParameters.TEMPERATURE).train(data));
        assertTrue(noShared.contains("set outputNames") && !noShared.contains("SHARED"), noShared);
        assertEquals(
                "SHARED",
                finding(
                        new FiniteNTKClassificationTrainer(backbone, shared(PriorLogits.AUTO)).train(data),
                        "output-mapping-basis"));
        MutableDataset<Label> few = data(6, ANIMALS, ANIMALS, 1);
        assertRefused(() -> trainer(backbone).train(few), "do not tell", "of 6 training rows");
    }

    @Test
    void otherCountsShareAloudOrNotAtAll() {
        List<String> four = List.of("north", "west", "south", "east");
        OnnxBackbone two = backbone(trained(2));
        try (LogLines log = new LogLines("org.finitentk.internal.backbone.OutputMatching")) {
            Model<Label> model = trainer(two).train(data(four));
            assertEquals("SHARED", finding(model, "output-mapping-basis"));
            assertTrue(
                    log.of(Level.INFO).toString().contains("4 labels on 2 outputs"),
                    log.of(Level.INFO).toString());
        }
        assertRefused(
                () -> new FiniteNTKClassificationTrainer(
                                two,
                                QUICK.withStructure(
                                        ClassStructure.MATCHED, ClassificationSettings.SUM, PriorLogits.AUTO))
                        .train(data(four)),
                "4 labels",
                "2 outputs");
        assertRefused(() -> tuner(two, TrainedParameters.ALL).train(data(four)), "4 labels", "2 outputs");
        OnnxBackbone wide = backbone(trained(6));
        assertRefused(
                () -> trainer(wide).train(data(four)), "the network's 6 outputs the 4 labels", "structure=SHARED");
        OnnxBackbone logit = backbone(NetworkBuilder.mlp(2, List.of(6), 1, Activation.TANH, 1));
        List<String> temperatures = List.of("cold", "warm");
        assertRefused(
                () -> trainer(logit).train(data(6, temperatures, temperatures, 7)),
                "which of the labels [cold, warm]",
                "set positiveLabel",
                "structure=SHARED");
        Model<Label> asked =
                new FiniteNTKClassificationTrainer(logit, shared(PriorLogits.AUTO)).train(data(List.of("no", "yes")));
        assertEquals("SHARED", finding(asked, "output-mapping-basis"));
        assertEquals("SHARED", finding(trainer(logit).train(data(ANIMALS)), "output-mapping-basis"));
    }

    /** What earlier versions did, for the models that they recorded. */
    @Test
    void sortedIsTheOldRule() throws ReflectiveOperationException {
        FiniteNTKClassificationTrainer trainer =
                new FiniteNTKClassificationTrainer(backbone(trained(3)), QUICK.withPriorVariance(1e-20, false));
        var field = NetworkTrainer.class.getDeclaredField("outputOrder");
        field.setAccessible(true);
        field.set(trainer, OutputOrder.SORTED);
        FiniteNTKClassificationModel model = trainer.train(data(ANIMALS));
        assertEquals(List.of("ant", "cat", "dog"), model.outputNames());
        assertTrue(accuracy(model, ANIMALS) < 0.5);
        assertEquals(
                ClassStructure.SHARED,
                trainer.train(data(120, ANIMALS, List.of("ant", "dog"), 1))
                        .posterior()
                        .structure());
    }

    /** Numbers that neither start at 0 nor end at k can be meant from 0 or from 1. */
    @Test
    void numbersWithGapsAreFromZeroOrTested() {
        Graph graph = trained(5);
        List<String> fromZero = List.of("0", "1", "2", "3", "4");
        List<String> fromOne = List.of("1", "2", "3", "4", "5");
        OnnxBackbone backbone = backbone(graph);
        for (List<String> names : List.of(fromZero, fromOne)) {
            FiniteNTKClassificationModel model = trainer(backbone).train(data(200, names, List.of("2", "3", "4"), 1));
            assertEquals(names, model.outputNames());
            assertEquals("TESTED", finding(model, "output-mapping-basis"));
        }
        FiniteNTKClassificationModel gaps = trainer(backbone).train(data(200, fromZero, List.of("0", "2", "4"), 1));
        assertEquals(fromZero, gaps.outputNames());
        assertEquals("EVIDENT", finding(gaps, "output-mapping-basis"));
        assertRefused(
                () -> trainer(backbone)
                        .train(data(200, List.of("3", "4", "5", "6", "7"), List.of("3", "4", "5", "6"), 1)),
                "nothing says which");
    }

    static Stream<Arguments> inferences() {
        List<Arguments> all = new ArrayList<>();
        for (Inference inference : Inference.values()) {
            for (CovarianceSolver solver : CovarianceSolver.values()) {
                boolean covariance = inference == Inference.LAPLACE
                        || inference == Inference.FULL_COVARIANCE && solver != CovarianceSolver.LOW_RANK;
                if (solver == CovarianceSolver.AUTO || covariance) {
                    all.add(Arguments.of(inference, solver));
                }
            }
        }
        return all.stream();
    }

    /** The likelihood is over all outputs of the network; predictions are given that it is one of the data's labels. */
    @ParameterizedTest
    @MethodSource("inferences")
    void classesThatTheDataLacksStayMatched(Inference inference, CovarianceSolver solver) {
        MutableDataset<Label> training = data(90, ANIMALS, List.of("dog", "cat"), 5);
        OnnxBackbone backbone = backbone(trained(3));
        for (ClassProbabilities rule : ClassProbabilities.values()) {
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .with(inference)
                    .withPriorVariance(0.1, false)
                    .withProbabilities(rule, 8)
                    .withCovariance(new ClassificationSettings.Covariance(solver, 32, 8, 20, 1e-4, 20, 1e-6, 8000))
                    .withOptimization(
                            MapOptimizer.AUTO,
                            new ClassificationSettings.Stochastic(
                                    20, 16, 0.1, 2, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM));
            try (FiniteNTKClassificationModel model =
                    new FiniteNTKClassificationTrainer(backbone, settings, ANIMALS).train(training)) {
                assertEquals(ANIMALS, model.outputNames());
                assertEquals(ClassStructure.MATCHED, model.posterior().structure());
                assertEquals(3, model.posterior().classes());
                List<Prediction<Label>> predictions = model.predict(training);
                double[] all = model.posterior().probabilities(examples(model, training));
                for (int i = 0; i < predictions.size(); i++) {
                    Map<String, Label> scores = predictions.get(i).getOutputScores();
                    double dog = all[3 * i] / (all[3 * i] + all[3 * i + 2]);
                    assertEquals(
                            List.of("cat", "dog"),
                            scores.keySet().stream().sorted().toList());
                    assertEquals(dog, score(scores, "dog"), 1e-12);
                    assertEquals(1 - dog, score(scores, "cat"), 1e-12);
                    assertTrue(all[3 * i + 1] > 0);
                }
                assertTrue(new LabelEvaluator().evaluate(model, training).accuracy() > 0.9);
                Model<Label> loaded = Helpers.testModelProtoSerialization(model, Label.class, training, 0);
                assertArrayEquals(numbers(predictions), numbers(loaded.predict(training)));
                Helpers.testModelSerialization(model, Label.class);
            }
        }
    }

    private static Examples examples(FiniteNTKClassificationModel model, MutableDataset<Label> data) {
        double[] values = new double[2 * data.size()];
        for (int i = 0; i < data.size(); i++) {
            int row = i;
            data.getExample(i)
                    .forEach(feature -> values[2 * row + (feature.getName().equals("x") ? 0 : 1)] = feature.getValue());
        }
        String input = model.posterior().map().network().inputs().get(0).name();
        return Examples.of(input, Tensor.ofReals(ElementType.FLOAT, values, data.size(), 2));
    }

    private static double score(Map<String, Label> scores, String label) {
        Label found = scores.get(label);
        return found == null ? Double.NaN : found.getScore();
    }

    private static double[] numbers(List<Prediction<Label>> predictions) {
        return predictions.stream()
                .flatMapToDouble(p -> p.getOutputScores().values().stream().mapToDouble(Label::getScore))
                .toArray();
    }

    /** A class of the network that nobody has an example of keeps its output, and so does everybody else. */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void crossValidationWithClassesThatFoldsOrTheDataLack(Inference inference) {
        ClassificationSettings settings = ClassificationSettings.DEFAULT
                .with(inference)
                .withOptimization(
                        MapOptimizer.AUTO,
                        new ClassificationSettings.Stochastic(
                                20, 16, 0.1, 2, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM));
        OnnxBackbone backbone = backbone(trained(3));
        MutableDataset<Label> lacking = data(60, ANIMALS, List.of("dog", "cat"), 5);
        MutableDataset<Label> rare = data(60, ANIMALS, List.of("dog", "cat"), 5);
        rare.add(new ArrayExample<>(new Label("ant"), new String[] {"x", "y"}, new double[] {-0.5, 0.8}));
        for (MutableDataset<Label> data : List.of(lacking, rare)) {
            var folds = new CrossValidation<>(
                            new FiniteNTKClassificationTrainer(backbone, settings, ANIMALS),
                            data,
                            new LabelEvaluator(),
                            3,
                            1)
                    .evaluate();
            folds.forEach(fold ->
                    assertTrue(fold.getA().microAveragedF1() > 0.85, fold.getA().toString()));
            var tuned = new CrossValidation<>(
                            tuner(backbone, TrainedParameters.ALL, "dog", "ant", "cat"),
                            data,
                            new LabelEvaluator(),
                            3,
                            1)
                    .evaluate();
            tuned.forEach(fold ->
                    assertTrue(fold.getA().microAveragedF1() > 0.85, fold.getA().toString()));
        }
    }

    /**
     * Where the network is sure that it is a class that the data lacks, the others' probabilities are too small for
     * numbers, and still sum to 1.
     */
    @Test
    void certainlyNoneOfThese() {
        OnnxBackbone backbone = backbone(NetworkBuilder.mlp(2, List.of(4), 3, Activation.TANH, 1));
        Graph sure = biased(NetworkFile.read(backbone.path()));
        ClassificationSettings nothingLearned = QUICK.withPriorVariance(1e-20, false);
        try (FiniteNTKClassificationModel model = new FiniteNTKClassificationTrainer(
                        backbone(sure), nothingLearned, ANIMALS)
                .train(data(30, ANIMALS, List.of("dog", "cat"), 5))) {
            double[] probabilities = numbers(model.predict(data(30, ANIMALS, List.of("dog", "cat"), 6)));
            for (int i = 0; i < probabilities.length; i += 2) {
                assertEquals(1, probabilities[i] + probabilities[i + 1], 1e-12);
                assertTrue(probabilities[i] > 0.01 && probabilities[i + 1] > 0.01);
            }
        }
        Model<Label> tuned = tuner(backbone(sure), TrainedParameters.NONE, "dog", "ant", "cat")
                .train(data(30, ANIMALS, List.of("dog", "cat"), 5), Map.of());
        assertEquals(
                1,
                Arrays.stream(numbers(List.of(tuned.predict(data(ANIMALS).getExample(0)))))
                        .sum(),
                1e-12);
    }

    private static Graph biased(Graph graph) {
        Map<String, Tensor> initializers = new java.util.LinkedHashMap<>(graph.initializers());
        initializers.computeIfPresent(
                "layers.1.bias", (name, bias) -> Tensor.ofReals(bias.type(), new double[] {0, 2000, 0}, bias.shape()));
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes());
    }

    @Test
    void fineTuningKeepsAndTellsItsOrder() {
        OnnxBackbone fresh = backbone(NetworkBuilder.mlp(2, List.of(12), 3, Activation.TANH, 4));
        FineTuningClassificationTrainer trainer = new FineTuningClassificationTrainer(fresh, new Adam(0.02), 60, 20);
        FineTunedClassificationModel model =
                assertInstanceOf(FineTunedClassificationModel.class, trainer.train(data(ANIMALS)));
        assertEquals(List.of("ant", "cat", "dog"), model.outputNames());
        assertEquals("TRAINED", finding(model, "output-mapping-basis"));
        assertEquals(
                List.of("ant", "cat", "dog"), NetworkNames.of(model.network()).outputs());
        FiniteNTKClassificationModel next = trainer(backbone(model.network())).train(data(ANIMALS));
        assertEquals("METADATA", finding(next, "output-mapping-basis"));
        assertTrue(accuracy(next, ANIMALS) > 0.9);
        // New labels on a network that has names: its file says the new ones.
        Model<Label> renamed = tuner(backbone(model.network()), TrainedParameters.ALL, "A", "B", "C")
                .train(data(List.of("C", "A", "B")));
        assertEquals(
                List.of("A", "B", "C"),
                NetworkNames.of(assertInstanceOf(FineTunedClassificationModel.class, renamed)
                                .network())
                        .outputs());
        Model<Label> numbered = tuner(backbone(model.network()), TrainedParameters.ALL, "0", "1", "2")
                .train(data(List.of("2", "0", "1")));
        assertEquals(
                List.of("0", "1", "2"),
                NetworkNames.of(assertInstanceOf(FineTunedClassificationModel.class, numbered)
                                .network())
                        .outputs());
    }

    /** The temperature is that of all outputs; what is predicted is given the data's labels. */
    @Test
    void fineTunedNetworksWithClassesThatTheDataLacks() {
        MutableDataset<Label> training = data(90, ANIMALS, List.of("dog", "cat"), 5);
        OnnxBackbone backbone = backbone(trained(3));
        for (TrainedParameters trained : EnumSet.complementOf(EnumSet.of(TrainedParameters.PLATT))) {
            FineTunedClassificationModel model = assertInstanceOf(
                    FineTunedClassificationModel.class,
                    tuner(backbone, trained, "dog", "ant", "cat").train(training));
            assertEquals(ANIMALS, model.outputNames());
            List<Prediction<Label>> predictions = model.predict(training);
            for (Prediction<Label> prediction : predictions) {
                assertEquals(
                        List.of("cat", "dog"),
                        prediction.getOutputScores().keySet().stream().sorted().toList());
                assertEquals(
                        1,
                        prediction.getOutputScores().values().stream()
                                .mapToDouble(Label::getScore)
                                .sum(),
                        1e-12);
            }
            assertTrue(new LabelEvaluator().evaluate(model, training).accuracy() > 0.9, trained.name());
            assertArrayEquals(
                    numbers(predictions),
                    numbers(Helpers.testModelProtoSerialization(model, Label.class, training, 0)
                            .predict(training)));
        }
    }

    @Test
    void storedLabelsMustHaveTheDomainAmongThem() throws InvalidProtocolBufferException {
        ModelProto stored = trainer(backbone(trained(3)), "dog", "ant", "cat")
                .train(data(90, ANIMALS, List.of("dog", "cat"), 5))
                .serialize();
        FiniteNTKClassificationModelProto own =
                stored.getSerializedData().unpack(FiniteNTKClassificationModelProto.class);
        for (List<String> names :
                List.of(List.of("dog", "ant", "cow"), List.of("dog", "dog", "cat"), List.of("dog", "cat"))) {
            FiniteNTKClassificationModelProto.Builder damaged = own.toBuilder();
            damaged.getAdaptedBuilder().clearDimensions().addAllDimensions(names);
            ModelProto message = stored.toBuilder()
                    .setSerializedData(Any.pack(damaged.build()))
                    .build();
            assertThrows(RuntimeException.class, () -> Model.deserialize(message), names.toString());
        }
    }
}
