package org.finitentk.check;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.SpoiledBundle;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RenamedOutput;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks that make rounding errors large are not taken for wrong ones, and wrong ones among them are found. */
@NullUnmarked
final class RoundingTest {
    /** Normalizes elements that differ in their last digits only. */
    private static final String LAST_DIGITS =
            "input x[300]; u[300,1]; w[300,6]; small[1] = 0.00001; ones[1,6] = 1; g[6] = 1;"
                    + "o[6] = 0; v[6,3]; c = MatMul(x, u); e = MatMul(c, ones); r = MatMul(x, w); d = Mul(r, small);"
                    + "h = Add(e, d); z = LayerNormalization(h, g, o) epsilon=0.0000000000001; y = MatMul(z, v)";
    /** A Softmax without doubt. */
    private static final String CERTAIN =
            "input x[300]; w[300,5]; k[5] = 0 200 400 300 100; h = MatMul(x, w); a = Add(h, k); y = Softmax(a)";

    private static LinearizedNetwork open(String text) {
        return RunningNetwork.of(WrittenNetwork.of(text), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static Outcome outcome(LinearizationCheck check, String name) {
        return check.findings().stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(check.toString()))
                .outcome();
    }

    @ParameterizedTest
    @ValueSource(strings = {LAST_DIGITS, CERTAIN})
    void soundNetworksDoNotFail(String text) {
        boolean rounds = false;
        for (int seed = 1; seed < 3; seed++) {
            try (LinearizedNetwork network = open(text)) {
                LinearizationCheck check = LinearizationCheck.of(network, seed);
                assertTrue(check.passed(), check.toString());
                rounds |= check.findings().stream().anyMatch(finding -> finding.outcome() == Outcome.INCONCLUSIVE);
            }
        }
        assertTrue(rounds, "rounding hides nothing here: the test needs another network");
    }

    /** The last product of the gradient, which rounding leaves alone, is off by one percent. */
    @Test
    void faultsFailWhereRoundingIsLarge() {
        LinearizationBundle good;
        try (LinearizedNetwork source = open(LAST_DIGITS)) {
            good = LinearizationBundle.of(source);
        }
        Map<Product, Graph> graphs = Map.of(
                Product.FORWARD,
                good.forward(),
                Product.JVP,
                good.jvp(),
                Product.VJP,
                scaled(good.vjp(), "vjp", 1.01f));
        try (LinearizedNetwork spoiled = SpoiledBundle.open(good, graphs)) {
            LinearizationCheck check = LinearizationCheck.of(spoiled, 1);
            assertEquals(Outcome.FAILED, outcome(check, AdjointIdentity.NAME), check.toString());
        }
    }

    private static Graph scaled(Graph graph, String output, float... factor) {
        Graph inner = RenamedOutput.of(graph, output, output + "_before");
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.put("spoiler", Tensor.ofFloats(factor, factor.length));
        List<Node> nodes = new ArrayList<>(inner.nodes());
        nodes.add(new Node("spoil", "", "Mul", List.of(output + "_before", "spoiler"), List.of(output), Map.of()));
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, nodes);
    }

    @Test
    void mixingFailsWhereRoundingIsLarge() {
        String mixing = LAST_DIGITS.replace("y = MatMul", "y0 = MatMul")
                + "; integers axis[1] = 0; m = ReduceMean(y0) axes=[0] keepdims=1; q[1] = 0.01; t = Mul(m, q); y = Add(y0, t)";
        try (LinearizedNetwork network = open(mixing)) {
            LinearizationCheck check = LinearizationCheck.of(network, 1);
            assertEquals(Outcome.FAILED, outcome(check, BatchIndependence.NAME), check.toString());
        }
        try (LinearizedNetwork network = open(mixing)) {
            Examples x = RandomExamples.draw(network, 9, 1);
            assertThrows(InvalidModelException.class, () -> network.requireIndependentExamples(x));
        }
    }

