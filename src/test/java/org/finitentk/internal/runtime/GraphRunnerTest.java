package org.finitentk.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.Runs;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
final class GraphRunnerTest {
    private static Graph doubling(ElementType type, List<String> outputDims) {
        return new Graph(
                "doubling",
                List.of(new ValueInfo("x", type, List.of("n", "2"))),
                List.of(new ValueInfo("y", type, outputDims)),
                Map.of(),
                List.of(SmallNetworks.node("Add", List.of("x", "x"), "y")));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE", "INT32", "INT64"})
    void runsEveryType(ElementType type) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(6 * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 6; i++) {
            switch (type) {
                case FLOAT -> bytes.putFloat(i);
                case DOUBLE -> bytes.putDouble(i);
                case INT32 -> bytes.putInt(i);
                default -> bytes.putLong(i);
            }
        }
        Tensor x = new Tensor(type, new long[] {3, 2}, bytes.flip());
        try (GraphRunner runner = new GraphRunner(doubling(type, List.of("n", "2")), Runs.CPU)) {
            Tensor y = runner.run(Map.of("x", x)).get("y");
            assertEquals(type, y.type());
            assertArrayEquals(new long[] {3, 2}, y.shape());
            assertArrayEquals(new double[] {0, 2, 4, 6, 8, 10}, y.toDoubles());
        }
    }

    @Test
    void anOutputMayBeAnInput() {
        ValueInfo x = new ValueInfo("x", ElementType.FLOAT, List.of("n", "2"));
        Graph graph = new Graph(
                "passing",
                List.of(x),
                List.of(x, new ValueInfo("y", ElementType.FLOAT, List.of("n", "2"))),
                Map.of(),
                List.of(SmallNetworks.node("Neg", List.of("x"), "y")));
        try (GraphRunner runner = new GraphRunner(graph, Runs.CPU)) {
            Map<String, Tensor> results = runner.run(Map.of("x", Tensor.ofFloats(new float[] {1, 2}, 1, 2)));
            assertArrayEquals(new double[] {1, 2}, results.get("x").toDoubles());
            assertArrayEquals(new double[] {-1, -2}, results.get("y").toDoubles());
        }
    }

