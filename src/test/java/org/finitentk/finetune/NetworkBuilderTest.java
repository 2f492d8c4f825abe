package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class NetworkBuilderTest {
    @Test
    void mlpHasTheDocumentedLayout() {
        Graph graph = NetworkBuilder.mlp(5, List.of(200, 30), 2, Activation.TANH, 1);
        assertEquals(List.of("batch", "5"), graph.inputs().get(0).dims());
        assertEquals(List.of("batch", "2"), graph.outputs().get(0).dims());
        assertEquals(
                List.of("Gemm", "Tanh", "Gemm", "Tanh", "Gemm"),
                graph.nodes().stream().map(n -> n.op()).toList());
        assertEquals(
                List.of(
                        "layers.0.weight",
                        "layers.0.bias",
                        "layers.1.weight",
                        "layers.1.bias",
                        "layers.2.weight",
                        "layers.2.bias"),
                ParameterChoice.of(graph, ParameterSelection.DEFAULT).stream()
                        .map(Parameter::name)
                        .toList());
        assertArrayEquals(new long[] {200, 5}, weight(graph, 0).shape());
        assertArrayEquals(new long[] {2, 30}, weight(graph, 2).shape());
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void everyActivationRunsInOnnxRuntime(Activation activation) throws OrtException {
        Graph graph = NetworkBuilder.mlp(3, List.of(4), 2, activation, 7);
        assertArrayEquals(new long[] {6, 2}, runShape(graph, new long[] {6, 3}));
    }

    @Test
    void convolutionalNetworkRunsInOnnxRuntime() throws OrtException {
        Graph small = NetworkBuilder.withSeed(3)
                .images(3, 13, 9)
                .convolutions(List.of(4, 5), Activation.RELU)
                .dense(7)
                .build();
        assertArrayEquals(new long[] {2, 7}, runShape(small, new long[] {2, 3, 13, 9}));
        Graph strided = NetworkBuilder.withSeed(1)
                .images(1, 12, 12)
                .convolution(4, 5, 2, 1)
                .activation(Activation.ELU)
                .averagePool(2)
                .convolution(6, 1, 1, 0)
                .globalAveragePool()
                .build();
        assertEquals(List.of("batch", "6"), strided.outputs().get(0).dims());
        assertArrayEquals(new long[] {5, 6}, runShape(strided, new long[] {5, 1, 12, 12}));
    }

    @Test
    void aResidualBlockAddsItsInput() {
        Graph graph = NetworkBuilder.withSeed(4)
                .elementType(ElementType.DOUBLE)
                .features(2)
                .residual(block -> block.dense(2))
                .build();
        double[] x = {0.5, -2};
        double[] w = weight(graph, 0).toDoubles();
        double[] b = initializer(graph, "layers.0.bias").toDoubles();
        double[] expected = {x[0] + w[0] * x[0] + w[1] * x[1] + b[0], x[1] + w[2] * x[0] + w[3] * x[1] + b[1]};
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertArrayEquals(
                    expected, network.forward(Examples.of(NetworkBuilder.INPUT, Tensor.ofDoubles(x, 1, 2))), 1e-14);
        }
    }

    @Test
    void theSeedDecidesTheWeightsAndLaterLayersDoNotChangeEarlierOnes() {
        Graph a = NetworkBuilder.mlp(5, List.of(8), 2, Activation.TANH, 1);
        assertArrayEquals(
                weight(a, 0).toDoubles(),
                weight(NetworkBuilder.mlp(5, List.of(8, 9), 2, Activation.RELU, 1), 0)
                        .toDoubles());
        assertNotEquals(
                weight(a, 0).toDoubles()[0],
                weight(NetworkBuilder.mlp(5, List.of(8), 2, Activation.TANH, 2), 0)
                        .toDoubles()[0]);
    }

    @ParameterizedTest
    @EnumSource(Initialization.class)
    void initializationsHaveTheirVariances(Initialization scheme) {
        Graph graph = NetworkBuilder.withSeed(5)
                .elementType(ElementType.DOUBLE)
                .initialization(scheme)
                .features(300)
                .dense(200)
                .build();
        double[] w = weight(graph, 0).toDoubles();
        double expected =
                switch (scheme) {
                    case PYTORCH -> 1.0 / 300 / 3;
                    case XAVIER -> 2.0 / 500;
                    case HE -> 2.0 / 300;
                };
        double mean = Arrays.stream(w).average().orElseThrow();
        double variance = Arrays.stream(w).map(v -> v * v).average().orElseThrow();
        assertEquals(0, mean, 5 * Math.sqrt(expected / w.length));
        assertEquals(expected, variance, 0.03 * expected);
        double[] bias = initializer(graph, "layers.0.bias").toDoubles();
        assertEquals(scheme == Initialization.PYTORCH, Arrays.stream(bias).anyMatch(b -> b != 0));
        assertTrue(Arrays.stream(bias).allMatch(b -> Math.abs(b) <= 1 / Math.sqrt(300)));
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake(
                        "a residual block makes [3] of [2]; expected the same shape",
                        () -> NetworkBuilder.withSeed(1).features(2).residual(block -> block.dense(3))),
                mistake(
                        "number of input features is 0",
                        () -> NetworkBuilder.withSeed(1).features(0)),
                mistake("size of dense layer 1 is -3", () -> NetworkBuilder.mlp(2, List.of(3), -3, Activation.TANH, 1)),
                mistake(
                        "does not fit its input of 1x1",
                        () -> NetworkBuilder.withSeed(1)
                                .images(1, 4, 4)
                                .convolutions(List.of(2, 2, 2), Activation.TANH)
                                .dense(1)
                                .build()),
                mistake(
                        "kernel 5",
                        () -> NetworkBuilder.withSeed(1).images(1, 4, 4).convolution(1, 5, 1, 0)),
                mistake(
                        "padding of convolution 0 is -1",
                        () -> NetworkBuilder.withSeed(1).images(1, 4, 4).convolution(1, 3, 1, -1)),
                mistake(
                        "needs an image",
                        () -> NetworkBuilder.withSeed(1).features(4).maxPool(2)),
                mistake("no input yet", () -> NetworkBuilder.withSeed(1).dense(2)),
                mistake("INT64", () -> NetworkBuilder.withSeed(1).elementType(ElementType.INT64)),
                mistake(
                        "no layer with weights",
                        () -> NetworkBuilder.withSeed(1).features(4).build()),
                mistake(
                        "at most 2147483647",
                        () -> NetworkBuilder.withSeed(1).features(100_000).dense(100_000)));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreNamed(String expected, Executable call) {
        RuntimeException e = assertThrows(RuntimeException.class, call);
        assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
    }

    private static Arguments mistake(String expected, Executable call) {
        return Arguments.of(expected, call);
    }

    private static Tensor weight(Graph graph, int layer) {
        return initializer(graph, "layers." + layer + ".weight");
    }

    private static Tensor initializer(Graph graph, String name) {
        return Objects.requireNonNull(graph.initializers().get(name), name);
    }

    /** Runs the graph on zeros with plain ONNX Runtime. */
    private static long[] runShape(Graph graph, long[] inputShape) throws OrtException {
        float[] zeros = new float[(int) Tensor.count(inputShape)];
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(ModelWriter.toBytes(graph));
                OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(zeros), inputShape);
                OrtSession.Result result = session.run(Map.of(NetworkBuilder.INPUT, x))) {
            return ((OnnxTensor) result.get(NetworkBuilder.OUTPUT).orElseThrow())
                    .getInfo()
                    .getShape();
        }
    }
}
