package org.finitentk.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.finitentk.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Ordinary networks pay nothing for branches that are not taken: what cannot be infinite is seen to be so. */
final class GuardedNodesTest {
    private static boolean isGuarded(Function<Net, String> body) {
        Net net = new Net(ElementType.FLOAT);
        String output = body.apply(net);
        Graph jvp = Linearization.of(net.graph(output), DerivativeChecker.PARAMETERS).jvp();
        return jvp.nodes().stream().anyMatch(n -> n.output().startsWith(GuardedProduct.OP));
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
            return n.op("Mul", n.op("Mul", x, n.op("Add", n.op("Erf", n.op("Div", x, n.scalar(1.4142135))), n.scalar(1))), n.scalar(0.5));
        });
        networks.put("attention scaled by the size of a head", n -> {
            String q = n.active(3, 4);
            String size = n.op("Cast", new Attributes().integer("to", ElementType.FLOAT.code()), n.op("Gather", n.op("Shape", q), n.longs(2)));
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
        networks.put("powers", n -> n.op("Relu", n.op("Add", n.op("Pow", n.active(6), n.scalar(3)), n.op("Pow", n.op("Sigmoid", n.active(6)), n.scalar(2)))));
        return networks.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> assertEquals(false, isGuarded(e.getValue()))));
    }

    @TestFactory
    Stream<DynamicTest> othersHave() {
        Map<String, Function<Net, String>> networks = new LinkedHashMap<>();
        networks.put("Sqrt", n -> n.op("Sqrt", n.op("Relu", n.active(4))));
        networks.put("Log", n -> n.op("Log", n.op("Sigmoid", n.active(4))));
        networks.put("Exp", n -> n.op("Exp", n.active(4)));
        networks.put("Div", n -> n.op("Div", n.scalar(1), n.op("Add", n.op("Tanh", n.active(4)), n.scalar(1))));
        return networks.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> assertEquals(true, isGuarded(n -> n.op("Relu", e.getValue().apply(n))))));
    }
}
