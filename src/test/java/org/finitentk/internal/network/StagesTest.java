package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left to do for each vector. */
final class StagesTest {
    private static final Set<String> VECTORS = Set.of(Linearization.TANGENT, Linearization.COTANGENT);
    private static final int LAYERS = 3;

    private static long matrixProducts(Graph graph) {
        return graph.nodes().stream().filter(node -> node.op().equals("Gemm")).count();
    }

    private static long multipliedTransposed(Graph graph) {
        return graph.nodes().stream()
                .filter(node -> node.op().equals("Gemm") && node.integer("transA", 0) == 1)
                .count();
    }

    private static Stages stages(int outputs) {
        Graph network = NetworkBuilder.mlp(4, List.of(30, 20), outputs, Activation.ELU, 2);
        Stages stages =
                Stages.of(Linearization.of(network, ParameterSelection.DEFAULT).products(false), VECTORS);
        assertNotNull(stages);
        return stages;
    }

    /** One product of matrices for each weight; with several outputs, others for the way through the layers. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aVectorGoesThroughTheLayersOnlyWithSeveralOutputs(int outputs) {
        Stages stages = stages(outputs);
        int expected = outputs == 1 ? LAYERS : LAYERS + LAYERS - 1;
        assertEquals(expected, matrixProducts(stages.second(Linearization.JV)), "J v");
        assertEquals(expected, matrixProducts(stages.second(Linearization.VJP)), "transposed J u");
        assertEquals(outputs == 1 ? 2 * (LAYERS - 1) : LAYERS - 1, matrixProducts(stages.first()), "once");
        for (Graph second : List.of(stages.second(Linearization.JV), stages.second(Linearization.VJP))) {
            assertTrue(
                    second.nodes().stream().noneMatch(node -> node.op().equals("Exp")),
                    "the network itself is run again");
            assertEquals(1, second.outputs().size());
        }
    }

    /** A weight [d_in, d_out] of a MatMul: the transposed layer inputs do not depend on the vector. */
    @Test
    void whatIsMultipliedTransposedIsTransposedOnce() {
        Graph network = SmallNetworks.mlp(ElementType.FLOAT, "n", 3, 20, 4);
        Graph vjp = Linearization.of(network, ParameterSelection.DEFAULT).vjp();
        Stages stages = Stages.of(vjp, Set.of(Linearization.COTANGENT));
        assertNotNull(stages);
        assertEquals(2, multipliedTransposed(vjp));
        assertEquals(0, multipliedTransposed(stages.second()));
        assertEquals(
                2,
                stages.first().nodes().stream()
                        .filter(node -> node.op().equals("Transpose"))
                        .count());
        assertNull(Stages.of(network, Set.of("x")));
    }
}
