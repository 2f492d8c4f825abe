package org.finitentk.internal.network;

import static org.finitentk.internal.network.QuantizedWeightsTest.integer;
import static org.finitentk.testing.ModelFiles.dense;
import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.proto;
import static org.finitentk.testing.ModelFiles.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Networks that compute with quantized values are refused. */
final class QuantizedArithmeticTest {
    private static byte[] refused(String domain, String op, Consumer<GraphProto.Builder> more) {
        return proto(21, dense(g -> {
                    g.addNode(node(op, "z", "y").setDomain(domain))
                            .setOutput(0, value("z", ElementType.FLOAT, "batch", "2"));
                    more.accept(g);
                }))
                .addOpsetImport(OperatorSetIdProto.newBuilder()
                        .setDomain("com.microsoft")
                        .setVersion(1))
                .build()
                .toByteArray();
    }

    @TestFactory
    Stream<DynamicTest> quantizedArithmeticIsRefusedInOneSentence() {
        Map<String, byte[]> models = new LinkedHashMap<>();
        for (String op : List.of(
                "QuantizeLinear",
                "DequantizeLinear",
                "DynamicQuantizeLinear",
                "QLinearConv",
                "QLinearMatMul",
                "ConvInteger",
                "MatMulInteger")) {
            models.put(op, refused("", op, g -> {}));
        }
        for (String op : List.of(
                "MatMulNBits",
                "QAttention",
                "QLinearAdd",
                "QGemm",
                "DynamicQuantizeMatMul",
                "DynamicQuantizeLSTM",
                "MatMulIntegerToFloat",
                "GatherBlockQuantized",
                "QLinearSigmoid",
                "QEmbedLayerNormalization",
                "MatMulBnb4",
                "QMoE",
                "QuantizeLinear")) {
            models.put("com.microsoft." + op, refused("com.microsoft", op, g -> {}));
        }
        models.put(
                "Cast",
                refused(
                        "",
                        "Cast",
                        g -> g.getNodeBuilder(1).addAttribute(integer("to", 17)).addAttribute(integer("saturate", 1))));
        return models.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    Graph graph = ModelReader.read(e.getValue(), "file.onnx", null);
                    String message = String.valueOf(assertThrows(
                                    InvalidModelException.class,
                                    () -> RunningNetwork.of(
                                            graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT))
                            .getMessage());
                    assertTrue(
                            message.startsWith("node 'the_z' (" + e.getKey() + ") computes with quantized values")
                                    && message.contains("use the float file"),
                            message);
                }));
    }

    @Test
    void quantizedPartsThatNoOutputNeedsDoNotMatter() {
        Graph graph = ModelReader.read(
                model(
                        21,
                        dense(g -> g.addNode(node("DynamicQuantizeLinear", "q", "y")
                                .addOutput("s")
                                .addOutput("zp")))),
                "unneeded",
                null);
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertEquals(6, network.parameterCount());
        }
    }
}
