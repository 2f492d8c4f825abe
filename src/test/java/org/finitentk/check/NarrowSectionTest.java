package org.finitentk.check;

import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A float64 network is checked to the accuracy of its narrowest section. */
final class NarrowSectionTest {
    private static NodeProto cast(String output, String input, ElementType to) {
        AttributeProto type = AttributeProto.newBuilder()
                .setName("to")
                .setType(AttributeProto.AttributeType.INT)
                .setI(to.code())
                .build();
        return node("Cast", output, input).addAttribute(type).build();
    }

    private static TensorProto weight(ElementType type, String name, int seed, long... shape) {
        int count = (int) Tensor.count(shape);
        double[] values = IntStream.range(0, count)
                .mapToDouble(i -> Math.sin(7.0 * i + seed))
                .toArray();
        return Tensor.ofReals(type, values, shape).toProto(name);
    }

    private static LinearizedNetwork network(ElementType around, ElementType section) {
        byte[] model = model(17, g -> {
            g.addInput(value("x", around, "batch", "3")).addOutput(value("y", around, "batch", "2"));
            g.addInitializer(weight(around, "w1", 1, 3, 20))
                    .addInitializer(weight(ElementType.DOUBLE, "w2", 2, 20, 20))
                    .addInitializer(weight(around, "w3", 3, 20, 2));
            g.addNode(node("MatMul", "h", "x", "w1"))
                    .addNode(cast("n", "h", section))
                    .addNode(node("Tanh", "t", "n"));
            g.addNode(cast("wn", "w2", section))
                    .addNode(node("MatMul", "m", "t", "wn"))
                    .addNode(node("Sigmoid", "s", "m"));
            g.addNode(cast("d", "s", around)).addNode(node("MatMul", "y", "d", "w3"));
        });
        return RunningNetwork.of(
                ModelReader.read(model, "file.onnx", null), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"})
    void aSoundNetworkPasses(ElementType section) {
        try (LinearizedNetwork network = network(ElementType.DOUBLE, section)) {
            assertEquals(3, network.parameters().size());
            for (int seed = 0; seed < 5; seed++) {
                List<Finding> findings = LinearizationCheck.of(network, seed).findings();
                Map<String, Finding> byName = findings.stream().collect(Collectors.toMap(Finding::name, f -> f));
                assertTrue(findings.stream().allMatch(f -> f.outcome() == Outcome.PASSED), findings.toString());
                Finding adjoint = byName.get(AdjointIdentity.NAME);
                assertTrue(
                        adjoint != null && adjoint.tolerance() < (section == ElementType.DOUBLE ? 1e-10 : 1e-2),
                        findings.toString());
            }
        }
    }

    /** Its float64 weights have float64 gradients, which are kept as the network's float32 ones are. */
    @Test
    void aFloat32NetworkWithAFloat64SectionPasses() {
        try (LinearizedNetwork network = network(ElementType.FLOAT, ElementType.DOUBLE)) {
            assertEquals(3, network.parameters().size());
            List<Finding> findings = LinearizationCheck.of(network, 1).findings();
            assertEquals(6, findings.size());
            assertTrue(findings.stream().allMatch(f -> f.outcome() == Outcome.PASSED), findings.toString());
        }
    }
}
