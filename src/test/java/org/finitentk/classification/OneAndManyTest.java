package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.regression.OutputStructure;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.finitentk.regression.VarianceKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Predictions of one example are those of the same example in a batch, to a relative 1e-6 of single precision: ONNX
 * Runtime's kernels depend on the batch's size.
 */
final class OneAndManyTest {
    private static final int MANY = 60;
    private static final double TOLERANCE = 1e-6;
    private static final Graph TANH = NetworkBuilder.mlp(6, List.of(20, 10), 3, Activation.TANH, 1);

    private static LinearizedNetwork open() {
        return RunningNetwork.of(TANH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    /** As above, most of them to the last bit. */
    private static void assertMostlyEqual(Examples z, Function<Examples, double[]> predict) {
        assertSame(z, predict);
        double[] many = predict.apply(z);
        int width = many.length / z.size();
        long equal = IntStream.range(0, z.size())
                .filter(i -> Arrays.equals(
                        Arrays.copyOfRange(many, i * width, (i + 1) * width), predict.apply(z.slice(i, i + 1))))
                .count();
        assertTrue(equal >= 0.9 * z.size(), equal + " of " + z.size() + " are equal to the last bit");
    }

    private static void assertSame(Examples z, Function<Examples, double[]> predict) {
        double[] many = predict.apply(z);
        int width = many.length / z.size();
        double scale = Arrays.stream(many).map(Math::abs).max().orElse(0);
        for (int i = 0; i < z.size(); i++) {
            double[] one = predict.apply(z.slice(i, i + 1));
            assertEquals(width, one.length);
            for (int c = 0; c < width; c++) {
                assertEquals(many[i * width + c], one[c], TOLERANCE * scale, "number " + c + " of example " + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Solver.class)
    void regression(Solver solver) {
        try (LinearizedNetwork network = open()) {
            Examples x = RandomExamples.draw(network.inputs(), 30, 1);
            Examples z = RandomExamples.draw(network.inputs(), MANY, 2);
            for (OutputStructure structure :
                    new OutputStructure[] {OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED
                    }) {
                double[] y = new double[90];
                Arrays.setAll(y, i -> Math.sin(i));
                RegressionSettings settings = RegressionSettings.DEFAULT
                        .withSolver(solver, RegressionSettings.Iterative.DEFAULT)
                        .withOutputs(structure, 1)
                        .withFixedVariances(1, 0.1);
                RegressionPosterior posterior =
                        RegressionPosterior.fit(network, x, y, null, settings, ProgressListener.NONE);
                assertSame(
                        z, some -> posterior.predict(some, VarianceKind.LATENT).mean());
                assertSame(
                        z,
                        some -> posterior
                                .predict(some, VarianceKind.OBSERVATION)
                                .variance());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void classification(Inference inference) {
        try (LinearizedNetwork network = open()) {
            Examples x = RandomExamples.draw(network.inputs(), 30, 1);
            int[] labels = new int[30];
            Arrays.setAll(labels, i -> i % 3);
            ClassificationSettings settings =
                    ClassificationSettings.DEFAULT.with(inference).withPriorVariance(0.1, false);
            ClassificationPosterior posterior = ClassificationPosterior.fit(
                    network, x, new ClassificationPosterior.Labels(labels, 3), null, settings, ProgressListener.NONE);
            assertSame(RandomExamples.draw(network.inputs(), MANY, 2), posterior::probabilities);
        }
    }

    /** Weights that go in as inputs, as a fine-tuned network's may, and products with one vector, and with several. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void networksAtOtherWeights(long seed) {
        try (LinearizedNetwork network = open()) {
            double[] theta = network.parameterVector();
            double[] v = new java.util.Random(seed).doubles(theta.length, -1, 1).toArray();
            Arrays.setAll(theta, i -> theta[i] + 0.1 * v[i]);
            try (LinearizedNetwork moved = network.at(theta)) {
                Examples z = RandomExamples.draw(network.inputs(), MANY, 2);
                assertMostlyEqual(z, moved::forward);
                assertMostlyEqual(z, network::forward);
                for (LinearizedNetwork each : List.of(network, moved)) {
                    assertMostlyEqual(z, some -> each.jvp(some, v));
                    assertMostlyEqual(z, some -> each.linearized(some, v).products());
                    assertSame(z, some -> each.jvp(some, new double[][] {theta, v, theta})[1]);
                }
            }
        }
    }
}
