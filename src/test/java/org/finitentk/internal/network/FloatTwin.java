package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.finitentk.check.LinearizationCheck;
import org.finitentk.check.RandomExamples;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.SmallNetworks;

/** Compares a network with one that is the same function in plain float32 operators. */
final class FloatTwin {
    private FloatTwin() {}

    /** Weights to the last bit, f, Jv and Jᵀu to rounding, and everything that {@code check} looks at. */
    static void requireSame(Graph twin, Graph graph, String... parameters) {
        try (LinearizedNetwork expected =
                        RunningNetwork.of(twin, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                LinearizedNetwork found =
                        RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertEquals(
                    List.of(parameters),
                    found.parameters().stream().map(Parameter::name).toList());
            assertEquals(ElementType.FLOAT, found.elementType());
            assertArrayEquals(expected.parameterVector(), found.parameterVector());
            Examples x = RandomExamples.draw(found.inputs(), 3, 5);
            double[] v = SmallNetworks.gaussian(new Random(1), found.parameterCount(), 1);
            double[] u = SmallNetworks.gaussian(new Random(2), 3L * found.outputSize(), 1);
            assertArrayEquals(expected.forward(x), found.forward(x), 1e-6);
            assertArrayEquals(expected.jvp(x, v), found.jvp(x, v), 1e-5);
            assertArrayEquals(expected.vjp(x, u), found.vjp(x, u), 1e-5);
            LinearizationCheck check = LinearizationCheck.of(found, 1);
            assertTrue(check.passed(), () -> check.failures().toString());
        }
    }
}
