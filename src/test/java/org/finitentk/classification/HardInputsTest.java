package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.evaluation.ProbabilisticLabelEvaluator;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.DoubleNetworks;
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
import org.tribuo.WeightedExamples;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.test.Helpers;

/** Data, networks and settings at the edges of what is allowed, by way of the Tribuo trainer. */
final class HardInputsTest {
    private static final int CLASSES = 3;
    private static final ClassificationSettings.Stochastic QUICK = new ClassificationSettings.Stochastic(
            30, 16, 0.1, 2, GradientEstimator.REPARAMETERIZED, MeanFieldOptimizer.ADAM);

    private static final ClassificationSettings.Covariance FEW_POINTS =
            new ClassificationSettings.Covariance(CovarianceSolver.AUTO, 32, 32, 30, 1e-4, 50, 1e-6, 8000);

    @TempDir
    private Path folder = Path.of("");

    private OnnxBackbone backbone(Graph graph) {
        Path file = folder.resolve("network-" + folder.toFile().list().length + ".onnx");
        ModelWriter.write(graph, file);
        return OnnxBackbone.builder(file).sortedFeatures().build();
    }

    private static Graph network(int outputs) {
        return NetworkBuilder.mlp(2, List.of(8), outputs, Activation.TANH, 1);
    }

    private static ArrayExample<Label> example(String label, double x, double y) {
        return new ArrayExample<>(new Label(label), new String[] {"x", "y"}, new double[] {x, y});
    }

    private static MutableDataset<Label> dataset(List<? extends Example<Label>> examples) {
        LabelFactory labels = new LabelFactory();
        return new MutableDataset<>(
                new ListDataSource<>(List.copyOf(examples), labels, new SimpleDataSourceProvenance("edges", labels)));
    }

