package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Ordinary networks pay nothing for branches that are not taken: what cannot be infinite is seen to be so. */
final class GuardedNodesTest {
    private static boolean isGuarded(Function<Net, String> body) {
        Net net = new Net(ElementType.FLOAT);
        String output = body.apply(net);
        Graph jvp = Linearization.of(net.graph(output), DerivativeChecker.PARAMETERS)
                .jvp();
        return jvp.nodes().stream()
                .anyMatch(n ->
                        n.output().startsWith(GuardedProduct.OP) || n.output().startsWith(GuardedProduct.QUOTIENT));
    }

    @TestFactory
    Stream<DynamicTest> ordinaryNetworksHaveNone() {
        Map<String, Function<Net, String>> networks = new LinkedHashMap<>();
        networks.put("layer normalization of plain operators", n -> {
            String x = n.active(6);
            String centered = n.op("Sub", x, n.op("ReduceMean", x, n.longs(-1)));
            String variance = n.op("ReduceMean", n.op("Pow", centered, n.scalar(2)), n.longs(-1));
            return n.op("Relu", n.op("Div", centered, n.op("Sqrt", n.op("Add", variance, n.scalar(1e-5)))));
        });
        networks.put("root mean square normalization", n -> {
            String x = n.active(6);
            String mean = n.op("ReduceMean", n.op("Mul", x, x), n.longs(-1));
            return n.op("Relu", n.op("Mul", x, n.op("Reciprocal", n.op("Sqrt", n.op("Add", mean, n.scalar(1e-6))))));
        });
        networks.put("Gelu of plain operators", n -> {
            String x = n.active(6);
            return n.op(
                    "Mul",
                    n.op("Mul", x, n.op("Add", n.op("Erf", n.op("Div", x, n.scalar(1.4142135))), n.scalar(1))),
                    n.scalar(0.5));
        });
        networks.put("attention scaled by the size of a head", n -> {
            String q = n.active(3, 4);
            String size = n.op(
                    "Cast",
                    new Attributes().integer("to", ElementType.FLOAT.code()),
                    n.op("Gather", n.op("Shape", q), n.longs(2)));
            String scores = n.op("Div", n.op("MatMul", q, n.transpose(q, 0, 2, 1)), n.op("Pow", size, n.scalar(0.5)));
            return n.op("Relu", n.op("MatMul", n.op("Softmax", scores), q));
        });
        networks.put("Softmax of plain operators", n -> {
            String x = n.active(6);
            return n.op("Relu", n.op("Exp", n.op("Sub", x, n.op("ReduceMax", x, n.longs(-1)))));
        });
        networks.put("normalization by a length with a least value", n -> {
            String x = n.active(6);
            return n.op("Relu", n.op("Div", x, n.op("Clip", n.op("ReduceL2", x, n.longs(-1)), n.scalar(1e-12))));
        });
        networks.put("LpNormalization", n -> n.op("Relu", n.op("LpNormalization", n.active(6))));
        networks.put("LRN", n -> n.op("Relu", n.op("LRN", new Attributes().integer("size", 3), n.active(4, 3, 2))));
        networks.put(
                "powers",
                n -> n.op(
                        "Relu",
                        n.op(
                                "Add",
                                n.op("Pow", n.active(6), n.scalar(3)),
                                n.op("Pow", n.op("Sigmoid", n.active(6)), n.scalar(2)))));
        networks.put(
                "learned divisors",
                n -> n.op("Relu", n.op("Div", n.op("Div", n.x(4), n.p(4)), n.reshape(n.p(2, 2), 4))));
        networks.put(
                "a learned divisor's reciprocal", n -> n.op("Relu", n.op("Mul", n.x(4), n.op("Reciprocal", n.p(4)))));
        return networks.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> assertEquals(false, isGuarded(e.getValue()))));
    }

    @TestFactory
    Stream<DynamicTest> othersHave() {
        Map<String, Function<Net, String>> networks = new LinkedHashMap<>();
        networks.put("Sqrt", n -> n.op("Sqrt", n.op("Relu", n.active(4))));
        networks.put("Log", n -> n.op("Log", n.op("Sigmoid", n.active(4))));
        networks.put("Exp", n -> n.op("Exp", n.active(4)));
        networks.put("Div", n -> n.op("Div", n.scalar(1), n.op("Add", n.op("Tanh", n.active(4)), n.scalar(1))));
        networks.put("learned divisors that are 0", n -> n.op("Div", n.x(4), n.p(new Net.Range(0, 0, false), 4)));
        return networks.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(
                        e.getKey(),
                        () -> assertEquals(
                                true, isGuarded(n -> n.op("Relu", e.getValue().apply(n))))));
    }

    /**
     * A quotient by what may be 0 is f itself in the direction of the numerator: times a reciprocal, last digits would
     * differ.
     */
    @Test
    void guardedQuotientsAreQuotients() throws OrtException {
        Net net = new Net(ElementType.FLOAT);
        String numerator = net.p(Net.Range.POSITIVE, 64);
        Graph graph = net.graph(net.op("Div", numerator, net.op("Add", net.op("Tanh", net.x(64)), net.scalar(1))));
        Graph jvp = Linearization.of(graph, DerivativeChecker.PARAMETERS).jvp();
        assertEquals(true, jvp.nodes().stream().anyMatch(n -> n.output().startsWith(GuardedProduct.QUOTIENT)));
        Map<String, NdArray> feeds = new LinkedHashMap<>(net.draw(3, 5));
        feeds.put(
                "tangent",
                new NdArray(
                        ElementType.FLOAT,
                        new int[] {64},
                        Objects.requireNonNull(graph.initializers().get(numerator))
                                .toDoubles()));
        try (OrtRunner runner = new OrtRunner(jvp)) {
            Map<String, NdArray> results = runner.run(feeds);
            assertArrayEquals(
                    result(results, jvp.outputs().get(0).name()),
                    result(results, jvp.outputs().get(1).name()));
        }
    }

    private static double[] result(Map<String, NdArray> results, String name) {
        return Objects.requireNonNull(results.get(name), name).data();
    }
}
