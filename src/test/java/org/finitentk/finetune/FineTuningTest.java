package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class FineTuningTest {
    private static final int N = 60;
    private static final Graph TANH = NetworkBuilder.mlp(1, List.of(40, 40), 1, Activation.TANH, 7);
    private static final double[] X =
            IntStream.range(0, N).mapToDouble(i -> -5 + 10.0 * i / (N - 1)).toArray();
    private static final double[] Y =
            Arrays.stream(X).map(x -> 2 * Math.sin(1.3 * x + 0.5)).toArray();
    private static final Examples SINUSOID =
            Examples.of(NetworkBuilder.INPUT, Tensor.ofReals(ElementType.FLOAT, X, N, 1));

    static Stream<Arguments> objectives() {
        Graph mlp = NetworkBuilder.withSeed(3)
                .elementType(ElementType.DOUBLE)
                .features(3)
                .dense(5)
                .activation(Activation.TANH)
                .dense(4)
                .build();
        // ONNX Runtime has no convolution in double.
        Graph cnn = NetworkBuilder.withSeed(3)
                .images(2, 6, 6)
                .convolution(3, 3, 1, 1)
                .activation(Activation.SOFTPLUS)
                .averagePool(2)
                .dense(4)
                .build();
        return Stream.of(
                Arguments.of(mlp, new long[] {6, 3}, 1e-5, 1e-8),
                Arguments.of(cnn, new long[] {6, 2, 6, 6}, 1e-2, 1e-3));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void gradientAgreesWithFiniteDifferences(Graph graph, long[] shape, double h, double tolerance) {
        double[] x = new SplittableRandom(1).doubles(Tensor.count(shape), -1, 1).toArray();
        Examples examples = Examples.of(
                NetworkBuilder.INPUT, Tensor.ofReals(graph.inputs().get(0).type(), x, shape));
        double[] y = new double[24];
        for (int i = 0; i < 6; i++) {
            y[4 * i + i % 4] = 1;
        }
        double[] weights = {1, 2, 1, 1, 0.5, 1};
        int[] rows = {4, 1, 0};
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            double[] theta = network.parameterVector();
            for (FineTuning.Loss loss : FineTuning.Loss.values()) {
                NetworkObjective objective = new NetworkObjective(network, examples, y, weights, loss);
                double[] gradient = new double[theta.length];
                objective.evaluate(theta, rows, gradient);
                for (int j = 0; j < theta.length; j += 7) {
                    double difference = moved(objective, theta, rows, j, h) - moved(objective, theta, rows, j, -h);
                    assertEquals(difference / (2 * h), gradient[j], tolerance, loss + " parameter " + j);
                }
            }
        }
    }

    private static double moved(Objective objective, double[] theta, int[] rows, int j, double h) {
        double[] there = theta.clone();
        there[j] += h;
        return objective.evaluate(there, rows, new double[theta.length]);
    }

    @Test
    void aSmallNetworkLearnsASinusoidAndIsWrittenAsOnnx(@TempDir Path folder) {
        FineTuning training =
                new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1e-2, 0, LearningRateSchedule.COSINE), 400, 20);
        FineTuning.Result result;
        Graph trained;
        try (LinearizedNetwork network = open(TANH, ParameterSelection.DEFAULT)) {
            result = training.train(network, SINUSOID, Y, null, 1, ProgressListener.NONE);
            trained = TrainedGraph.of(TANH, network.parameters(), result.parameters());
            assertEquals(
                    rootMeanSquare(TANH), Math.sqrt(meanSquare(network.forward(SINUSOID))), 1e-12, "the network moved");
        }
        assertEquals(1200, result.steps());
        assertTrue(
                result.finalLoss() < 2.5e-3 && result.losses()[0] > 1,
                "from " + result.losses()[0] + " to " + result.finalLoss());
        Path file = folder.resolve("trained.onnx");
        ModelWriter.write(trained, file);
        double error = rootMeanSquare(ModelReader.read(file));
        assertTrue(error < 0.05, "error " + error);
    }

    @Test
    void onlyTheLastLayerMovesWhenOnlyItIsSelected() {
        ParameterSelection last = LastLayer.of(TANH, ParameterSelection.DEFAULT);
        FineTuning training = new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1e-2), 50, N);
        try (LinearizedNetwork network = open(TANH, last)) {
            assertEquals(41, network.parameterCount());
            FineTuning.Result result = training.train(network, SINUSOID, Y, null, 1, ProgressListener.NONE);
            assertTrue(result.finalLoss() < 0.9 * result.losses()[0]);
            double after = rootMeanSquare(TrainedGraph.of(TANH, network.parameters(), result.parameters()));
            assertTrue(after * after < 0.9 * result.losses()[0], after + " after " + result.losses()[0]);
        }
    }

    @Test
    void theSeedDecidesTheResult() {
        FineTuning training = new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1e-2), 3, 7);
        try (LinearizedNetwork network = open(TANH, ParameterSelection.DEFAULT)) {
            double[] first = training.train(network, SINUSOID, Y, null, 5, ProgressListener.NONE)
                    .parameters();
            assertArrayEquals(
                    first,
                    training.train(network, SINUSOID, Y, null, 5, ProgressListener.NONE)
                            .parameters());
            assertFalse(Arrays.equals(
                    first,
                    training.train(network, SINUSOID, Y, null, 6, ProgressListener.NONE)
                            .parameters()));
        }
    }

    @Test
    void weightZeroLeavesAnExampleOut() {
        double[] spoiled = Y.clone();
        double[] weights = new double[N];
        Arrays.fill(weights, 1);
        spoiled[3] = 1e6;
        weights[3] = 0;
        FineTuning training = new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1e-2), 3, N);
        try (LinearizedNetwork network = open(TANH, ParameterSelection.DEFAULT)) {
            double[] left = training.train(network, SINUSOID, Y, weights, 5, ProgressListener.NONE)
                    .parameters();
            assertArrayEquals(
                    left,
                    training.train(network, SINUSOID, spoiled, weights, 5, ProgressListener.NONE)
                            .parameters());
        }
    }

    @Test
    void badDataIsRefusedWithTheExample() {
        FineTuning training = new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1e-2), 3, 7);
        double[] spoiled = Y.clone();
        spoiled[17] = Double.NaN;
        try (LinearizedNetwork network = open(TANH, ParameterSelection.DEFAULT)) {
            assertRefused("target of training example 17 is NaN", training, network, spoiled, null);
            assertRefused(
                    "60 examples of a network with 1 outputs need 60 targets", training, network, new double[61], null);
            assertRefused("weights", training, network, Y, new double[2]);
            double[] huge = Y.clone();
            huge[17] = 1e300;
            assertRefused("training diverged in epoch 1 of 3, at step", training, network, huge, null);
        }
        assertThrows(
                IllegalArgumentException.class, () -> new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1), 0, 1));
    }

    private static void assertRefused(
            String expected, FineTuning training, LinearizedNetwork network, double[] y, double @Nullable [] weights) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> training.train(network, SINUSOID, y, weights, 1, ProgressListener.NONE));
        assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
    }

    private static LinearizedNetwork open(Graph graph, ParameterSelection selection) {
        return RunningNetwork.of(graph, selection, ExecutionSettings.DEFAULT);
    }

    private static double rootMeanSquare(Graph graph) {
        try (LinearizedNetwork network = open(graph, ParameterSelection.DEFAULT)) {
            return Math.sqrt(meanSquare(network.forward(SINUSOID)));
        }
    }

    private static double meanSquare(double[] f) {
        return IntStream.range(0, N)
                .mapToDouble(i -> (f[i] - Y[i]) * (f[i] - Y[i]))
                .average()
                .orElseThrow();
    }
}