    /** Points in the angle of their class. */
    private static List<ArrayExample<Label>> points(int n, int classes, IntFunction<String> name) {
        SplittableRandom random = new SplittableRandom(5);
        List<ArrayExample<Label>> examples = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            double angle = 2 * Math.PI * (i % classes + random.nextDouble(-0.3, 0.3)) / classes;
            examples.add(example(name.apply(i % classes), Math.cos(angle), Math.sin(angle)));
        }
        return examples;
    }

    private static MutableDataset<Label> data() {
        return dataset(points(24, CLASSES, Integer::toString));
    }

    private static double[] probabilities(Model<Label> model, MutableDataset<Label> data) {
        return model.predict(data).stream()
                .flatMapToDouble(prediction ->
                        prediction.getOutputScores().values().stream().mapToDouble(Label::getScore))
                .toArray();
    }

    private static double[] probabilities(
            OnnxBackbone backbone,
            ClassificationSettings settings,
            MutableDataset<Label> training,
            MutableDataset<Label> test) {
        try (FiniteNTKClassificationModel model =
                new FiniteNTKClassificationTrainer(backbone, settings).train(training)) {
            double[] all = probabilities(model, test);
            int classes = model.getOutputIDInfo().size();
            for (int from = 0; from < all.length; from += classes) {
                assertEquals(1, Arrays.stream(all, from, from + classes).sum(), 1e-12);
            }
            return all;
        }
    }

    private static void assertRefused(String expected, Executable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
        assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
    }

    /**
     * Likelihoods to the power of 2 are likelihoods of two examples: also in the automatic prior variance and in the
     * prior logits.
     */
    @ParameterizedTest
    @CsvSource({"MAP, AUTO", "LAPLACE, DENSE", "LAPLACE, LOW_RANK", "LAPLACE, ITERATIVE", "FULL_COVARIANCE, DENSE"})
    void weightTwoIsTheExampleTwice(Inference inference, CovarianceSolver solver) {
        List<ArrayExample<Label>> once = points(18, CLASSES, Integer::toString);
        List<ArrayExample<Label>> twice = new ArrayList<>();
        List<ArrayExample<Label>> weighted = new ArrayList<>();
        for (int i = 0; i < once.size(); i++) {
            twice.add(once.get(i));
            ArrayExample<Label> own = once.get(i).copy();
            if (i % 4 == 0) {
                twice.add(once.get(i));
                own.setWeight(2);
            }
            weighted.add(own);
        }
        OnnxBackbone backbone = backbone(DoubleNetworks.of(network(2)));
        ClassificationSettings settings = ClassificationSettings.DEFAULT
                .with(inference)
                .withPriorVariance(ClassificationSettings.AUTOMATIC, false)
                .withCovariance(new ClassificationSettings.Covariance(solver, 64, 32, 100, 1e-10, 200, 1e-10, 8000))
                .withProbabilities(ClassProbabilities.PROBIT, 2);
        double[] expected = probabilities(backbone, settings, dataset(twice), data());
        assertArrayEquals(expected, probabilities(backbone, settings, dataset(weighted), data()), 2e-6);
        assertTrue(
                distance(expected, probabilities(backbone, settings, dataset(once), data())) > 1e-4,
                "weights make no difference");
    }

    private static double distance(double[] a, double[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElse(0);
    }

    @Test
    void labelWeightsAreExampleWeights() {
        MutableDataset<Label> weighted = data();
        for (Example<Label> example : weighted) {
            example.setWeight(example.getOutput().getLabel().equals("1") ? 3 : 1);
        }
        OnnxBackbone backbone = backbone(network(CLASSES));
        FiniteNTKClassificationTrainer trainer = new FiniteNTKClassificationTrainer(backbone);
        assertTrue(WeightedExamples.class.isInstance(trainer));
        trainer.setLabelWeights(Map.of(new Label("1"), 3f, new Label("nobody's"), 7f));
        Model<Label> model = trainer.train(data());
        assertArrayEquals(
                probabilities(backbone, ClassificationSettings.DEFAULT, weighted, data()),
                probabilities(model, data()));
        assertTrue(
                model.getProvenance().getTrainerProvenance().toString().contains("1=3.0"),
                model.getProvenance().getTrainerProvenance().toString());
        Helpers.testConfigurableRoundtrip(trainer);
        Helpers.testProvenanceMarshalling(model.getProvenance());
        assertRefused("the weight of the label 0 is -1.0", () -> trainer.setLabelWeights(Map.of(new Label("0"), -1f)));
    }

    @ParameterizedTest
    @ValueSource(floats = {-1, Float.NaN, Float.POSITIVE_INFINITY})
    void impossibleWeightsAreRefused(float weight) {
        MutableDataset<Label> data = data();
        data.getExample(4).setWeight(weight);
        assertRefused(
                "the weight of training example 4 is " + (double) weight,
                () -> new FiniteNTKClassificationTrainer(backbone(network(CLASSES))).train(data));
    }

    /** Tribuo itself refuses NaN. */
    @ParameterizedTest
    @ValueSource(doubles = {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY})
    void impossibleFeaturesAreRefused(double value) {
        List<ArrayExample<Label>> examples = points(12, CLASSES, Integer::toString);
        examples.add(example("0", 1, value));
        assertRefused(
                "example 12",
                () -> new FiniteNTKClassificationTrainer(backbone(network(CLASSES))).train(dataset(examples)));
        try (FiniteNTKClassificationModel model =
                new FiniteNTKClassificationTrainer(backbone(network(CLASSES))).train(data())) {
            assertRefused("feature", () -> model.predict(examples.get(12)));
        }
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void oneClassIsCertain(Inference inference) {
        MutableDataset<Label> data = dataset(points(6, 1, c -> "0"));
        for (int outputs : new int[] {1, 4}) {
            ClassificationSettings settings =
                    ClassificationSettings.DEFAULT.with(inference).withOptimization(MapOptimizer.AUTO, QUICK);
            for (double p : probabilities(backbone(network(outputs)), settings, data, data)) {
                assertEquals(1, p);
            }
        }
    }

    /**
     * A network of one output gives the kernel of three classes; one in double precision, and one for exactly five
     * examples at a time, work like any.
     */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void networksOfOneOutputOfDoublesAndOfFixedBatches(Inference inference) {
        ClassificationSettings settings = ClassificationSettings.DEFAULT
                .with(inference)
                .withOptimization(MapOptimizer.AUTO, QUICK)
                .withCovariance(FEW_POINTS)
                .withPriorVariance(1, false);
        Graph single = network(1);
        double[] expected = probabilities(backbone(single), settings, data(), data());
        assertTrue(accuracy(expected) > 0.9);
        assertArrayEquals(expected, probabilities(backbone(fixedBatch(single, 5)), settings, data(), data()), 1e-4);
        assertArrayEquals(expected, probabilities(backbone(DoubleNetworks.of(single)), settings, data(), data()), 1e-3);
    }

    private static double accuracy(double[] p) {
        int n = p.length / CLASSES;
        return IntStream.range(0, n)
                        .filter(i -> IntStream.range(0, CLASSES)
                                .allMatch(c -> p[i * CLASSES + c] <= p[i * CLASSES + i % CLASSES]))
                        .count()
                / (double) n;
    }

    private static Graph fixedBatch(Graph graph, int batch) {
        return new Graph(
                graph.name(),
                fixed(graph.inputs(), batch),
                fixed(graph.outputs(), batch),
                graph.initializers(),
                graph.nodes());
    }

    private static List<ValueInfo> fixed(List<ValueInfo> values, int batch) {
        return values.stream()
                .map(value -> {
                    List<String> dims = new ArrayList<>(value.dims());
                    dims.set(0, Integer.toString(batch));
                    return new ValueInfo(value.name(), value.type(), dims);
                })
                .toList();
    }

    private static double[] logits(Graph graph, double... input) {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            return network.forward(Examples.of(
                    graph.inputs().get(0).name(), Tensor.ofReals(network.elementType(), input, input.length / 2, 2)));
        }
    }

    @Test
    void outputsBelongToLabelsByNumberNotByHash() {
        int classes = 12;
        Graph graph = network(classes);
        ClassificationSettings nothingLearned =
                ClassificationSettings.DEFAULT.with(Inference.MAP).withPriorVariance(1e-20, false);
        MutableDataset<Label> data = dataset(points(classes, classes, Integer::toString));
        List<String> backwards = IntStream.range(0, classes)
                .mapToObj(c -> Integer.toString(classes - 1 - c))
                .toList();
        double[] logits = logits(graph, 0.3, -0.6);
        double normalizer = Vectors.logSumExp(logits, 0, classes);
        for (List<String> order : List.of(List.<String>of(), backwards)) {
            try (FiniteNTKClassificationModel model =
                    new FiniteNTKClassificationTrainer(backbone(graph), nothingLearned, order).train(data)) {
                model.predict(example("0", 0.3, -0.6)).getOutputScores().forEach((name, label) -> {
                    int output = order.isEmpty() ? Integer.parseInt(name) : classes - 1 - Integer.parseInt(name);
                    assertEquals(Math.exp(logits[output] - normalizer), label.getScore(), 1e-6, name);
                });
            }
        }
    }

    private static Graph scaled(Graph graph, double factor) {
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.computeIfPresent(
                "layers.1.weight",
                (name, tensor) -> Tensor.ofReals(
                        tensor.type(),
                        Arrays.stream(tensor.toDoubles()).map(v -> v * factor).toArray(),
                        tensor.shape()));
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes());
    }

    @ParameterizedTest
    @EnumSource(ClassProbabilities.class)
    void logitsOfTenThousands(ClassProbabilities rule) {
        Graph graph = scaled(network(CLASSES), 1e5);
        assertTrue(Arrays.stream(logits(graph, 1, 0)).map(Math::abs).max().orElse(0) > 1e4);
        for (Inference inference : Inference.values()) {
            ClassificationSettings settings = ClassificationSettings.DEFAULT
                    .with(inference)
                    .withCovariance(FEW_POINTS)
                    .withPriorVariance(1e-3, false)
                    .withProbabilities(rule, 4)
                    .withOptimization(MapOptimizer.AUTO, QUICK);
            assertTrue(
                    Arrays.stream(probabilities(backbone(graph), settings, data(), data()))
                            .allMatch(p -> p >= 0 && p <= 1),
                    inference.name());
        }
    }

    @ParameterizedTest
    @EnumSource(GradientEstimator.class)
    void meanFieldFollowsItsSeedAndNotItsChunks(GradientEstimator estimator) {
        ClassificationSettings settings = ClassificationSettings.DEFAULT
                .with(Inference.MEAN_FIELD)
                .withOptimization(
                        MapOptimizer.AUTO,
                        new ClassificationSettings.Stochastic(60, 10, 0.1, 2, estimator, MeanFieldOptimizer.ADAM));
        OnnxBackbone backbone = backbone(network(CLASSES));
        double[] expected = probabilities(backbone, settings, data(), data());
        assertArrayEquals(expected, probabilities(backbone, settings, data(), data()));
        assertFalse(Arrays.equals(expected, probabilities(backbone, settings.withSeed(2), data(), data())));
        OnnxBackbone chunked = OnnxBackbone.builder(backbone.path())
                .sortedFeatures()
                .executionSettings(ExecutionSettings.DEFAULT.withMemoryBudget(10_000))
                .build();
        assertArrayEquals(expected, probabilities(chunked, settings, data(), data()), 1e-4);
        OnnxBackbone threaded = OnnxBackbone.builder(backbone.path())
                .sortedFeatures()
                .executionSettings(ExecutionSettings.DEFAULT.withThreads(1))
                .build();
        assertArrayEquals(expected, probabilities(threaded, settings, data(), data()), 1e-4);
    }

    /** One example of a class among ten: most folds train without it, and some are tested with it. */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void foldsWithoutAClass(Inference inference) {
        List<ArrayExample<Label>> examples = points(10, 2, Integer::toString);
        examples.add(example("2", 0.1, -1));
        ClassificationSettings settings =
                ClassificationSettings.DEFAULT.with(inference).withOptimization(MapOptimizer.AUTO, QUICK);
        for (int outputs : new int[] {2, 3}) {
            FiniteNTKClassificationTrainer trainer =
                    new FiniteNTKClassificationTrainer(backbone(network(outputs)), settings);
            assertEquals(
                    3,
                    new CrossValidation<>(trainer, dataset(examples), new LabelEvaluator(), 3, 1)
                            .evaluate()
                            .size());
            new CrossValidation<>(trainer, dataset(examples), new ProbabilisticLabelEvaluator(), 3, 1)
                    .evaluate()
                    .forEach(fold -> assertTrue(
                            Double.isFinite(fold.getA().nll()), fold.getA().toString()));
        }
    }

    /**
     * Whichever of the settings' classes a program uses first; in classes of their own, since those of this process are
     * long initialized.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ClassificationSettings$Stochastic",
                "ClassificationSettings$Covariance",
                "ClassificationSettings"
            })
    void defaultsAreWholeWhicheverIsUsedFirst(String first) throws IOException, ReflectiveOperationException {
        URL classes = ClassificationSettings.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation();
        try (URLClassLoader fresh = new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
            Class.forName("org.finitentk.classification." + first, true, fresh);
            Class<?> type = Class.forName(ClassificationSettings.class.getName(), true, fresh);
            Object defaults = type.getField("DEFAULT").get(null);
            assertEquals(ClassificationSettings.DEFAULT.toString(), String.valueOf(defaults));
        }
    }

    @Test
    void impossibleSettingsAreNamed() {
        ClassificationSettings settings = ClassificationSettings.DEFAULT;
        for (double variance : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertRefused("priorVariance is " + variance, () -> settings.withPriorVariance(variance, false));
        }
        assertRefused(
                "samples is -1; expected at least 0",
                () -> settings.withProbabilities(ClassProbabilities.MONTE_CARLO, -1));
        assertRefused(
                "epochs is -1",
                () -> new ClassificationSettings.Stochastic(
                        -1, 1, 0.1, 1, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM));
        assertRefused(
                "batchSize is 0",
                () -> new ClassificationSettings.Stochastic(
                        1, 0, 0.1, 1, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM));
        assertRefused(
                "draws is 0",
                () -> new ClassificationSettings.Stochastic(
                        1, 1, 0.1, 0, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM));
        assertRefused(
                "learningRate is NaN",
                () -> new ClassificationSettings.Stochastic(
                        1, 1, Double.NaN, 1, GradientEstimator.LOCAL, MeanFieldOptimizer.ADAM));
        assertRefused(
                "quadratureDraws is 7; expected an even number",
                () -> new ClassificationSettings.Covariance(CovarianceSolver.AUTO, 7, 2, 1, 0.1, 1, 0.1, 8000));
        assertRefused(
                "tolerance is 1.0",
                () -> new ClassificationSettings.Covariance(CovarianceSolver.AUTO, 2, 2, 1, 1, 1, 0.1, 8000));
        assertRefused(
                "rank is 0",
                () -> new ClassificationSettings.Covariance(CovarianceSolver.AUTO, 2, 2, 1, 0.1, 0, 0.1, 8000));
    }

    /**
     * Batches of one example and of more than there are, one epoch, prior variances without sense: a model whose
     * probabilities are numbers, or a sentence on the prior variance.
     */
    @ParameterizedTest
    @EnumSource(Inference.class)
    void extremeSettingsEndInModelsOrSentences(Inference inference) {
        OnnxBackbone backbone = backbone(network(CLASSES));
        for (double variance : new double[] {1e-300, 1e6, 1e30}) {
            for (CovarianceSolver solver : List.of(
                    CovarianceSolver.DENSE,
                    inference == Inference.LAPLACE ? CovarianceSolver.LOW_RANK : CovarianceSolver.AUTO)) {
                ClassificationSettings.Stochastic batches = new ClassificationSettings.Stochastic(
                        2,
                        variance > 1 ? 1 : 1000,
                        0.1,
                        3,
                        variance > 1 ? GradientEstimator.REPARAMETERIZED : GradientEstimator.LOCAL,
                        MeanFieldOptimizer.ADAM);
                ClassificationSettings settings = ClassificationSettings.DEFAULT
                        .with(inference)
                        .withPriorVariance(variance, false)
                        .withOptimization(MapOptimizer.AUTO, batches)
                        .withCovariance(new ClassificationSettings.Covariance(solver, 64, 4, 10, 1e-3, 10, 1e-3, 8000));
                try {
                    assertTrue(
                            Arrays.stream(probabilities(backbone, settings, data(), data()))
                                    .allMatch(p -> p >= 0 && p <= 1),
                            inference + " " + solver + " " + variance);
                } catch (IllegalArgumentException e) {
                    assertTrue(
                            variance == 1e30
                                    && String.valueOf(e.getMessage()).contains("rounding hides what the prior says"),
                            e.toString());
                }
            }
        }
        assertRefused(
                "priorVariance is 1.0E300; expected a positive number up to 1.0E30",
                () -> ClassificationSettings.DEFAULT.withPriorVariance(1e300, false));
    }
}
