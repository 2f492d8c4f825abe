package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.logging.Level;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.DoubleNetworks;
import org.finitentk.testing.LogLines;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One logit for two labels: against the softmax over 0 and it, and against weight space with plain loops. */
@NullUnmarked
final class BernoulliTest {
    private static final int TRAINING = 30;
    private static final double LAMBDA = 0.7;
    private static final Graph ONE = NetworkBuilder.mlp(4, List.of(5), 1, Activation.TANH, 3);

    private static final ClassificationSettings SETTINGS = ClassificationSettings.DEFAULT
            .withPriorVariance(LAMBDA, false)
            .withCovariance(new ClassificationSettings.Covariance(
                    CovarianceSolver.DENSE, 512, 64, 300, 1e-12, 500, 1e-12, 8000));

    /** The network [0, f] of a network f. */
    private static Graph withZero(Graph graph) {
        ValueInfo output = graph.outputs().get(0);
        List<Node> nodes = new ArrayList<>(graph.nodes());
        nodes.add(new Node("zero", "", "Sub", List.of(output.name(), output.name()), List.of("zero"), Map.of()));
        nodes.add(new Node(
                "both",
                "",
                "Concat",
                List.of("zero", output.name()),
                List.of("both"),
                new Attributes().integer("axis", 1).build()));
        return new Graph(
                graph.name(),
                graph.inputs(),
                List.of(new ValueInfo("both", output.type(), List.of("n", "2"))),
                graph.initializers(),
                nodes);
    }

