package org.finitentk.internal.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Probabilities of one Sigmoid, as exporters write those of two labels: their logits give the same probabilities. */
@NullUnmarked
final class LogitGraphTest {
    private static final String START = "input x[3]; w[3,1]; b[1] = 0.5; one[1] = 1; h = MatMul(x, w); z = Add(h, b); ";

    private static final LogitForms ALL = new LogitForms(true, true);

    private static double[] outputs(Graph graph) {
        float[] x = new float[12];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.sin(3 * i + 1);
        }
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            return network.forward(Examples.of("x", Tensor.ofFloats(x, 4, 3)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "p = Sigmoid(z); q = Sub(one, p); y = Concat(q, p) axis=1;",
                "p = Sigmoid(z); q = Sub(one, p); y = Concat(p, q) axis=-1;",
                "s = Sigmoid(z); p = Identity(s); q = Sub(one, p); c = Concat(q, s) axis=1; y = Identity(c);"
            })
    void twoSidesOfASigmoidHaveTwoLogits(String end) {
        Graph graph = WrittenNetwork.of(START + end);
        double[] p = outputs(graph);
        LogitGraph found = LogitGraph.of(graph, ALL);
        assertNotNull(found);
        double[] f = outputs(found.graph());
        for (int i = 0; i < p.length; i += 2) {
            double sum = Math.exp(f[i]) + Math.exp(f[i + 1]);
            assertEquals(p[i], Math.exp(f[i]) / sum, 1e-6);
            assertEquals(p[i + 1], Math.exp(f[i + 1]) / sum, 1e-6);
        }
    }

    @Test
    void theOtherSideAloneHasTheOppositeLogit() {
        Graph graph = WrittenNetwork.of(START + "p = Sigmoid(z); y = Sub(one, p);");
        LogitGraph found = LogitGraph.of(graph, ALL);
        assertNotNull(found);
        double[] expected =
                Arrays.stream(outputs(graph)).map(p -> Math.log(p / (1 - p))).toArray();
        double[] f = outputs(found.graph());
        for (int i = 0; i < f.length; i++) {
            assertEquals(expected[i], f[i], 1e-5);
        }
    }

    @Test
    void bothSidesStayWhereTheyWereKept() {
        Graph sides = WrittenNetwork.of(START + "p = Sigmoid(z); q = Sub(one, p); y = Concat(q, p) axis=1;");
        Graph last = WrittenNetwork.of(START + "y = Sigmoid(z);");
        LogitForms onlyLast = new LogitForms(true, false);
        assertNull(LogitGraph.of(sides, onlyLast));
        assertNotNull(LogitGraph.of(last, onlyLast));
        assertNull(LogitGraph.of(last, LogitForms.NONE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "p = Sigmoid(z); q = Sub(one, z); y = Concat(q, p) axis=1;",
                "two[1] = 2; p = Sigmoid(z); q = Sub(two, p); y = Concat(q, p) axis=1;",
                "p = Sigmoid(z); q = Sub(one, p); y = Concat(q, p) axis=0;",
                "p = Sigmoid(z); q = Sub(one, p); y = Concat(q, q) axis=1;",
                "p = Sigmoid(z); q = Sub(p, one); y = Concat(q, p) axis=1;",
                "p = Tanh(z); y = Sub(one, p);"
            })
    void othersStay(String end) {
        assertNull(LogitGraph.of(WrittenNetwork.of(START + end), ALL));
    }
}
