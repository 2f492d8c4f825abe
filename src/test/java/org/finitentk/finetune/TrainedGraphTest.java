package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Objects;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.junit.jupiter.api.Test;

final class TrainedGraphTest {
    private static final Graph NETWORK = NetworkBuilder.mlp(2, List.of(3), 1, Activation.TANH, 1);

    @Test
    void onlyTheSelectedParametersChange() {
        List<Parameter> last = ParameterChoice.of(NETWORK, LastLayer.of(NETWORK, ParameterSelection.DEFAULT));
        Graph trained = TrainedGraph.of(NETWORK, last, new double[] {1, 2, 3, 4});
        assertArrayEquals(new double[] {1, 2, 3}, values(trained, "layers.1.weight"));
        assertArrayEquals(new double[] {4}, values(trained, "layers.1.bias"));
        assertSame(
                NETWORK.initializers().get("layers.0.weight"),
                trained.initializers().get("layers.0.weight"));
        assertEquals(
                List.copyOf(NETWORK.initializers().keySet()),
                List.copyOf(trained.initializers().keySet()));
        assertEquals(NETWORK.nodes(), trained.nodes());
    }

    @Test
    void aVectorOfAnotherNetworkIsRefused() {
        List<Parameter> all = ParameterChoice.of(NETWORK, ParameterSelection.DEFAULT);
        assertThrows(IllegalArgumentException.class, () -> TrainedGraph.of(NETWORK, all, new double[12]));
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainedGraph.of(NETWORK, List.of(new Parameter("other", List.of(2L), 0)), new double[2]));
    }

    private static double[] values(Graph graph, String name) {
        return Objects.requireNonNull(graph.initializers().get(name)).toDoubles();
    }
}
