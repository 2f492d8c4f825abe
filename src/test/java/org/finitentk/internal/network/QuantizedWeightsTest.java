package org.finitentk.internal.network;

import static org.finitentk.testing.ModelFiles.dense;
import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.proto;
import static org.finitentk.testing.ModelFiles.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Quantized constants are the float weights that DequantizeLinear makes of them, to the last bit. */
final class QuantizedWeightsTest {
    private static final int[] VALUES = {3, -7, 100, 0, 5, -128};
    private static final float[] SCALES = {0.1f, 0.3f, 0.7f};

    private final Map<String, Graph[]> twins = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();

    private static TensorProto integers(ElementType type, String name, int[] values, long... shape) {
        ByteBuffer data = ByteBuffer.allocate(type.bytes() * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            switch (type.bytes()) {
                case 1 -> data.put((byte) value);
                case 2 -> data.putShort((short) value);
                default -> data.putInt(value);
            }
        }
        return new Tensor(type, shape, data.flip()).toProto(name);
    }

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static TensorProto floats(String name, float[] values, long... shape) {
        return Tensor.ofFloats(values, shape).toProto(name);
    }

    private static NodeProto.Builder dequantize(String output, String... inputs) {
        return node("DequantizeLinear", output, inputs);
    }

    private void twin(
            String name, String parameter, float[] weights, long opset, Consumer<GraphProto.Builder> quantized) {
        byte[] twin = model(17, dense(g -> g.setInitializer(0, floats("w", weights, 3, 2))));
        byte[] model = proto(
                        opset, dense(g -> quantized.accept(g.clearInitializer().clearNode())))
                .addOpsetImport(OperatorSetIdProto.newBuilder()
                        .setDomain("com.microsoft")
                        .setVersion(1))
                .build()
                .toByteArray();
        twins.put(name, new Graph[] {ModelReader.read(twin, "twin", null), ModelReader.read(model, name, null)});
        names.put(name, parameter);
    }

