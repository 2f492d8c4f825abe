package org.finitentk.internal.network;

import static org.finitentk.testing.ModelFiles.dense;
import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.proto;
import static org.finitentk.testing.ModelFiles.value;
import static org.finitentk.testing.ModelFiles.weight;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.ModelFiles;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Valid models with what few have: control flow, operators without rules beside the tangents' way, fixed batches,
 * weights behind other operators.
 */
final class UnusualModelTest {
    private final Map<String, byte[]> models = new LinkedHashMap<>();

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto integers(String name, long... values) {
        AttributeProto.Builder a = AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long v : values) {
            a.addInts(v);
        }
        return a.build();
    }

    private static AttributeProto body(String name, Consumer<GraphProto.Builder> content) {
        GraphProto.Builder g = GraphProto.newBuilder().setName(name);
        content.accept(g);
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(g)
                .build();
    }

    private void valid(String name, long opset, Consumer<GraphProto.Builder> graph) {
        models.put(name, ModelFiles.model(opset, graph));
    }

    /** y = (what nodes make of x under the name z) w. */
    private static Consumer<GraphProto.Builder> before(Consumer<GraphProto.Builder> nodes) {
        return dense(g -> nodes.accept(g.setNode(0, node("MatMul", "y", "z", "w"))));
    }

    @TestFactory
    Stream<DynamicTest> work() {
        for (String op : List.of("CumSum", "Hardmax", "Tan", "Softsign", "Round", "Shrink")) {
            valid(op + " before the first weight", 17, before(g -> {
                var n = node(op, "z", "x");
                g.addInitializer(Tensor.ofLongs(new long[] {1}).toProto("axis"))
                        .addNode(op.equals("CumSum") ? n.addInput("axis") : n);
            }));
        }
        valid(
                "TopK before the first weight",
                17,
                before(g -> g.addInitializer(Tensor.vector(3).toProto("k"))
                        .addNode(node("TopK", "z", "x", "k").addOutput("at"))));
        valid(
                "OneHot before the first weight",
                17,
                g -> g.addInput(value("x", ElementType.INT64, "batch"))
                        .addOutput(value("y", ElementType.FLOAT, "batch", "2"))
                        .addInitializer(Tensor.ofLongs(new long[] {3}).toProto("depth"))
                        .addInitializer(Tensor.ofFloats(new float[] {0, 1}, 2).toProto("offon"))
                        .addInitializer(weight("w", 3, 2))
                        .addNode(node("OneHot", "z", "x", "depth", "offon"))
                        .addNode(node("MatMul", "y", "z", "w")));
        valid("an unused operator that nobody knows", 17, dense(g -> g.addNode(node("Frobnicate", "aside", "y"))));
        models.put(
                "an operator of another domain before the first weight, its shape declared",
                proto(
                                17,
                                before(g -> g.addNode(node("Gelu", "z", "x").setDomain("com.microsoft"))
                                        .addValueInfo(value("z", ElementType.FLOAT, "batch", "3"))))
                        .addOpsetImport(OperatorSetIdProto.newBuilder()
                                .setDomain("com.microsoft")
                                .setVersion(1))
                        .build()
                        .toByteArray());
        conditions();
        batches();
        layouts();
        return models.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(
                        e.getKey(), () -> check(ModelReader.read(e.getValue(), e.getKey(), null), 3)));
    }

    private void batches() {
        // nameless dynamic sizes, and different names for the same batch
        for (String second : new String[] {"", "other"}) {
            valid(
                    "inputs whose batches are called '" + second + "' and otherwise",
                    17,
                    dense(g -> g.addInput(value("x2", ElementType.FLOAT, second, "2"))
                            .addNode(node("Mul", "z", "y", "x2"))
                            .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))));
        }
    }

    private void conditions() {
        for (long opset : new long[] {11, 13, 17}) {
            valid(
                    "If before the first weight, taking a value from outside, opset " + opset,
                    opset,
                    before(g -> g.addInitializer(bool("c", true))
                            .addNode(node("If", "z", "c")
                                    .addAttribute(body("then_branch", b -> {
                                        // the axes of Unsqueeze are an attribute until opset 12, and an input since
                                        if (opset < 13) {
                                            b.addNode(node("Unsqueeze", "u", "x")
                                                            .addAttribute(integers("axes", 1)))
                                                    .addNode(node("Squeeze", "t", "u")
                                                            .addAttribute(integers("axes", 1)));
                                        } else {
                                            b.addInitializer(Tensor.vector(1).toProto("one"))
                                                    .addNode(node("Unsqueeze", "u", "x", "one"))
                                                    .addNode(node("Squeeze", "t", "u", "one"));
                                        }
                                        b.addOutput(value("t", ElementType.FLOAT, "batch", "3"));
                                    }))
                                    .addAttribute(body(
                                            "else_branch",
                                            b -> b.addNode(node("Neg", "e", "x"))
                                                    .addOutput(value("e", ElementType.FLOAT, "batch", "3")))))
                            .addValueInfo(value("z", ElementType.FLOAT, "batch", "3"))));
        }
        valid(
                "Loop before the first weight",
                17,
                before(g -> g.addInitializer(bool("c", true))
                        .addInitializer(Tensor.ofLongs(new long[] {2}).toProto("times"))
                        .addNode(node("Loop", "z", "times", "c", "x")
                                .addAttribute(body(
                                        "body",
                                        b -> b.addInput(value("i", ElementType.INT64))
                                                .addInput(value("go", ElementType.BOOL))
                                                .addInput(value("v", ElementType.FLOAT, "batch", "3"))
                                                .addNode(node("Identity", "on", "go"))
                                                .addNode(node("Add", "next", "v", "x"))
                                                .addOutput(value("on", ElementType.BOOL))
                                                .addOutput(value("next", ElementType.FLOAT, "batch", "3")))))
                        .addValueInfo(value("z", ElementType.FLOAT, "batch", "3"))));
    }

    private static ai.onnx.proto.OnnxMl.TensorProto bool(String name, boolean value) {
        return new Tensor(ElementType.BOOL, new long[0], java.nio.ByteBuffer.wrap(new byte[] {(byte) (value ? 1 : 0)}))
                .toProto(name);
    }

    private void layouts() {
        for (long opset : new long[] {9, 17}) {
            valid(
                    "a transposed weight, opset " + opset,
                    opset,
                    dense(g -> g.setInitializer(0, weight("w", 2, 3))
                            .setNode(0, node("Transpose", "wt", "w"))
                            .addNode(node("MatMul", "y", "x", "wt"))));
            valid(
                    "a reshaped weight, opset " + opset,
                    opset,
                    dense(g -> g.setInitializer(0, weight("w", 6))
                            .addInitializer(Tensor.vector(3, 2).toProto("shape"))
                            .setNode(0, node("Reshape", "wt", "w", "shape"))
                            .addNode(node("MatMul", "y", "x", "wt"))));
            valid(
                    "a weight cast from double, opset " + opset,
                    opset,
                    dense(g -> g.setInitializer(
                                    0,
                                    Tensor.ofDoubles(new double[] {1, 2, 3, 4, 5, 6}, 3, 2)
                                            .toProto("w"))
                            .setNode(0, node("Cast", "wf", "w").addAttribute(integer("to", 1)))
                            .addNode(node("MatMul", "y", "x", "wf"))));
            valid(
                    "a weight used twice, once transposed, opset " + opset,
                    opset,
                    dense(g -> g.addNode(node("Transpose", "wt", "w"))
                            .addNode(node("Tanh", "h", "y"))
                            .addNode(node("MatMul", "back", "h", "wt"))
                            .addNode(node("MatMul", "z", "back", "w"))
                            .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))));
            valid("an output of rank 1, opset " + opset, opset, dense(g -> {
                g.setInitializer(0, weight("w", 3, 1)).setNode(0, node("MatMul", "m", "x", "w"));
                g.addInitializer(Tensor.vector(-1).toProto("shape"))
                        .addNode(node("Reshape", "y", "m", "shape"))
                        .setOutput(0, value("y", ElementType.FLOAT, "batch"));
            }));
            valid(
                    "a fixed batch of 1, opset " + opset,
                    opset,
                    dense(g -> g.setInput(0, value("x", ElementType.FLOAT, "1", "3"))
                            .setOutput(0, value("y", ElementType.FLOAT, "1", "2"))));
            valid(
                    "a fixed batch of 1 in a constant shape, opset " + opset,
                    opset,
                    dense(g -> g.setInput(0, value("x", ElementType.FLOAT, "1", "1", "3"))
                            .addInitializer(Tensor.vector(1, 3).toProto("shape"))
                            .setNode(0, node("Reshape", "flat", "x", "shape"))
                            .addNode(node("MatMul", "y", "flat", "w"))));
            valid(
                    "a fixed batch of 2, opset " + opset,
                    opset,
                    dense(g -> g.setInput(0, value("x", ElementType.FLOAT, "2", "3"))));
            valid(
                    "several inputs, opset " + opset,
                    opset,
                    dense(g -> g.addInput(value("x2", ElementType.FLOAT, "batch", "2"))
                            .addInput(value("ids", ElementType.INT64, "batch"))
                            .addInitializer(weight("table", 2, 2))
                            .addNode(node("Add", "s", "y", "x2"))
                            .addNode(node("Gather", "t", "table", "ids"))
                            .addNode(node("Mul", "z", "s", "t"))
                            .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))));
        }
    }

    /**
     * f against ONNX Runtime on the model itself is the reader's test; here: both products agree, and with differences.
     */
    private static void check(Graph graph, int n) {
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), n, 5);
            int k = network.outputSize();
            int p = (int) network.parameterCount();
            double[] v = SmallNetworks.gaussian(new java.util.Random(1), p, 1);
            double[] u = SmallNetworks.gaussian(new java.util.Random(2), (long) n * k, 1);
            double[] jv = network.jvp(x, v);
            double[] vjp = network.vjp(x, u);
            double scale = norm(u) * norm(jv);
            assertTrue(norm(jv) > 0);
            assertEquals(dot(u, jv), dot(v, vjp), 2e-6 * scale);
            double[] theta = network.parameterVector();
            double step = 1e-2;
            double[][] f = new double[2][];
            for (int side = 0; side < 2; side++) {
                double[] moved = theta.clone();
                for (int i = 0; i < p; i++) {
                    moved[i] += (side == 0 ? step : -step) * v[i];
                }
                try (LinearizedNetwork at = network.at(moved)) {
                    f[side] = at.forward(x);
                }
            }
            double[] differences = new double[n * k];
            for (int i = 0; i < differences.length; i++) {
                differences[i] = (f[0][i] - f[1][i]) / (2 * step);
            }
            assertArrayEquals(differences, jv, 2e-3 * norm(jv));
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    @Test
    void bodiesOfConditionsKeepTheirMeaning() {
        for (boolean condition : new boolean[] {true, false}) {
            Graph graph = ModelReader.read(
                    model(
                            9,
                            before(g -> g.addInitializer(bool("c", condition))
                                    .addNode(node("If", "z", "c")
                                            .addAttribute(body(
                                                    "then_branch",
                                                    b -> b.addNode(node("Clip", "t", "x")
                                                                    .addAttribute(real("min", -100)))
                                                            .addOutput(value("t", ElementType.FLOAT, "batch", "3"))))
                                            .addAttribute(body(
                                                    "else_branch",
                                                    b -> b.addNode(node("Neg", "e", "x"))
                                                            .addOutput(value("e", ElementType.FLOAT, "batch", "3")))))
                                    .addValueInfo(value("z", ElementType.FLOAT, "batch", "3")))),
                    "if",
                    null);
            Graph plain = ModelReader.read(model(11, dense()), "plain", null);
            Examples x = Examples.of("x", Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3));
            try (LinearizedNetwork branching =
                            RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                    LinearizedNetwork straight =
                            RunningNetwork.of(plain, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                double sign = condition ? 1 : -1;
                double[] expected = java.util.Arrays.stream(straight.forward(x))
                        .map(y -> sign * y)
                        .toArray();
                assertArrayEquals(expected, branching.forward(x), 1e-6);
            }
        }
    }

    @Test
    void tangentsThatEnterABodyFromOutsideAreRefused() {
        Graph graph = ModelReader.read(
                model(
                        17,
                        dense(g -> g.addNode(node("ReduceMax", "most", "y").addAttribute(integer("keepdims", 0)))
                                .addNode(node("Cast", "c", "most").addAttribute(integer("to", 9)))
                                .addNode(node("If", "z", "c")
                                        .addAttribute(body(
                                                "then_branch",
                                                b -> b.addNode(node("Tanh", "t", "y"))
                                                        .addOutput(value("t", ElementType.FLOAT, "batch", "2"))))
                                        .addAttribute(body(
                                                "else_branch",
                                                b -> b.addNode(node("Neg", "e", "y"))
                                                        .addOutput(value("e", ElementType.FLOAT, "batch", "2")))))
                                .addValueInfo(value("z", ElementType.FLOAT, "batch", "2"))
                                .setOutput(0, value("z", ElementType.FLOAT, "batch", "2")))),
                "if",
                null);
        String message = String.valueOf(assertThrows(
                        InvalidModelException.class,
                        () -> RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT))
                .getMessage());
        assertTrue(
                message.contains("the_z") && message.contains("If") && message.contains("computed from data"), message);
    }

    @Test
    void constantsOfOldFormsHaveTheTypeOfADoubleNetwork() {
        List<String> refused = new ArrayList<>();
        for (String op : List.of("Clip", "Pad")) {
            Graph graph = ModelReader.read(
                    model(
                            9,
                            g -> g.addInput(value("x", ElementType.DOUBLE, "batch", "3"))
                                    .addOutput(value("y", ElementType.DOUBLE, "batch", "5"))
                                    .addInitializer(Tensor.ofDoubles(new double[] {0.1, 0.2, 0.3}, 3)
                                            .toProto("w"))
                                    .addNode(node("Mul", "m", "x", "w"))
                                    .addNode(
                                            op.equals("Pad")
                                                    ? node("Pad", "y", "m")
                                                            .addAttribute(integers("pads", 0, 1, 0, 1))
                                                            .addAttribute(real("value", 0.5f))
                                                    : node("Clip", "y", "m")
                                                            .addAttribute(real("min", -0.5f))
                                                            .addAttribute(real("max", 0.25f)))),
                    op,
                    null);
            try (LinearizedNetwork network =
                    RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                double[] f = network.forward(Examples.of("x", Tensor.ofDoubles(new double[] {1, -10, 1}, 1, 3)));
                assertArrayEquals(
                        op.equals("Pad") ? new double[] {0.5, 0.1, -2, 0.3, 0.5} : new double[] {0.1, -0.5, 0.25},
                        f,
                        1e-15);
            } catch (InvalidModelException e) {
                refused.add(String.valueOf(e.getMessage()));
            }
        }
        assertEquals(List.of(), refused);
    }

    private static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value)
                .build();
    }
}
