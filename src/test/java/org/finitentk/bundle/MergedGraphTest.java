package org.finitentk.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.Runs;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Two graphs put together compute what they computed apart, and what they have in common once. */
@NullUnmarked
final class MergedGraphTest {
    private static final List<String> PRODUCTS = List.of(Linearization.JV, Linearization.VJP);
    private static final ValueInfo X = new ValueInfo("x", ElementType.DOUBLE, List.of("n", "2"));

    private static Map<String, double[]> run(Graph graph, Map<String, Tensor> feeds) {
        Map<String, Tensor> own = new HashMap<>(feeds);
        own.keySet().retainAll(graph.inputs().stream().map(ValueInfo::name).toList());
        Map<String, double[]> values = new HashMap<>();
        try (GraphRunner runner = new GraphRunner(graph, Runs.CPU)) {
            runner.run(own).forEach((name, tensor) -> values.put(name, tensor.toDoubles()));
        }
        return values;
    }

    private static long count(Graph graph, String op) {
        return graph.nodes().stream().filter(node -> node.op().equals(op)).count();
    }

    @Test
    void theNetworkIsRunOnceForBothProducts() {
        Linearization network =
                Linearization.of(SmallNetworks.mlp(ElementType.DOUBLE, "n", 3, 20, 4), ParameterSelection.DEFAULT);
        Graph merged = MergedGraph.of(network.jvp(), network.vjp(), PRODUCTS);
        assertNotNull(merged);
        Random random = new Random(1);
        Map<String, Tensor> feeds = new HashMap<>(
                SmallNetworks.examples(ElementType.DOUBLE, 5, 3, 2).inputs());
        feeds.put(
                Linearization.TANGENT,
                Tensor.ofDoubles(
                        SmallNetworks.gaussian(random, network.parameterCount(), 1), network.parameterCount()));
        feeds.put(Linearization.COTANGENT, Tensor.ofDoubles(SmallNetworks.gaussian(random, 20, 1), 5, 4));
        Map<String, double[]> found = run(merged, feeds);
        assertEquals(2, found.size());
        assertArrayEquals(run(network.jvp(), feeds).get(Linearization.JV), found.get(Linearization.JV), 1e-14);
        assertArrayEquals(run(network.vjp(), feeds).get(Linearization.VJP), found.get(Linearization.VJP), 1e-14);
        assertEquals(count(network.jvp(), "Tanh"), count(merged, "Tanh"));
        assertEquals(1, count(merged, "Tanh"));
    }

    /**
     * The same names, another meaning: constants and values of the second graph are kept apart from those of the first.
     */
    @Test
    void namesThatMeanSomethingElseAreKeptApart() {
        Graph first = graph("y", 2, "Mul");
        Graph second = graph("z", 3, "Mul");
        Graph merged = MergedGraph.of(first, second, List.of("y", "z"));
        assertNotNull(merged);
        Map<String, double[]> found = run(merged, Map.of("x", Tensor.ofDoubles(new double[] {1, 2}, 1, 2)));
        assertArrayEquals(new double[] {-2, -4}, found.get("y"));
        assertArrayEquals(new double[] {-3, -6}, found.get("z"));
        Graph same = MergedGraph.of(first, graph("z", 2, "Mul"), List.of("y", "z"));
        assertNotNull(same);
        assertEquals(1, count(same, "Mul"));
        Graph other = MergedGraph.of(first, graph("z", 2, "Add"), List.of("y", "z"));
        assertNotNull(other);
        assertArrayEquals(
                new double[] {-3, -4},
                run(other, Map.of("x", Tensor.ofDoubles(new double[] {1, 2}, 1, 2)))
                        .get("z"));
    }

    /** output = -(x op c). */
    private static Graph graph(String output, double c, String op) {
        return new Graph(
                "g",
                List.of(X),
                List.of(new ValueInfo(output, ElementType.DOUBLE, List.of("n", "2"))),
                Map.of("c", Tensor.ofDoubles(new double[] {c}, 1)),
                List.of(
                        SmallNetworks.node(op, List.of("x", "c"), "h"),
                        SmallNetworks.node("Neg", List.of("h"), output)));
    }

    @Test
    void graphsWithSubgraphsAreNot() {
        Graph loop = new Graph(
                "g",
                List.of(X),
                List.of(new ValueInfo("y", ElementType.DOUBLE, List.of("n", "2"))),
                Map.of(),
                List.of(new Node(
                        "l",
                        "",
                        "If",
                        List.of("x"),
                        List.of("y"),
                        Map.of(
                                "then_branch",
                                ai.onnx.proto.OnnxMl.AttributeProto.newBuilder()
                                        .setName("then_branch")
                                        .setType(ai.onnx.proto.OnnxMl.AttributeProto.AttributeType.GRAPH)
                                        .setG(ai.onnx.proto.OnnxMl.GraphProto.newBuilder()
                                                .setName("b")
                                                .addNode(ai.onnx.proto.OnnxMl.NodeProto.newBuilder()
                                                        .setOpType("Identity")
                                                        .addInput("x")
                                                        .addOutput("inner")))
                                        .build()))));
        assertNull(MergedGraph.of(loop, graph("z", 2, "Mul"), List.of("y", "z")));
    }
}
