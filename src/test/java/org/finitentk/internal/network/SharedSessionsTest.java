package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.Runs;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Sessions that cannot be opened leave nothing behind. */
final class SharedSessionsTest {
    private static final AttributeProto KEEP_NO_DIMENSIONS = AttributeProto.newBuilder()
            .setName("keepdims")
            .setType(AttributeProto.AttributeType.INT)
            .setI(0)
            .build();

    @Test
    void theFirstStageIsClosedIfTheSecondCannotBeOpened() {
        Graph vjp = Linearization.of(SmallNetworks.mlp(ElementType.FLOAT, "N", 3, 4, 1), ParameterSelection.DEFAULT)
                .vjp();
        Stages stages = Stages.of(vjp, Set.of(Product.VJP.vector()));
        assertNotNull(stages);
        List<GraphRunner> opened = new ArrayList<>();
        IllegalStateException refusal = assertThrows(
                IllegalStateException.class,
                () -> Staged.open(stages, new TangentParts(vjp, Map.of()), List.of(Product.VJP), graph -> {
                    if (!opened.isEmpty()) {
                        throw new IllegalStateException("no second session");
                    }
                    opened.add(new GraphRunner(graph, Runs.CPU));
                    return opened.get(0);
                }));
        assertEquals("no second session", refusal.getMessage());
        Map<String, Tensor> x =
                SmallNetworks.examples(ElementType.FLOAT, 2, 3, 1).inputs();
        assertThrows(IllegalStateException.class, () -> opened.get(0).run(x));
    }

    /** Weights [1, 131072] times an example [131072, 1] are 64 GiB. */
    @Test
    void blocksOfVectorsAreRefusedWhereOneVectorIs() {
        long d = 1 << 17;
        Tensor weights = Tensor.ofReals(ElementType.FLOAT, new double[(int) d], 1, d);
        Tensor axes = Tensor.ofLongs(new long[] {1, 2}, 2);
        Graph graph = new Graph(
                "large",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("N", Long.toString(d), "1"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("N"))),
                Map.of("w", weights, "axes", axes),
                List.of(
                        SmallNetworks.node("Mul", List.of("x", "w"), "h"),
                        SmallNetworks.node("ReduceSum", List.of("h", "axes"), "y", KEEP_NO_DIMENSIONS)));
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), 1, 1);
            double[] v = new double[(int) d];
            assertRefused(() -> network.jvp(x, v));
            assertRefused(() -> network.jvp(x, new double[][] {v, v}));
            assertRefused(() -> network.vjp(x, new double[][] {{1}, {1}}));
        }
    }

    private static void assertRefused(Executable work) {
        String message =
                String.valueOf(assertThrows(InvalidModelException.class, work).getMessage());
        assertTrue(message.contains("MiB for one example"), message);
    }
}