    private static LinearizedNetwork open(Graph graph) {
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static Examples examples(LinearizedNetwork network, ElementType type, int n, long seed) {
        Random random = new Random(seed);
        double[] values = new double[n * 4];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Examples.of(network.inputs().get(0).name(), Tensor.ofReals(type, values, n, 4));
    }

    private static int[] labels(Examples x, LinearizedNetwork network) {
        return WeightSpace.labels(x, network.inputs().get(0).name(), 2, 2);
    }

    private static double[] weights() {
        double[] weights = new double[TRAINING];
        Arrays.setAll(weights, i -> i % 3 == 0 ? 2 : 1);
        return weights;
    }

    private static ClassificationPosterior fit(LinearizedNetwork network, Examples x, ClassificationSettings settings) {
        return ClassificationPosterior.fit(
                network,
                x,
                new ClassificationPosterior.Labels(labels(x, network), 2),
                weights(),
                settings,
                ProgressListener.NONE);
    }

    /** Mean and variance of the second logit less the first one. */
    private static double[] difference(ClassificationPosterior posterior, Examples z) {
        double[] mean = posterior.logitMean(z);
        double[] covariance = posterior.logitCovariance(z);
        double[] both = new double[2 * z.size()];
        boolean one = mean.length == z.size();
        for (int i = 0; i < z.size(); i++) {
            both[2 * i] = one ? mean[i] : mean[2 * i + 1] - mean[2 * i];
            both[2 * i + 1] = one
                    ? covariance[i]
                    : covariance[4 * i] + covariance[4 * i + 3] - covariance[4 * i + 1] - covariance[4 * i + 2];
        }
        return both;
    }

    /** Far above a moderate prior variance steps begin at a smaller one: the same for both. */
    @ParameterizedTest
    @CsvSource({
        "FULL_COVARIANCE,1,1e-6",
        "FULL_COVARIANCE,10,1e-6",
        "FULL_COVARIANCE,10,1e-12",
        "FULL_COVARIANCE,10,1e-20",
        "MEAN_FIELD,10,1e-6",
        "MEAN_FIELD,10,1e-20"
    })
    void fAndZeroAndFAreTheSameWhereLogitsVaryMuch(Inference inference, double lambda, double steps) {
        Graph graph = DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(30), 1, Activation.TANH, 2));
        try (LinearizedNetwork one = open(graph);
                LinearizedNetwork two = open(withZero(graph))) {
            Examples x = examples(one, ElementType.DOUBLE, TRAINING, 1);
            Examples z = examples(one, ElementType.DOUBLE, 9, 5);
            ClassificationSettings settings = SETTINGS.with(inference)
                    .withPriorVariance(lambda, false)
                    .withCovariance(new ClassificationSettings.Covariance(
                            CovarianceSolver.DENSE,
                            ClassificationSettings.Covariance.AUTOMATIC_DRAWS,
                            64,
                            500,
                            steps,
                            50,
                            1e-12,
                            8000));
            double[] expected = difference(fit(two, x, settings), z);
            assertTrue(Arrays.stream(expected).max().orElseThrow() > 1, "some logit varies by more than 1");
            assertArrayEquals(expected, difference(fit(one, x, settings), z), 1e-8);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DOUBLE,MAP,1e-8",
        "FLOAT,MAP,1e-5",
        "DOUBLE,LAPLACE,1e-8",
        "FLOAT,LAPLACE,1e-5",
        "DOUBLE,FULL_COVARIANCE,1e-8",
        "FLOAT,FULL_COVARIANCE,1e-5",
        "DOUBLE,MEAN_FIELD,1e-8",
        "FLOAT,MEAN_FIELD,1e-5"
    })
    void fAndZeroAndFAreTheSame(ElementType type, Inference inference, double tolerance) {
        boolean doubles = type == ElementType.DOUBLE;
        Graph graph = doubles ? DoubleNetworks.of(ONE) : ONE;
        try (LinearizedNetwork one = open(graph);
                LinearizedNetwork two = open(withZero(graph))) {
            Examples x = examples(one, type, TRAINING, 1);
            Examples z = examples(one, type, 9, 5);
            // a bound is flat at its top: until nothing changes
            double tight = inference == Inference.LAPLACE ? 1e-12 : 1e-20;
            ClassificationSettings settings = SETTINGS.with(inference)
                    .withCovariance(new ClassificationSettings.Covariance(
                            CovarianceSolver.DENSE,
                            ClassificationSettings.Covariance.AUTOMATIC_DRAWS,
                            64,
                            300,
                            tight,
                            500,
                            1e-12,
                            8000));
            ClassificationPosterior first = fit(one, x, settings);
            ClassificationPosterior second = fit(two, x, settings);
            assertEquals(1, first.logitMean(z).length / z.size());
            assertEquals(PriorLogits.NETWORK, first.priorLogits());
            assertEquals(2, first.classes());
            assertArrayEquals(difference(second, z), difference(first, z), tolerance);
            assertEquals(second.report().objective(), first.report().objective(), 100 * tolerance);
            for (ClassProbabilities rule : List.of(ClassProbabilities.PLUG_IN, ClassProbabilities.PROBIT)) {
                double[] expected = second.withProbabilities(rule, 1).probabilities(z);
                // the softmax of two shrunk logits is that of the shrunk difference where the first has no variance
                assertArrayEquals(expected, first.withProbabilities(rule, 1).probabilities(z), tolerance);
            }
        }
    }

    @Test
    void laplaceIsThatOfWeightSpace() {
        try (LinearizedNetwork network = open(DoubleNetworks.of(ONE))) {
            Examples x = examples(network, ElementType.DOUBLE, TRAINING, 1);
            Examples z = examples(network, ElementType.DOUBLE, 9, 5);
            WeightSpace reference = reference(network, x);
            double[] w = new double[(int) network.parameterCount()];
            for (int step = 0; step < 100; step++) {
                double[] f = reference.logits(w);
                double[][] covariance = WeightSpace.inverse(reference.precision(reference.curvature(f), LAMBDA));
                double[] gradient = reference.transposed(reference.residuals(f));
                for (int i = 0; i < w.length; i++) {
                    gradient[i] -= w[i] / LAMBDA;
                }
                double[] change = WeightSpace.times(covariance, gradient);
                for (int i = 0; i < w.length; i++) {
                    w[i] += change[i];
                }
            }
            double[] f = reference.logits(w);
            double[][] covariance = WeightSpace.inverse(reference.precision(reference.curvature(f), LAMBDA));
            ClassificationPosterior found = fit(network, x, SETTINGS);
            assertArrayEquals(w, found.weights(), 1e-7);
            double[][] rows = WeightSpace.jacobian(network, z, 1, false);
            assertArrayEquals(WeightSpace.blocks(rows, covariance, 1), found.logitCovariance(z), 1e-8);
            double evidence = reference.logLikelihood(f)
                    - 0.5 * Vectors.dot(w, w) / LAMBDA
                    - 0.5 * (covariance[w.length][0] + w.length * Math.log(LAMBDA));
            assertEquals(evidence, found.report().objective(), 1e-8);
        }
    }

    /** A softmax over two logits of which the first is 0. */
    private static WeightSpace reference(LinearizedNetwork network, Examples x) {
        double[][] one = WeightSpace.jacobian(network, x, 1, false);
        double[] f = network.forward(x);
        double[][] rows = new double[2 * f.length][one[0].length];
        double[] prior = new double[2 * f.length];
        for (int i = 0; i < f.length; i++) {
            rows[2 * i + 1] = one[i];
            prior[2 * i + 1] = f[i];
        }
        return new WeightSpace(rows, labels(x, network), weights(), prior, 2);
    }

    /** N(m, V) maximizes the bound where m = λ Jᵀ E[ω (y − σ)] and V⁻¹ = I/λ + Jᵀ diag E[ω σ (1 − σ)] J. */
    @Test
    void fullCovarianceIsTheFixedPointInWeightSpace() {
        try (LinearizedNetwork network = open(DoubleNetworks.of(ONE))) {
            Examples x = examples(network, ElementType.DOUBLE, TRAINING, 1);
            ClassificationPosterior found = fit(network, x, SETTINGS.with(Inference.FULL_COVARIANCE));
            double[] mean = found.logitMean(x);
            double[] variance = found.logitCovariance(x);
            int[] labels = labels(x, network);
            double[][] rows = WeightSpace.jacobian(network, x, 1, false);
            double[] residuals = new double[TRAINING];
            double[][] precision = new double[TRAINING][1];
            double expected = 0;
            for (int i = 0; i < TRAINING; i++) {
                double[] integrals = integrals(mean[i], Math.sqrt(variance[i]));
                expected += weights()[i] * (labels[i] * mean[i] - integrals[0]);
                residuals[i] = weights()[i] * (labels[i] - integrals[1]);
                precision[i][0] = weights()[i] * integrals[2];
            }
            WeightSpace space = new WeightSpace(rows, labels, weights(), mean, 1);
            double[] w = space.transposed(residuals);
            for (int i = 0; i < w.length; i++) {
                w[i] *= LAMBDA;
            }
            double[][] covariance = WeightSpace.inverse(space.precision(precision, LAMBDA));
            assertArrayEquals(w, found.weights(), 1e-5);
            assertArrayEquals(WeightSpace.blocks(rows, covariance, 1), variance, 1e-6);
            double trace = 0;
            for (int i = 0; i < w.length; i++) {
                trace += covariance[i][i] / LAMBDA;
            }
            double divergence = 0.5
                    * (trace
                            + Vectors.dot(w, w) / LAMBDA
                            - w.length
                            + covariance[w.length][0]
                            + w.length * Math.log(LAMBDA));
            assertEquals(expected - divergence, found.report().objective(), 1e-5);
        }
    }

    /** Of log(1 + exp f), σ(f) and its derivative, by many points. */
    private static double[] integrals(double m, double s) {
        double step = Math.min(1e-3, 0.02 / s);
        double[] sums = new double[3];
        double total = 0;
        for (double z = -12; z <= 12; z += step) {
            double weight = Math.exp(-0.5 * z * z);
            double f = m + s * z;
            double p = 1 / (1 + Math.exp(-f));
            total += weight;
            sums[0] += weight * (f > 30 ? f : Math.log1p(Math.exp(f)));
            sums[1] += weight * p;
            sums[2] += weight * p * (1 - p);
        }
        double all = total;
        return Arrays.stream(sums).map(sum -> sum / all).toArray();
    }

    @Test
    void expectationsAreThoseOfManyPoints() {
        for (double s : new double[] {0, 0.1, 1, 3, 7.9, 8.1, 20, 100}) {
            for (double m : new double[] {-60, -7, -0.3, 0, 2, 30}) {
                LogisticExpectation found = LogisticExpectation.of(m, s * s);
                double[] expected = integrals(m, s);
                String where = "mean " + m + ", deviation " + s;
                assertEquals(expected[0], found.normalizer(), 1e-9 * (1 + Math.abs(m) + s), where);
                assertEquals(expected[1], found.mean(), 1e-9, where);
                assertEquals(expected[2], found.curvature(), 1e-9, where);
            }
        }
        LogisticExpectation wide = LogisticExpectation.of(3e7, 1e16);
        assertEquals(integrals(0.3, 1e-9)[1] * 0 + 0.6179114221889526, wide.mean(), 1e-8);
    }

    /** What other solvers and inferences make of it is close to the exact one. */
    @ParameterizedTest
    @ValueSource(strings = {"ITERATIVE", "LOW_RANK", "FULL_ITERATIVE", "MEAN_FIELD", "LOCAL", "ADAM"})
    void allWaysAreCloseToTheExactOne(String way) {
        try (LinearizedNetwork network = open(DoubleNetworks.of(ONE))) {
            Examples x = examples(network, ElementType.DOUBLE, TRAINING, 1);
            Examples z = examples(network, ElementType.DOUBLE, 9, 5);
            ClassificationSettings.Covariance iterative =
                    SETTINGS.method().covariance().with(CovarianceSolver.ITERATIVE);
            ClassificationSettings.Stochastic steps = new ClassificationSettings.Stochastic(
                    1500,
                    TRAINING,
                    0.3,
                    8,
                    way.equals("LOCAL") ? GradientEstimator.LOCAL : GradientEstimator.REPARAMETERIZED,
                    MeanFieldOptimizer.ADAM);
            ClassificationSettings settings =
                    switch (way) {
                        case "ITERATIVE" -> SETTINGS.withCovariance(iterative);
                        case "LOW_RANK" ->
                            SETTINGS.withCovariance(
                                    SETTINGS.method().covariance().with(CovarianceSolver.LOW_RANK));
                        case "FULL_ITERATIVE" ->
                            SETTINGS.with(Inference.FULL_COVARIANCE)
                                    .withCovariance(new ClassificationSettings.Covariance(
                                            CovarianceSolver.ITERATIVE, 2, 256, 100, 1e-6, 1, 1e-10, 8000));
                        case "ADAM" -> SETTINGS.with(Inference.MAP).withOptimization(MapOptimizer.ADAM, steps);
                        default -> SETTINGS.with(Inference.MEAN_FIELD).withOptimization(MapOptimizer.AUTO, steps);
                    };
            boolean variational = way.equals("FULL_ITERATIVE") || way.equals("MEAN_FIELD") || way.equals("LOCAL");
            ClassificationPosterior exact =
                    fit(network, x, variational ? SETTINGS.with(Inference.FULL_COVARIANCE) : SETTINGS);
            ClassificationPosterior found = fit(network, x, settings);
            double tolerance = variational ? 0.2 : way.equals("ADAM") ? 1e-2 : 1e-6;
            assertArrayEquals(exact.logitMean(z), found.logitMean(z), tolerance);
            if (!variational && !way.equals("ADAM")) {
                assertArrayEquals(exact.logitCovariance(z), found.logitCovariance(z), tolerance);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void oneLabelOnlyAndExtremeLogitsHaveProbabilities(Inference inference) {
        try (LinearizedNetwork network = open(ONE)) {
            Random random = new Random(4);
            double[] values = new double[48];
            Arrays.setAll(values, i -> 1e5 * random.nextGaussian());
            Examples x = Examples.of(network.inputs().get(0).name(), Tensor.ofReals(ElementType.FLOAT, values, 12, 4));
            int[] labels = new int[12];
            Arrays.fill(labels, 1);
            double[] p = ClassificationPosterior.fit(
                            network,
                            x,
                            new ClassificationPosterior.Labels(labels, 2),
                            null,
                            ClassificationSettings.DEFAULT
                                    .with(inference)
                                    .withOptimization(
                                            MapOptimizer.AUTO,
                                            new ClassificationSettings.Stochastic(
                                                    20,
                                                    12,
                                                    0.1,
                                                    2,
                                                    GradientEstimator.REPARAMETERIZED,
                                                    MeanFieldOptimizer.ADAM)),
                            ProgressListener.NONE)
                    .probabilities(x);
            for (int i = 0; i < 12; i++) {
                assertEquals(1, p[2 * i] + p[2 * i + 1], 1e-12);
                assertTrue(p[2 * i] >= 0 && p[2 * i + 1] >= 0);
            }
        }
    }

    /** A network that was trained for prices has no log odds, even where the dear ones are those of one label. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "300"})
    void numbersThatAreTakenForLogOddsAreTold(String least) {
        try (LinearizedNetwork network = open(WrittenNetwork.of(
                        "input x[4]; w[4,1]; b[1] = " + least + "; a = MatMul(x, w); y = Add(a, b)"));
                LogLines log = new LogLines(ClassificationFit.class.getName())) {
            Examples x = examples(network, ElementType.FLOAT, 60, 1);
            double[] f = network.forward(x);
            double middle = Arrays.stream(f).average().orElseThrow();
            int[] labels = Arrays.stream(f).mapToInt(y -> y > middle ? 1 : 0).toArray();
            ClassificationPosterior.fit(
                    network,
                    x,
                    new ClassificationPosterior.Labels(labels, 2),
                    null,
                    ClassificationSettings.DEFAULT,
                    ProgressListener.NONE);
            assertEquals(
                    !least.equals("0"),
                    log.of(Level.WARNING)
                            .toString()
                            .contains("its outputs are numbers and no log odds, such as a price"),
                    log.of(Level.WARNING).toString());
        }
    }

    /** Labels that have nothing to do with the inputs leave the network as it is, which is said. */
    @Test
    void aPriorVarianceThatCollapsesIsSaid() {
        try (LinearizedNetwork network = open(ONE);
                LogLines log = new LogLines(ClassificationFit.class.getName())) {
            Examples x = examples(network, ElementType.FLOAT, 60, 1);
            double[] f = network.forward(x);
            Random random = new Random(2);
            int[] labels = Arrays.stream(f)
                    .mapToInt(logit -> random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0)
                    .toArray();
            ClassificationSettings settings = ClassificationSettings.DEFAULT.with(Inference.LAPLACE);
            ClassificationPosterior.fit(
                    network,
                    x,
                    new ClassificationPosterior.Labels(labels, 2),
                    null,
                    settings.withPriorVariance(0, false),
                    ProgressListener.NONE);
            assertTrue(log.of(Level.WARNING).isEmpty());
            ClassificationPosterior found = ClassificationPosterior.fit(
                    network, x, new ClassificationPosterior.Labels(labels, 2), null, settings, ProgressListener.NONE);
            assertArrayEquals(f, found.logitMean(x), 0.05);
            assertTrue(
                    log.of(Level.WARNING).toString().contains("found nothing in the 60 examples"),
                    log.of(Level.WARNING) + " at " + found.priorVariance());
        }
    }

    @Test
    void nothingOverflows() {
        BernoulliLikelihood likelihood = new BernoulliLikelihood();
        double[] mean = new double[1];
        for (double f : new double[] {-1e300, -800, -1e-300, 0, 40, 800, 1e300}) {
            assertEquals(Math.max(0, f), likelihood.normalizer(new double[] {f}, 0, mean, 0), 0.7);
            assertEquals(f > 30 ? 1 : f < -30 ? 0 : 0.5, mean[0], 1e-12);
            double[] p = likelihood.probabilities(new double[] {f});
            assertEquals(1, p[0] + p[1], 1e-15);
        }
        double[] t = new double[1];
        SplittableRandom random = new SplittableRandom(1);
        double sum = 0;
        for (int i = 0; i < 10_000; i++) {
            likelihood.draw(new double[] {0.3}, 0, random, t);
            sum += t[0];
        }
        assertEquals(0.3, sum / 10_000, 0.02);
    }
}