    /** The specification's arithmetic. */
    private static float[] expected(int[] values, int[] zero, float[] scale) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) (values[i] - zero[i]) * scale[i];
        }
        return out;
    }

    private static int[] zeros(int... perElement) {
        return perElement;
    }

    private static float[] each(float scale) {
        float[] out = new float[6];
        Arrays.fill(out, scale);
        return out;
    }

    private static final float[] BY_ROW = {SCALES[0], SCALES[0], SCALES[1], SCALES[1], SCALES[2], SCALES[2]};

    private void types() {
        for (ElementType type : List.of(ElementType.INT8, ElementType.INT16, ElementType.INT32)) {
            twin(
                    type + " without zero point",
                    "wq",
                    expected(VALUES, new int[6], each(0.1f)),
                    21,
                    g -> g.addInitializer(integers(type, "wq", VALUES, 3, 2))
                            .addInitializer(floats("s", new float[] {0.1f}))
                            .addNode(dequantize("w", "wq", "s"))
                            .addNode(node("MatMul", "y", "x", "w")));
        }
        for (ElementType type : List.of(ElementType.INT8, ElementType.UINT8, ElementType.INT16, ElementType.UINT16)) {
            int lift = type == ElementType.UINT8 || type == ElementType.UINT16 ? 128 : 0;
            int[] lifted = Arrays.stream(VALUES).map(v -> v + lift).toArray();
            twin(
                    type + " with a zero point a row",
                    "wq",
                    expected(lifted, zeros(5, 5, 7, 7, 9, 9), BY_ROW),
                    21,
                    g -> g.addInitializer(integers(type, "wq", lifted, 3, 2))
                            .addInitializer(floats("s", SCALES, 3))
                            .addInitializer(integers(type, "zp", new int[] {5, 7, 9}, 3))
                            .addNode(dequantize("w", "wq", "s", "zp").addAttribute(integer("axis", 0)))
                            .addNode(node("MatMul", "y", "x", "w")));
        }
        for (int code : new int[] {21, 22}) {
            int[] four = code == 21 ? new int[] {1, 15, 0, 7, 8, 9} : new int[] {1, -8, 0, 7, -1, 3};
            twin(
                    (code == 21 ? "UINT4" : "INT4") + " in blocks",
                    "wq",
                    expected(four, zeros(1, 2, 1, 2, 3, 4), new float[] {0.1f, 0.2f, 0.1f, 0.2f, 0.3f, 0.7f}),
                    21,
                    g -> g.addInitializer(nibbles("wq", code, four, 3, 2))
                            .addInitializer(floats("s", new float[] {0.1f, 0.2f, 0.3f, 0.7f}, 2, 2))
                            .addInitializer(nibbles("zp", code, new int[] {1, 2, 3, 4}, 2, 2))
                            .addNode(dequantize("w", "wq", "s", "zp")
                                    .addAttribute(integer("axis", 0))
                                    .addAttribute(integer("block_size", 2)))
                            .addNode(node("MatMul", "y", "x", "w")));
        }
        // 0x38 is 1, 0xb8 -1, 0x01 2^-9, 0x7e 448 in E4M3FN; 0x3c is 1 in E5M2
        byte[] eights = {0x38, (byte) 0xb8, 0x01, 0x7e, 0x39, 0};
        twin(
                "FLOAT8E4M3FN",
                "wq",
                scaled(new double[] {1, -1, 0x1p-9, 448, 1.125, 0}),
                21,
                g -> g.addInitializer(bytes("wq", 17, eights, 3, 2))
                        .addInitializer(floats("s", new float[] {0.5f}))
                        .addNode(dequantize("w", "wq", "s"))
                        .addNode(node("MatMul", "y", "x", "w")));
        byte[] fives = {0x3c, (byte) 0xbc, 0x01, 0x7b, 0x3d, 0};
        twin(
                "FLOAT8E5M2",
                "wq",
                scaled(new double[] {1, -1, 0x1p-16, 57344, 1.25, 0}),
                21,
                g -> g.addInitializer(bytes("wq", 19, fives, 3, 2))
                        .addInitializer(floats("s", new float[] {0.5f}))
                        .addNode(dequantize("w", "wq", "s"))
                        .addNode(node("MatMul", "y", "x", "w")));
        // the same bits stand for half as much where the bias is larger by 1
        for (int code : new int[] {18, 20}) {
            twin(
                    "FLOAT8 of code " + code,
                    "wq",
                    scaled(new double[] {
                        0.5,
                        -0.5,
                        code == 18 ? 0x1p-10 : 0x1p-17,
                        code == 18 ? 224 : 28672,
                        code == 18 ? 0.5625 : 0.625,
                        0
                    }),
                    21,
                    g -> g.addInitializer(bytes("wq", code, code == 18 ? eights : fives, 3, 2))
                            .addInitializer(floats("s", new float[] {0.5f}))
                            .addNode(dequantize("w", "wq", "s"))
                            .addNode(node("MatMul", "y", "x", "w")));
        }
    }

    private static float[] scaled(double[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) values[i] * 0.5f;
        }
        return out;
    }

    private static TensorProto bytes(String name, int code, byte[] data, long... shape) {
        TensorProto.Builder proto =
                TensorProto.newBuilder().setName(name).setDataType(code).setRawData(ByteString.copyFrom(data));
        Arrays.stream(shape).forEach(proto::addDims);
        return proto.build();
    }

    private static TensorProto nibbles(String name, int code, int[] values, long... shape) {
        byte[] packed = new byte[(values.length + 1) / 2];
        for (int i = 0; i < values.length; i++) {
            packed[i / 2] |= (byte) ((values[i] & 15) << 4 * (i % 2));
        }
        return bytes(name, code, packed, shape);
    }

    private void chains() {
        float[] byColumn = {0.1f, 0.3f, 0.1f, 0.3f, 0.1f, 0.3f};
        int[] transposed = {VALUES[0], VALUES[2], VALUES[4], VALUES[1], VALUES[3], VALUES[5]};
        Consumer<GraphProto.Builder> constants =
                g -> g.addInitializer(integers(ElementType.INT8, "wq", transposed, 2, 3))
                        .addInitializer(floats("s", new float[] {0.1f, 0.3f}, 2));
        twin(
                "the first axis, then transposed by Gemm",
                "wq",
                expected(VALUES, new int[6], byColumn),
                13,
                constants.andThen(g -> g.addNode(dequantize("wt", "wq", "s").addAttribute(integer("axis", 0)))
                        .addNode(node("Transpose", "w", "wt"))
                        .addNode(node("MatMul", "y", "x", "w"))));
        twin(
                "transposed before",
                "wq",
                expected(VALUES, new int[6], byColumn),
                13,
                constants.andThen(g -> g.addNode(node("Transpose", "wqt", "wq"))
                        .addNode(dequantize("w", "wqt", "s").addAttribute(integer("axis", -1)))
                        .addNode(node("MatMul", "y", "x", "w"))));
        twin(
                "reshaped before and after, its scale behind Identity",
                "flat",
                expected(VALUES, new int[6], each(0.1f)),
                13,
                g -> g.addInitializer(integers(ElementType.INT8, "flat", VALUES, 6))
                        .addInitializer(floats("s0", new float[] {0.1f}, 1))
                        .addInitializer(Tensor.vector(2, 3).toProto("a"))
                        .addInitializer(Tensor.vector(3, 2).toProto("b"))
                        .addNode(node("Identity", "s", "s0"))
                        .addNode(node("Reshape", "r", "flat", "a"))
                        .addNode(dequantize("d", "r", "s"))
                        .addNode(node("Reshape", "w", "d", "b"))
                        .addNode(node("MatMul", "y", "x", "w")));
        twin(
                "a scale in float16",
                "wq",
                expected(VALUES, new int[6], each(0.5f)),
                21,
                g -> g.addInitializer(integers(ElementType.INT8, "wq", VALUES, 3, 2))
                        .addInitializer(
                                new Tensor(ElementType.FLOAT16, new long[0], ByteBuffer.wrap(new byte[] {0, 0x38}))
                                        .toProto("s"))
                        .addNode(dequantize("wh", "wq", "s"))
                        .addNode(node("Cast", "w", "wh").addAttribute(integer("to", 1)))
                        .addNode(node("MatMul", "y", "x", "w")));
        twin(
                "ONNX Runtime's own operator",
                "wq",
                expected(VALUES, new int[6], each(0.1f)),
                13,
                g -> g.addInitializer(integers(ElementType.INT8, "wq", VALUES, 3, 2))
                        .addInitializer(floats("s", new float[] {0.1f}))
                        .addInitializer(integers(ElementType.INT8, "zp", new int[1]))
                        .addNode(dequantize("w", "wq", "s", "zp").setDomain("com.microsoft"))
                        .addNode(node("MatMul", "y", "x", "w")));
    }

    /**
     * As training with simulated quantization leaves weights: halves are rounded to even, and what the type cannot hold
     * is cut.
     */
    private void simulated() {
        float[] w = {0.25f, 0.75f, -1.25f, 1000, -1000, 0.1f};
        float[] halves = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.25f};
        twin(
                "simulated in INT8",
                "wf",
                expected(new int[] {0, 2, -2, 127, -128, 0}, new int[6], each(0.5f)),
                13,
                g -> g.addInitializer(floats("wf", w, 3, 2))
                        .addInitializer(floats("s", new float[] {0.5f}))
                        .addInitializer(integers(ElementType.INT8, "zp", new int[1]))
                        .addNode(node("QuantizeLinear", "wq", "wf", "s", "zp"))
                        .addNode(dequantize("w", "wq", "s", "zp"))
                        .addNode(node("MatMul", "y", "x", "w")));
        twin(
                "simulated without a zero point",
                "wf",
                expected(new int[] {0, 2, 0, 255, 0, 0}, new int[6], each(0.5f)),
                13,
                g -> g.addInitializer(floats("wf", w, 3, 2))
                        .addInitializer(floats("s", new float[] {0.5f}))
                        .addNode(node("QuantizeLinear", "wq", "wf", "s"))
                        .addNode(dequantize("w", "wq", "s"))
                        .addNode(node("MatMul", "y", "x", "w")));
        twin(
                "simulated in UINT16 by output_dtype",
                "wf",
                expected(new int[] {0, 2, 0, 2000, 0, 0}, new int[6], each(0.5f)),
                21,
                g -> g.addInitializer(floats("wf", w, 3, 2))
                        .addInitializer(floats("s", new float[] {0.5f}))
                        .addNode(node("QuantizeLinear", "wq", "wf", "s").addAttribute(integer("output_dtype", 4)))
                        .addNode(dequantize("w", "wq", "s"))
                        .addNode(node("MatMul", "y", "x", "w")));
        twin(
                "simulated a row",
                "wf",
                expected(new int[] {5, 7, 5, 255, 0, 9}, zeros(5, 5, 7, 7, 9, 9), new float[] {
                    0.5f, 0.5f, 0.5f, 0.5f, 0.25f, 0.25f
                }),
                13,
                g -> g.addInitializer(floats("wf", w, 3, 2))
                        .addInitializer(floats("s", new float[] {halves[0], halves[2], halves[5]}, 3))
                        .addInitializer(integers(ElementType.UINT8, "zp", new int[] {5, 7, 9}, 3))
                        .addNode(node("QuantizeLinear", "wq", "wf", "s", "zp").addAttribute(integer("axis", 0)))
                        .addNode(dequantize("w", "wq", "s", "zp").addAttribute(integer("axis", 0)))
                        .addNode(node("MatMul", "y", "x", "w")));
    }

    /** Of four bits it is not known here how far they go. */
    @Test
    void simulatedQuantizationToFourBitsIsRefused() {
        byte[] model = model(
                21,
                dense(g -> g.clearInitializer()
                        .clearNode()
                        .addInitializer(floats("wf", new float[] {0, 1, 2, 3, 4, 500}, 3, 2))
                        .addInitializer(floats("s", new float[] {0.5f}))
                        .addInitializer(nibbles("zp", 22, new int[1]))
                        .addNode(node("QuantizeLinear", "wq", "wf", "s", "zp"))
                        .addNode(dequantize("w", "wq", "s", "zp"))
                        .addNode(node("MatMul", "y", "x", "w"))));
        Graph graph = ModelReader.read(model, "file.onnx", null);
        String message = String.valueOf(assertThrows(
                        InvalidModelException.class,
                        () -> RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT))
                .getMessage());
        assertTrue(message.startsWith("node 'the_wq' (QuantizeLinear) computes with quantized values"), message);
    }

    /** The stored order of a weight that is transposed on its way is another: θ is compared by its elements. */
    @TestFactory
    Stream<DynamicTest> areFloatWeights() {
        types();
        chains();
        simulated();
        return twins.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    Graph graph = e.getValue()[1];
                    assertTrue(
                            graph.notes().stream().anyMatch(note -> note.contains("'" + names.get(e.getKey()) + "'")),
                            graph.notes().toString());
                    assertEquals(
                            1,
                            graph.initializers().values().stream()
                                    .filter(tensor -> tensor.type() == ElementType.FLOAT)
                                    .count(),
                            "scales are left over");
                    if (e.getKey().contains("transposed by Gemm")) {
                        Tensor stored =
                                Objects.requireNonNull(graph.initializers().get("wq"));
                        assertArrayEquals(new long[] {2, 3}, stored.shape());
                        assertArrayEquals(
                                Arrays.stream(Objects.requireNonNull(e.getValue()[0]
                                                        .initializers()
                                                        .get("w"))
                                                .toDoubles())
                                        .sorted()
                                        .toArray(),
                                Arrays.stream(stored.toDoubles()).sorted().toArray());
                    } else {
                        FloatTwin.requireSame(e.getValue()[0], graph, Objects.requireNonNull(names.get(e.getKey())));
                    }
                }));
    }

    @Test
    void oneWeightInTwoPlacesIsOneParameter() {
        Graph graph = ModelReader.read(
                model(
                        17,
                        dense(g -> g.clearInitializer()
                                .clearNode()
                                .addInitializer(integers(ElementType.INT8, "wq", VALUES, 3, 2))
                                .addInitializer(floats("s", new float[] {0.1f}))
                                .addNode(dequantize("a", "wq", "s"))
                                .addNode(dequantize("b", "wq", "s"))
                                .addNode(node("MatMul", "m", "x", "a"))
                                .addNode(node("MatMul", "n", "x", "b"))
                                .addNode(node("Add", "y", "m", "n")))),
                "tied",
                null);
        assertEquals(
                List.of("wq"),
                ParameterChoice.of(graph, ParameterSelection.DEFAULT).stream()
                        .map(p -> p.name())
                        .toList());
        Graph used = ModelReader.read(
                model(
                        17,
                        dense(g -> g.clearInitializer()
                                .clearNode()
                                .addInitializer(integers(ElementType.INT8, "wq", VALUES, 3, 2))
                                .addInitializer(floats("s", new float[] {0.1f}))
                                .addInitializer(Tensor.ofFloats(new float[] {1}).toProto("wq_dequantized"))
                                .addNode(dequantize("a", "wq", "s"))
                                .addNode(node("Cast", "b", "wq").addAttribute(integer("to", 1)))
                                .addNode(node("MatMul", "m", "x", "a"))
                                .addNode(node("MatMul", "n", "x", "b"))
                                .addNode(node("Add", "y", "m", "n")))),
                "used otherwise",
                null);
        assertTrue(ParameterChoice.of(used, ParameterSelection.DEFAULT).stream()
                .anyMatch(p -> p.name().equals("wq_dequantized_")));
    }

    /** Rows are taken from tables that are still quantized. */
    @Test
    void aTableMayBeDequantizedAfterItsRowsWereTaken() {
        Consumer<GraphProto.Builder> ids = g -> g.addInput(value("x", ElementType.INT64, "batch"))
                .addOutput(value("y", ElementType.FLOAT, "batch", "2"));
        Graph graph = ModelReader.read(
                model(
                        17,
                        ids.andThen(g -> g.addInitializer(integers(ElementType.INT8, "tq", VALUES, 3, 2))
                                .addInitializer(floats("s", new float[] {0.1f}))
                                .addNode(node("Gather", "q", "tq", "x"))
                                .addNode(dequantize("y", "q", "s")))),
                "table",
                null);
        Graph twin = ModelReader.read(
                model(
                        17,
                        ids.andThen(g -> g.addInitializer(floats("t", expected(VALUES, new int[6], each(0.1f)), 3, 2))
                                .addNode(node("Gather", "y", "t", "x")))),
                "twin",
                null);
        FloatTwin.requireSame(twin, graph, "tq");
    }

    /** The same file in ONNX Runtime, with nothing fused. */
    @Test
    void theOutputIsThatOfTheFile() throws OrtException {
        requireOutputOfFile(model(
                17,
                dense(g -> g.clearInitializer()
                        .clearNode()
                        .addInitializer(integers(ElementType.INT8, "wq", VALUES, 3, 2))
                        .addInitializer(floats("s", new float[] {0.1f}))
                        .addNode(dequantize("w", "wq", "s"))
                        .addNode(node("MatMul", "y", "x", "w")))));
        requireOutputOfFile(model(
                17,
                dense(g -> g.clearInitializer()
                        .clearNode()
                        .addInitializer(floats("wf", new float[] {0.3f, 0.25f, -0.75f, 100, -100, 0.049f}, 3, 2))
                        .addInitializer(floats("s", new float[] {0.1f, 0.3f}, 2))
                        .addInitializer(integers(ElementType.INT8, "zp", new int[] {3, -7}, 2))
                        .addNode(node("QuantizeLinear", "wq", "wf", "s", "zp").addAttribute(integer("axis", 1)))
                        .addNode(dequantize("w", "wq", "s", "zp").addAttribute(integer("axis", 1)))
                        .addNode(node("MatMul", "y", "x", "w")))));
    }

    private static void requireOutputOfFile(byte[] model) throws OrtException {
        float[][] x = {{1, -2, 0.3f}, {0.1f, 5, 7}};
        try (OrtSession.SessionOptions plain = new OrtSession.SessionOptions();
                LinearizedNetwork network = RunningNetwork.of(
                        ModelReader.read(model, "file.onnx", null),
                        ParameterSelection.DEFAULT,
                        ExecutionSettings.DEFAULT)) {
            plain.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (OrtSession session = environment.createSession(model, plain);
                    OnnxTensor in = OnnxTensor.createTensor(environment, x);
                    OrtSession.Result out = session.run(Map.of("x", in))) {
                float[][] y = (float[][]) out.get(0).getValue();
                double[] f =
                        network.forward(Examples.of("x", Tensor.ofFloats(new float[] {1, -2, 0.3f, 0.1f, 5, 7}, 2, 3)));
                for (int i = 0; i < f.length; i++) {
                    assertEquals(y[i / 2][i % 2], f[i], 1e-6 * Math.abs(f[i]));
                }
            }
        }
    }

    @Test
    void scalesThatDoNotFitAreRefused() {
        List<String> messages = new ArrayList<>();
        for (long[] shape : new long[][] {{2}, {3, 1}, {6}}) {
            byte[] model = model(
                    21,
                    dense(g -> g.clearInitializer()
                            .clearNode()
                            .addInitializer(integers(ElementType.INT8, "wq", VALUES, 3, 2))
                            .addInitializer(floats("s", new float[(int) Tensor.count(shape)], shape))
                            .addNode(dequantize("w", "wq", "s").addAttribute(integer("axis", 0)))
                            .addNode(node("MatMul", "y", "x", "w"))));
            messages.add(assertThrows(InvalidModelException.class, () -> ModelReader.read(model, "file.onnx", null))
                    .getMessage());
        }
        assertEquals(
                "model 'file.onnx': node 'the_w' (DequantizeLinear) has scales of shape [2] for constants "
                        + "of shape [3, 2] along axis 0; expected one for each index",
                messages.get(0));
        assertTrue(messages.stream().allMatch(m -> m.contains("node 'the_w' (DequantizeLinear) has scales of shape")));
    }
}
