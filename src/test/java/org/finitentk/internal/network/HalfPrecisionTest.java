package org.finitentk.internal.network;

import static org.finitentk.testing.ModelFiles.dense;
import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.value;
import static org.finitentk.testing.ModelFiles.weight;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * 16-bit floats, wherever a file may have them, are computed in float32: the same weights, f and derivatives as the
 * network without them.
 */
final class HalfPrecisionTest {
    private static final int HALF = ElementType.FLOAT16.code();
    /** Numbers that both 16-bit types have: 1, -2, 0.5, 1.5, -0.25, 3. */
    private static final float[] NUMBERS = {1, -2, 0.5f, 1.5f, -0.25f, 3};

    private final Map<String, Graph[]> twins = new LinkedHashMap<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static short bits(ElementType type, float number) {
        int f = Float.floatToIntBits(number);
        int exponent = (f >> 23 & 255) - 127 + 15;
        return (short)
                (type == ElementType.BFLOAT16
                        ? f >>> 16
                        : f == 0 ? 0 : f >>> 16 & 0x8000 | exponent << 10 | f >> 13 & 1023);
    }

    private static TensorProto half(ElementType type, String name, float[] numbers, long... shape) {
        ByteBuffer data = ByteBuffer.allocate(2 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            data.putShort(bits(type, number));
        }
        return new Tensor(type, shape, data.flip()).toProto(name);
    }

