package org.finitentk.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is rewritten for CUDA is the same function, compared on the CPU, which computes both forms rightly; and what
 * cannot be is refused.
 */
final class CudaGraphTest {
    private static Graph pool(Attributes attributes) {
        return new Graph(
                "pooling",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "2", "5", "6"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "2", "a", "b"))),
                Map.of(),
                List.of(new Node("pool", "", "AveragePool", List.of("x"), List.of("y"), attributes.build())));
    }

    private static Attributes counting() {
        return new Attributes()
                .integers("kernel_shape", 3, 2)
                .integers("strides", 2, 1)
                .integer("count_include_pad", 1);
    }

    private static double[] run(Graph graph, Map<String, Tensor> inputs) {
        try (GraphRunner runner = new GraphRunner(graph, Runs.CPU)) {
            return Objects.requireNonNull(runner.run(inputs, List.of("y")).get("y"))
                    .toDoubles();
        }
    }

    private static Tensor random(Random random, long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(values, shape);
    }

    private static Set<String> operators(Graph graph) {
        return graph.nodes().stream()
                .map(node -> node.op() + " of " + node.inputs().size())
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sum", "Max", "Min"})
    void severalInputsAreTakenTwoAtATime(String op) {
        List<ValueInfo> inputs = List.of(
                new ValueInfo("a", ElementType.FLOAT, List.of("n", "3", "1")),
                new ValueInfo("b", ElementType.FLOAT, List.of("2")),
                new ValueInfo("c", ElementType.FLOAT, List.of("n", "1", "2")),
                new ValueInfo("y_of_2", ElementType.FLOAT, List.of("1")));
        List<String> names = inputs.stream().map(ValueInfo::name).toList();
        Graph graph = new Graph(
                "several",
                inputs,
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "3", "2"))),
                Map.of(),
                List.of(new Node("all", "", op, names, List.of("y"), Attributes.NONE)));
        Graph right = CudaGraph.of(graph);
        assertEquals(Set.of(op + " of 2"), operators(right));
        Random random = new Random(3);
        Map<String, Tensor> x = new HashMap<>();
        x.put("a", random(random, 4, 3, 1));
        x.put("b", random(random, 2));
        x.put("c", random(random, 4, 1, 2));
        x.put("y_of_2", random(random, 1));
        assertArrayEquals(run(graph, x), run(right, x), 1e-6);
    }

    @Test
    void theRestStaysAsItIs() {
        for (Attributes attributes : List.of(
                counting(),
                counting().integers("pads", 1, 1, 1, 1),
                new Attributes().integers("kernel_shape", 3, 2).integers("pads", 1, 0, 1, 1))) {
            Graph graph = pool(attributes);
            assertEquals(graph.nodes(), CudaGraph.of(graph).nodes());
        }
        Graph foreign = new Graph(
                "foreign",
                List.of(),
                List.of(),
                Map.of(),
                List.of(new Node("sum", "other", "Sum", List.of("a", "b", "c"), List.of("y"), Attributes.NONE)));
        assertEquals(foreign.nodes(), CudaGraph.of(foreign).nodes());
    }

    @Test
    void whatCannotBeRewrittenIsRefused() {
        assertRefused(counting().string("auto_pad", "SAME_UPPER"), "SAME_UPPER");
        assertRefused(counting().integers("pads", 1, 0, 1, 1), "[1, 0, 1, 1]");
        assertRefused(counting().integers("dilations", 2, 1), "[2, 1]");
    }

    private static void assertRefused(Attributes attributes, String named) {
        InvalidModelException e = assertThrows(InvalidModelException.class, () -> CudaGraph.of(pool(attributes)));
        String message = Objects.requireNonNull(e.getMessage());
        assertTrue(
                message.contains("'pool' (AveragePool)") && message.contains(named) && message.contains("CPU"),
                message);
    }
}