    @Test
    void outputsOfUnknownOrWronglyDeclaredShapeAreRead() {
        for (List<String> dims : List.of(List.of("unknown", "2"), List.of("n", "other"))) {
            try (GraphRunner runner = new GraphRunner(doubling(ElementType.FLOAT, dims), Runs.CPU)) {
                Tensor x = Tensor.ofFloats(new float[] {1, 2}, 1, 2);
                assertArrayEquals(
                        new double[] {2, 4}, runner.run(Map.of("x", x)).get("y").toDoubles());
            }
        }
        Graph wrong = new Graph(
                "wrong",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "m"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("m", "m"))),
                Map.of(),
                List.of(SmallNetworks.node("Neg", List.of("x"), "y")));
        try (GraphRunner runner = new GraphRunner(wrong, Runs.CPU)) {
            Tensor x = Tensor.ofFloats(new float[] {1, 2}, 1, 2);
            for (int repeat = 0; repeat < 2; repeat++) {
                assertArrayEquals(
                        new double[] {-1, -2},
                        runner.run(Map.of("x", x)).get("y").toDoubles());
            }
        }
    }

    /** A shape that was seen is only a guess. */
    @Test
    void outputsWhoseShapeDependsOnValuesAreRead() {
        Graph graph = new Graph(
                "nonzero",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n"))),
                List.of(new ValueInfo("y", ElementType.INT64, List.of("1", "count"))),
                Map.of(),
                List.of(SmallNetworks.node("NonZero", List.of("x"), "y")));
        try (GraphRunner runner = new GraphRunner(graph, Runs.CPU)) {
            float[][] inputs = {{1, 0, 2}, {1, 0, 3}, {1, 1, 2}, {0, 0, 2}, {0, 5, 0}};
            double[][] expected = {{0, 2}, {0, 2}, {0, 1, 2}, {2}, {1}};
            for (int i = 0; i < inputs.length; i++) {
                assertArrayEquals(
                        expected[i],
                        runner.run(Map.of("x", Tensor.ofFloats(inputs[i], 3)))
                                .get("y")
                                .toDoubles());
            }
        }
    }

    /** What is kept from one run goes into many others, and heap memory would be copied for each of them. */
    @Test
    void outputsOfUnknownShapeAreDirect() {
        try (GraphRunner runner = new GraphRunner(doubling(ElementType.FLOAT, List.of("unknown", "2")), Runs.CPU)) {
            for (int rows = 1; rows <= 2; rows++) {
                for (int repeat = 0; repeat < 2; repeat++) {
                    Tensor y = runner.run(Map.of("x", Tensor.ofFloats(new float[2 * rows], rows, 2)))
                            .get("y");
                    assertTrue(y.data().isDirect());
                    assertArrayEquals(new long[] {rows, 2}, y.shape());
                }
            }
        }
    }

    @Test
    void heapTensorsAndViewsAreTaken() {
        try (GraphRunner runner = new GraphRunner(doubling(ElementType.FLOAT, List.of("n", "2")), Runs.CPU)) {
            Tensor direct = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
            ByteBuffer heap = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
            heap.put(direct.data()).flip();
            Tensor onHeap = new Tensor(ElementType.FLOAT, new long[] {3, 2}, heap);
            for (Tensor x : List.of(direct, onHeap)) {
                assertArrayEquals(
                        new double[] {6, 8, 10, 12},
                        runner.run(Map.of("x", x.rows(1, 3))).get("y").toDoubles());
            }
        }
    }

    @Test
    void useAfterCloseIsRefused() {
        GraphRunner runner = new GraphRunner(doubling(ElementType.FLOAT, List.of("n", "2")), Runs.CPU);
        runner.close();
        runner.close();
        Map<String, Tensor> feeds = Map.of("x", Tensor.ofFloats(new float[2], 1, 2));
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> runner.run(feeds));
        assertTrue(e.getMessage().contains("doubling"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"y,3", "x,3", "x,0"})
    void tensorsThatDoNotFitAreRefusedWithBothShapes(String name, long columns) {
        try (GraphRunner runner = new GraphRunner(doubling(ElementType.FLOAT, List.of("n", "2")), Runs.CPU)) {
            Map<String, Tensor> feeds = Map.of(name, Tensor.ofFloats(new float[(int) (4 * columns)], 4, columns));
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> runner.run(feeds));
            assertTrue(
                    e.getMessage().contains("[n, 2]") && e.getMessage().contains("[4, " + columns + "]"),
                    e.getMessage());
        }
    }

    @Test
    void unknownOutputsAndOperatorsAreRefused() {
        try (GraphRunner runner = new GraphRunner(doubling(ElementType.FLOAT, List.of("n", "2")), Runs.CPU)) {
            Map<String, Tensor> feeds = Map.of("x", Tensor.ofFloats(new float[2], 1, 2));
            assertThrows(IllegalArgumentException.class, () -> runner.run(feeds, List.of("z")));
        }
        Graph unknown = new Graph(
                "odd",
                doubling(ElementType.FLOAT, List.of("n", "2")).inputs(),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "2"))),
                Map.of(),
                List.of(SmallNetworks.node("NoSuchOperator", List.of("x"), "y")));
        InvalidModelException e = assertThrows(InvalidModelException.class, () -> new GraphRunner(unknown, Runs.CPU));
        assertTrue(e.getMessage().contains("'odd'") && e.getMessage().contains("NoSuchOperator"), e.getMessage());
    }

    @Test
    void missingCudaIsOneClearSentence() {
        IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> new GraphRunner(doubling(ElementType.FLOAT, List.of("n", "2")), Runs.CUDA));
        assertTrue(e.getMessage().contains("CUDA"), e.getMessage());
    }

    /** Where the provider is known to be wrong. */
    @ParameterizedTest
    @CsvSource({"AveragePool", "MaxPool"})
    void dilatedPoolsAreRefusedOnCuda(String op) {
        Map<String, AttributeProto> attributes = new Attributes()
                .integers("kernel_shape", 2, 2)
                .integers("dilations", 2, 1)
                .build();
        Graph graph = new Graph(
                "pooling",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "1", "4", "4"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "1", "2", "3"))),
                Map.of(),
                List.of(new Node("pool", "", op, List.of("x"), List.of("y"), attributes)));
        InvalidModelException e = assertThrows(InvalidModelException.class, () -> new GraphRunner(graph, Runs.CUDA));
        assertTrue(
                e.getMessage().contains("'pool' (" + op + ")") && e.getMessage().contains("[2, 1]"), e.getMessage());
        new GraphRunner(graph, Runs.CPU).close();
    }
}