    private static TensorProto half(String name, float[] numbers, long... shape) {
        return half(ElementType.FLOAT16, name, numbers, shape);
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto tensor(String name, TensorProto value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(value)
                .build();
    }

    /** Two networks x w of the same weights, both changed. */
    private void twin(
            String name, long opset, Consumer<GraphProto.Builder> plain, Consumer<GraphProto.Builder> halved) {
        Consumer<GraphProto.Builder> numbers =
                dense(g -> g.setInitializer(0, Tensor.ofFloats(NUMBERS, 3, 2).toProto("w")));
        twins.put(name, new Graph[] {
            ModelReader.read(model(opset, numbers.andThen(plain)), "twin", null),
            ModelReader.read(model(opset, numbers.andThen(halved)), name, null)
        });
    }

    /** y goes through nodes to z. */
    private static Consumer<GraphProto.Builder> after(Consumer<GraphProto.Builder> nodes) {
        return nodes.andThen(g -> g.setOutput(0, value("z", ElementType.FLOAT, "batch", "2")));
    }

    private static Consumer<GraphProto.Builder> halfWeight(TensorProto w, int type) {
        return g -> g.setInitializer(0, w)
                .setNode(0, node("Cast", "xh", "x").addAttribute(integer("to", type)))
                .addNode(node("MatMul", "yh", "xh", "w"))
                .addNode(node("Cast", "y", "yh").addAttribute(integer("to", 1)));
    }

    private void weights() {
        for (ElementType type : List.of(ElementType.FLOAT16, ElementType.BFLOAT16)) {
            TensorProto raw = half(type, "w", NUMBERS, 3, 2);
            twin(type + " weights as raw data", 17, g -> {}, halfWeight(raw, type.code()));
            TensorProto.Builder typed = raw.toBuilder().clearRawData();
            for (float number : NUMBERS) {
                typed.addInt32Data(Short.toUnsignedInt(bits(type, number)));
            }
            twin(type + " weights as numbers", 17, g -> {}, halfWeight(typed.build(), type.code()));
            twin(
                    type + " weights as a Constant",
                    17,
                    g -> {},
                    halfWeight(raw, type.code())
                            .andThen(g -> g.clearInitializer()
                                    .addNode(0, node("Constant", "w").addAttribute(tensor("value", raw)))));
        }
        twin(
                "a half weight cast to float",
                17,
                g -> {},
                g -> g.setInitializer(0, half("w", NUMBERS, 3, 2))
                        .setNode(0, node("Cast", "wf", "w").addAttribute(integer("to", 1)))
                        .addNode(node("MatMul", "y", "x", "wf")));
        twin(
                "a network of halves with half input and output",
                17,
                g -> {},
                g -> g.setInitializer(0, half("w", NUMBERS, 3, 2))
                        .setInput(0, value("x", ElementType.FLOAT16, "batch", "3"))
                        .setOutput(0, value("y", ElementType.FLOAT16, "batch", "2")));
    }

    private void sections() {
        for (ElementType type : List.of(ElementType.FLOAT16, ElementType.BFLOAT16)) {
            twin(
                    "a section cast to " + type,
                    17,
                    after(g -> g.addNode(node("Tanh", "z", "y"))),
                    after(g -> g.addNode(node("Cast", "h", "y").addAttribute(integer("to", type.code())))
                            .addNode(node("Tanh", "t", "h"))
                            .addNode(node("Cast", "z", "t").addAttribute(integer("to", 1)))));
            twin(
                    "CastLike " + type,
                    17,
                    after(g -> g.addNode(node("Tanh", "z", "y"))),
                    after(g -> g.addInitializer(half(type, "like", new float[] {1}, 1))
                            .addNode(node("CastLike", "h", "y", "like"))
                            .addNode(node("Tanh", "t", "h"))
                            .addNode(node("CastLike", "z", "t", "x"))));
        }
        twin(
                "a LayerNormalization of halves that stashes bfloat16",
                17,
                after(g -> g.addInitializer(weight("s", 2)).addNode(node("LayerNormalization", "z", "y", "s"))),
                after(g -> g.addInitializer(weight("s", 2))
                        .addNode(node("Cast", "h", "y").addAttribute(integer("to", HALF)))
                        .addNode(node("Cast", "sh", "s").addAttribute(integer("to", HALF)))
                        .addNode(node("LayerNormalization", "t", "h", "sh")
                                .addAttribute(integer("stash_type", ElementType.BFLOAT16.code())))
                        .addNode(node("Cast", "z", "t").addAttribute(integer("to", 1)))));
        twin(
                "a half ConstantOfShape",
                17,
                after(g -> g.addNode(node("Constant", "c")
                                .addAttribute(tensor(
                                        "value",
                                        Tensor.ofFloats(new float[] {0.5f}, 1).toProto("c"))))
                        .addNode(node("Mul", "z", "y", "c"))),
                after(g -> g.addNode(node("Cast", "h", "y").addAttribute(integer("to", HALF)))
                        .addNode(node("Shape", "s", "y"))
                        .addNode(node("ConstantOfShape", "c", "s")
                                .addAttribute(tensor("value", half("", new float[] {0.5f}, 1))))
                        .addNode(node("Mul", "t", "h", "c"))
                        .addNode(node("Cast", "z", "t").addAttribute(integer("to", 1)))));
        twin(
                "a half EyeLike",
                17,
                after(g -> g.addNode(node("Identity", "z", "y"))),
                after(g -> g.addInitializer(new Tensor(ElementType.INT32, new long[] {2, 2}, ByteBuffer.allocate(16))
                                .toProto("like"))
                        .addNode(node("EyeLike", "c", "like").addAttribute(integer("dtype", HALF)))
                        .addNode(node("Cast", "h", "y").addAttribute(integer("to", HALF)))
                        .addNode(node("MatMul", "t", "h", "c"))
                        .addNode(node("Cast", "z", "t").addAttribute(integer("to", 1)))));
        twin(
                "a half Range",
                17,
                after(g -> g.addInitializer(Tensor.ofLongs(new long[] {0}).toProto("from"))
                        .addInitializer(Tensor.ofLongs(new long[] {2}).toProto("to"))
                        .addInitializer(Tensor.ofLongs(new long[] {1}).toProto("step"))
                        .addNode(node("Range", "ri", "from", "to", "step"))
                        .addNode(node("Cast", "r", "ri").addAttribute(integer("to", 1)))
                        .addNode(node("Sub", "z", "y", "r"))),
                after(g -> g.addInitializer(half("from", new float[] {0}))
                        .addInitializer(half("to", new float[] {2}))
                        .addInitializer(half("step", new float[] {1}))
                        .addNode(node("Range", "r", "from", "to", "step"))
                        .addNode(node("Cast", "h", "y").addAttribute(integer("to", HALF)))
                        .addNode(node("Sub", "t", "h", "r"))
                        .addNode(node("Cast", "z", "t").addAttribute(integer("to", 1)))));
        twin(
                "bounds of Clip in an old opset",
                9,
                after(g -> g.addNode(node("Clip", "z", "y").addAttribute(real("max", 0.5f)))),
                after(g -> g.addNode(node("Cast", "h", "y").addAttribute(integer("to", HALF)))
                        .addNode(node("Clip", "t", "h").addAttribute(real("max", 0.5f)))
                        .addNode(node("Cast", "z", "t").addAttribute(integer("to", 1)))));
    }

    private void bodies() {
        Consumer<GraphProto.Builder> then = b -> b.addInitializer(half("two", new float[] {2}))
                .addNode(node("Cast", "bh", "x").addAttribute(integer("to", HALF)))
                .addNode(node("Mul", "bt", "bh", "two"))
                .addOutput(value("bt", ElementType.FLOAT16, "batch", "3"));
        Consumer<GraphProto.Builder> otherwise =
                b -> b.addNode(node("Cast", "be", "x").addAttribute(integer("to", HALF)))
                        .addOutput(value("be", ElementType.FLOAT16, "batch", "3"));
        twin(
                "halves in the branches of If",
                17,
                g -> g.addInitializer(Tensor.ofFloats(new float[] {2}).toProto("c"))
                        .setNode(0, node("Mul", "x2", "x", "c"))
                        .addNode(node("MatMul", "y", "x2", "w")),
                g -> g.addInput(value("flag", ElementType.BOOL))
                        .addInitializer(new Tensor(ElementType.BOOL, new long[0], ByteBuffer.wrap(new byte[] {1}))
                                .toProto("flag"))
                        .setNode(
                                0,
                                node("If", "h", "flag")
                                        .addAttribute(body("then_branch", then))
                                        .addAttribute(body("else_branch", otherwise)))
                        .addNode(node("Cast", "xf", "h").addAttribute(integer("to", 1)))
                        .addNode(node("MatMul", "y", "xf", "w"))
                        .addValueInfo(value("h", ElementType.FLOAT16, "batch", "3")));
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

    private static AttributeProto real(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value)
                .build();
    }

    @TestFactory
    Stream<DynamicTest> areComputedInFloat32() {
        weights();
        sections();
        bodies();
        return twins.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    Graph halved = e.getValue()[1];
                    assertEquals(List.of("16-bit sections are computed in float32"), halved.notes());
                    List<String> names = new ArrayList<>(List.of("w"));
                    if (e.getKey().contains("LayerNormalization")) {
                        names.add("s");
                    }
                    FloatTwin.requireSame(e.getValue()[0], halved, names.toArray(String[]::new));
                }));
    }

    @Test
    void weightsInExternalData() throws IOException {
        TensorProto w = half(ElementType.BFLOAT16, "w", NUMBERS, 3, 2);
        Files.write(folder.resolve("w.bin"), w.getRawData().toByteArray());
        TensorProto external = w.toBuilder()
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue("w.bin"))
                .build();
        Path file = Files.write(
                folder.resolve("model.onnx"), model(17, dense(halfWeight(external, ElementType.BFLOAT16.code()))));
        Graph plain = ModelReader.read(
                model(
                        17,
                        dense(g -> g.setInitializer(
                                0, Tensor.ofFloats(NUMBERS, 3, 2).toProto("w")))),
                "plain",
                null);
        FloatTwin.requireSame(plain, ModelReader.read(file), "w");
    }

    @Test
    void extremeHalves() {
        short[] bits = {0x0001, 0x03ff, 0x0400, 0x7bff, (short) 0x8000, (short) 0xfc00, 0x7e00};
        ByteBuffer data = ByteBuffer.allocate(2 * bits.length).order(ByteOrder.LITTLE_ENDIAN);
        for (short each : bits) {
            data.putShort(each);
        }
        Tensor tensor = new Tensor(ElementType.FLOAT16, new long[] {bits.length}, data.flip());
        assertArrayEquals(
                new double[] {0x1p-24, 1023 * 0x1p-24, 0x1p-14, 65504, -0.0, Double.NEGATIVE_INFINITY, Double.NaN},
                tensor.toDoubles());
    }

    /** A graph that did not come from a file may have a 16-bit value on a tangent's way; that is no zero derivative. */
    @Test
    void graphsMadeOtherwiseAreRefusedWhereATangentWouldBeLost() {
        Tensor w = Tensor.ofFloats(NUMBERS, 3, 2);
        List<Node> nodes = List.of(
                SmallNetworks.node("MatMul", List.of("x", "w"), "m"),
                SmallNetworks.node("Cast", List.of("m"), "h", integer("to", HALF)),
                SmallNetworks.node("Cast", List.of("h"), "f", integer("to", 1)),
                SmallNetworks.node("Add", List.of("f", "m"), "y"));
        Graph graph = new Graph(
                "g",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("batch", "3"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("batch", "2"))),
                Map.of("w", w),
                nodes);
        InvalidModelException e = assertThrows(
                InvalidModelException.class,
                () -> RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("node 'h' (Cast) has an output of type FLOAT16"),
                e.getMessage());
    }
}
