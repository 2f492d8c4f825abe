package org.finitentk.internal.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.Test;

/** Multiplications and additions of one node, counted by hand. */
final class OperationCountTest {
    private static final Map<String, AttributeProto> NONE = Map.of();

    private static double perExample(
            String op, Map<String, AttributeProto> attributes, List<String> dims, long[]... weights) {
        Map<String, Tensor> initializers = new java.util.LinkedHashMap<>();
        List<String> inputs = new java.util.ArrayList<>(List.of("x"));
        for (int i = 0; i < weights.length; i++) {
            initializers.put("w" + i, Tensor.ofFloats(new float[(int) Tensor.count(weights[i])], weights[i]));
            inputs.add("w" + i);
        }
        Node node = new Node("node", "", op, inputs, List.of("y"), attributes);
        Graph graph = new Graph(
                "graph", List.of(new ValueInfo("x", ElementType.FLOAT, dims)), List.of(), initializers, List.of(node));
        return OperationCount.of(graph).perExample();
    }

    @Test
    void matrixProducts() {
        assertEquals(2 * 5 * 7, perExample("MatMul", NONE, List.of("n", "5"), new long[] {5, 7}), 1e-6);
        assertEquals(
                2 * 3 * 5 * 7,
                perExample(
                        "Einsum",
                        new Attributes().string("equation", "ntd,de->nte").build(),
                        List.of("n", "3", "5"),
                        new long[] {5, 7}),
                1e-6);
        assertEquals(
                2 * 3 * 5 * 7,
                perExample(
                        "Einsum",
                        new Attributes().string("equation", "n...d,de->n...e").build(),
                        List.of("n", "3", "5"),
                        new long[] {5, 7}),
                1e-6);
    }

    @Test
    void convolutions() {
        // 4 x 4 windows, of 2 channels and 3 x 3, for 5 channels
        assertEquals(
                2 * 16 * 5 * 2 * 9,
                perExample("Conv", NONE, List.of("n", "2", "6", "6"), new long[] {5, 2, 3, 3}),
                1e-6);
        // each of 2 x 6 x 6 inputs goes to 5 channels and 3 x 3 places
        assertEquals(
                2 * 2 * 36 * 5 * 9,
                perExample("ConvTranspose", NONE, List.of("n", "2", "6", "6"), new long[] {2, 5, 3, 3}),
                1e-6);
    }

    @Test
    void recurrentLayers() {
        Map<String, AttributeProto> hidden =
                new Attributes().integer("hidden_size", 6).build();
        Map<String, AttributeProto> order =
                new Attributes().integers("perm", 1, 0, 2).build();
        Graph graph = new Graph(
                "graph",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "3", "5"))),
                List.of(),
                Map.of("w", Tensor.ofFloats(new float[120], 1, 24, 5), "r", Tensor.ofFloats(new float[144], 1, 24, 6)),
                List.of(
                        new Node("steps", "", "Transpose", List.of("x"), List.of("s"), order),
                        new Node("node", "", "LSTM", List.of("s", "w", "r"), List.of("y"), hidden)));
        // 3 steps of 4 gates of 6 values from 5 inputs and 6 values before, and an operation for each of the outputs
        double expected = 2 * 3 * 24 * (5 + 6) + 3 * 6 + 3 * 5;
        assertEquals(expected, OperationCount.of(graph).perExample(), 1e-6);
    }
}
