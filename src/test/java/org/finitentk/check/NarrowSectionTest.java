package org.finitentk.check;

import static org.finitentk.testing.ModelFiles.model;
import static org.finitentk.testing.ModelFiles.node;
import static org.finitentk.testing.ModelFiles.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
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

    private static Tensor weight(int seed, long... shape) {
        int count = (int) Tensor.count(shape);
        return Tensor.ofDoubles(
                IntStream.range(0, count)
                        .mapToDouble(i -> Math.sin(7.0 * i + seed))
                        .toArray(),
                shape);
    }

    private static LinearizedNetwork network(ElementType section) {
        byte[] model = model(17, g -> {
            g.addInput(value("x", ElementType.DOUBLE, "batch", "3"))
                    .addOutput(value("y", ElementType.DOUBLE, "batch", "2"));
            g.addInitializer(weight(1, 3, 20).toProto("w1"))
                    .addInitializer(weight(2, 20, 20).toProto("w2"))
                    .addInitializer(weight(3, 20, 2).toProto("w3"));
            g.addNode(node("MatMul", "h", "x", "w1"))
                    .addNode(cast("n", "h", section))
                    .addNode(node("Tanh", "t", "n"));
            g.addNode(cast("wn", "w2", section))
                    .addNode(node("MatMul", "m", "t", "wn"))
                    .addNode(node("Sigmoid", "s", "m"));
            g.addNode(cast("d", "s", ElementType.DOUBLE)).addNode(node("MatMul", "y", "d", "w3"));
        });
        return RunningNetwork.of(
                ModelReader.read(model, "file.onnx", null), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"})
    void aSoundNetworkPasses(ElementType section) {
        try (LinearizedNetwork network = network(section)) {
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
}
