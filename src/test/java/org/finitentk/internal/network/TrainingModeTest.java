package org.finitentk.internal.network;

import static org.finitentk.testing.ModelFiles.dense;
import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.value;
import static org.finitentk.testing.ModelFiles.weight;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.finitentk.check.LinearizationCheck;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Nodes that are random or learn from the batch: refused where an output needs them, saying how to export, and of no
 * matter elsewhere.
 */
final class TrainingModeTest {
    private final Map<String, byte[]> models = new LinkedHashMap<>();

    private static TensorProto bool(String name, boolean value) {
        return new Tensor(ElementType.BOOL, new long[0], ByteBuffer.wrap(new byte[] {(byte) (value ? 1 : 0)}))
                .toProto(name);
    }

    private static TensorProto ratio(float value) {
        return Tensor.ofFloats(new float[] {value}).toProto("ratio");
    }

    /** y goes through nodes to z. */
    private void after(String name, long opset, Consumer<GraphProto.Builder> nodes) {
        models.put(
                name,
                model(opset, dense(nodes.andThen(g -> g.setOutput(0, value("z", ElementType.FLOAT, "batch", "2"))))));
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

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static void open(byte[] model) {
        Graph graph = ModelReader.read(model, "file.onnx", null);
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            LinearizationCheck check = LinearizationCheck.of(network, 1);
            assertTrue(check.passed(), () -> check.failures().toString());
        }
    }