    /** Alone and among others, examples differ by a percent: the runtime multiplies one row in another order. */
    @Test
    void kernelsAreNotRefusedForRounding() {
        for (int seed = 1; seed < 4; seed++) {
            try (LinearizedNetwork network = open(LAST_DIGITS)) {
                Examples x = RandomExamples.draw(network, 9, seed);
                assertDoesNotThrow(() -> network.requireIndependentExamples(x));
            }
        }
    }

    /** One of 300 outputs has a derivative of the wrong sign: it is in a sum with others. */
    @Test
    void aFaultInOneOfManyOutputsFails() {
        LinearizationBundle good;
        try (LinearizedNetwork source = open("input x[4]; w[4,300]; y = MatMul(x, w)")) {
            good = LinearizationBundle.of(source);
        }
        float[] signs = new float[300];
        Arrays.fill(signs, 1);
        signs[137] = -1;
        Map<Product, Graph> graphs = Map.of(
                Product.FORWARD, good.forward(), Product.JVP, scaled(good.jvp(), "jv", signs), Product.VJP, good.vjp());
        try (LinearizedNetwork spoiled = SpoiledBundle.open(good, graphs)) {
            LinearizationCheck check = LinearizationCheck.of(spoiled, 1);
            assertEquals(Outcome.FAILED, outcome(check, FiniteDifferences.NAME), check.toString());
        }
    }

    @Test
    void largeNetworksAreTriedLess() {
        assertEquals(new Effort(8, 64), Effort.of(1e6));
        assertEquals(new Effort(2, 64), Effort.of(1e8));
        assertEquals(new Effort(2, 8), Effort.of(1e10));
        // of one example: 23 products of 3 passes, and 11 directions with a product and 4 passes in float64; values of
        // 8
        assertEquals(1e10 * (2 * (23 * 3 + 11 * 7 * 3) + 8 * 7), Effort.operations(1e10), 1);
    }

    @Test
    void progressIsTold() {
        Set<String> stages = new TreeSet<>();
        try (LinearizedNetwork network = open("input x[4]; w[4,3]; y = MatMul(x, w)")) {
            LinearizationCheck.of(
                    network, RandomExamples.draw(network, 3, 1), 1, (stage, done, total) -> stages.add(stage));
        }
        assertTrue(
                stages.containsAll(List.of(AdjointIdentity.NAME, FiniteDifferences.NAME, GramAgreement.NAME)),
                stages.toString());
    }

    /** Ids of tokens are any rows of the table, and of the smallest where there are two. */
    @Test
    void idsAreDrawnFromTheWholeTable() {
        Map<String, Integer> networks = Map.of(
                "ids t[50]; e[70,3]; integers a[1] = 1; g = Gather(e, t); y0 = ReduceMean(g) axes=[1] keepdims=0;"
                        + "v[3,2]; y = MatMul(y0, v)",
                70,
                "ids t[50]; e[70,3]; e2[11,3]; g = Gather(e, t); g2 = Gather(e2, t); s = Add(g, g2);"
                        + "y0 = ReduceMean(s) axes=[1] keepdims=0; v[3,2]; y = MatMul(y0, v)",
                11,
                "ids t[50]; integers d[1] = 30; constant o[2] = 0 1; h = OneHot(t, d, o); w[30,3]; g = MatMul(h, w);"
                        + "y0 = ReduceMean(g) axes=[1] keepdims=0; v[3,2]; y = MatMul(y0, v)",
                30,
                "ids t[50]; integers r[5] = 0 1 2 3 4; integers ax[1] = 2; u = Unsqueeze(t, ax); q = Equal(u, r);"
                        + "h = Cast(q) to=1; w[5,3]; g = MatMul(h, w);"
                        + "y0 = ReduceMean(g) axes=[1] keepdims=0; v[3,2]; y = MatMul(y0, v)",
                5);
        networks.forEach((text, rows) -> {
            try (LinearizedNetwork network = open(text)) {
                Tensor ids = RandomExamples.draw(network, 40, 1).inputs().get("t");
                Set<Long> drawn = new TreeSet<>();
                Arrays.stream(ids.toLongs()).forEach(drawn::add);
                assertEquals(rows, drawn.size(), text);
                assertTrue(drawn.stream().allMatch(id -> id >= 0 && id < rows), drawn.toString());
            }
        });
    }
}