    private Stream<DynamicTest> refused(String... parts) {
        return models.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    String message = String.valueOf(assertThrows(InvalidModelException.class, () -> open(e.getValue()))
                            .getMessage());
                    for (String part : parts) {
                        assertTrue(message.contains(part), message);
                    }
                    assertEquals(1, message.lines().count());
                }));
    }

    @TestFactory
    Stream<DynamicTest> dropoutInTrainingModeIsRefused() {
        for (long opset : new long[] {12, 13, 17, 21}) {
            after(
                    "an initializer, opset " + opset,
                    opset,
                    g -> g.addInitializer(ratio(0.5f))
                            .addInitializer(bool("mode", true))
                            .addNode(node("Dropout", "z", "y", "ratio", "mode")));
        }
        after(
                "without a ratio",
                17,
                g -> g.addInitializer(bool("mode", true)).addNode(node("Dropout", "z", "y", "", "mode")));
        after(
                "a Constant",
                17,
                g -> g.addInitializer(ratio(0.5f))
                        .addNode(node("Constant", "mode")
                                .addAttribute(AttributeProto.newBuilder()
                                        .setName("value")
                                        .setType(AttributeProto.AttributeType.TENSOR)
                                        .setT(bool("", true))))
                        .addNode(node("Dropout", "z", "y", "ratio", "mode")));
        after(
                "an input of the network",
                17,
                g -> g.addInitializer(ratio(0.5f))
                        .addInput(value("mode", ElementType.BOOL))
                        .addNode(node("Dropout", "z", "y", "ratio", "mode")));
        after(
                "a constant behind other nodes",
                17,
                g -> g.addInitializer(ratio(0.5f))
                        .addInitializer(bool("eval", false))
                        .addNode(node("Not", "mode", "eval"))
                        .addNode(node("Dropout", "z", "y", "ratio", "mode")));
        after(
                "with its mask",
                17,
                g -> g.addInitializer(ratio(0.5f))
                        .addInitializer(bool("mode", true))
                        .addNode(node("Dropout", "z", "y", "ratio", "mode").addOutput("mask")));
        after(
                "in a branch",
                17,
                g -> g.addInput(value("flag", ElementType.BOOL))
                        .addInitializer(bool("mode", true))
                        .addInitializer(ratio(0.5f))
                        .setNode(
                                0,
                                node("If", "h", "flag")
                                        .addAttribute(body(
                                                "then_branch",
                                                b -> b.addNode(node("Dropout", "t", "x", "ratio", "mode")
                                                                .setName("the_z"))
                                                        .addOutput(value("t", ElementType.FLOAT, "batch", "3"))))
                                        .addAttribute(body(
                                                "else_branch",
                                                b -> b.addNode(node("Neg", "e", "x"))
                                                        .addOutput(value("e", ElementType.FLOAT, "batch", "3")))))
                        .addNode(node("MatMul", "y", "h", "w"))
                        .addNode(node("Identity", "z", "y").setName("last"))
                        .addValueInfo(value("h", ElementType.FLOAT, "batch", "3")));
        return refused("node 'the_z' (Dropout) is in training mode", "model.eval()", "training=TrainingMode.EVAL");
    }

    @TestFactory
    Stream<DynamicTest> batchNormalizationInTrainingModeIsRefused() {
        Consumer<GraphProto.Builder> channels = g -> g.addInitializer(weight("s", 2))
                .addInitializer(weight("b", 2))
                .addInitializer(weight("m", 2))
                .addInitializer(Tensor.ofFloats(new float[] {1, 2}, 2).toProto("v"));
        after(
                "by its attribute",
                17,
                channels.andThen(g -> g.addNode(node("BatchNormalization", "z", "y", "s", "b", "m", "v")
                        .addAttribute(integer("training_mode", 1)))));
        after(
                "by its outputs",
                9,
                channels.andThen(g -> g.addNode(node("BatchNormalization", "z", "y", "s", "b", "m", "v")
                                .addOutput("mean")
                                .addOutput("var"))
                        .addOutput(value("mean", ElementType.FLOAT, "2"))));
        return refused("node 'the_z' (BatchNormalization) is in training mode", "model.eval()");
    }

    @TestFactory
    Stream<DynamicTest> randomNumbersAreRefused() {
        for (String op : new String[] {"RandomNormalLike", "RandomUniformLike"}) {
            after(op, 17, g -> g.addNode(node(op, "noise", "y")).addNode(node("Add", "z", "y", "noise")));
        }
        for (String op : new String[] {"RandomNormal", "RandomUniform"}) {
            after(
                    op,
                    17,
                    g -> g.addNode(node(op, "noise")
                                    .addAttribute(AttributeProto.newBuilder()
                                            .setName("shape")
                                            .setType(AttributeProto.AttributeType.INTS)
                                            .addInts(1)
                                            .addInts(2)))
                            .addNode(node("Add", "z", "y", "noise")));
        }
        after(
                "Bernoulli",
                17,
                g -> g.addNode(node("Sigmoid", "p", "y"))
                        .addNode(node("Bernoulli", "noise", "p"))
                        .addNode(node("Mul", "z", "y", "noise")));
        after(
                "Multinomial",
                17,
                g -> g.addNode(node("Multinomial", "noise", "y").addAttribute(integer("sample_size", 2)))
                        .addNode(node("Cast", "n", "noise").addAttribute(integer("to", 1)))
                        .addNode(node("Mul", "z", "y", "n")));
        return refused("node 'the_noise' (", "draws random numbers", "model.eval()", "training=TrainingMode.EVAL");
    }

    @TestFactory
    Stream<DynamicTest> whatIsNotRandomWorks() {
        for (long opset : new long[] {7, 10, 11}) {
            after(
                    "Dropout of opset " + opset + ", which is for inference only",
                    opset,
                    g -> g.addNode(node("Dropout", "z", "y")));
        }
        after(
                "Dropout not in training mode",
                17,
                g -> g.addInitializer(ratio(0.5f))
                        .addInitializer(bool("mode", false))
                        .addNode(node("Dropout", "z", "y", "ratio", "mode")));
        after(
                "Dropout whose mode is computed",
                17,
                g -> g.addInitializer(ratio(0.5f))
                        .addInitializer(bool("train", true))
                        .addNode(node("Not", "mode", "train"))
                        .addNode(node("Dropout", "z", "y", "ratio", "mode")));
        after(
                "Dropout of nothing",
                17,
                g -> g.addInitializer(ratio(0))
                        .addInitializer(bool("mode", true))
                        .addNode(node("Dropout", "z", "y", "ratio", "mode")));
        after(
                "parts that the output does not need",
                17,
                g -> g.addInitializer(bool("mode", true))
                        .addNode(node("Dropout", "aside", "y", "", "mode"))
                        .addNode(node("RandomNormalLike", "noise", "aside"))
                        .addNode(node("Tanh", "z", "y")));
        after(
                "a second output that is random",
                17,
                g -> g.addNode(node("Tanh", "z", "y"))
                        .addNode(node("RandomNormalLike", "noise", "y"))
                        .addOutput(value("noise", ElementType.FLOAT, "batch", "2")));
        return models.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> open(e.getValue())));
    }
}
