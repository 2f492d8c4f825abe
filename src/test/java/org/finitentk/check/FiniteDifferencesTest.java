package org.finitentk.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.SpoiledBundle;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RenamedOutput;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sound networks pass, however their constants are scaled; faults that the graphs share fail; only rounding is
 * inconclusive.
 */
@NullUnmarked
final class FiniteDifferencesTest {
    private static final ParameterSelection ALL = new ParameterSelection(Pattern.compile(""), null);
    private static final String LAYERS = "w[4,6]; b[6]; w2[6,2]; b2[2];";
    /** Runs in float64 with ONNX Runtime. */
    private static final String WIDE = "input x[4];" + LAYERS + "h = Gemm(x, w, b); t = Tanh(h); y = Gemm(t, w2, b2)";
    /** Det has no form for float64; no tangent goes through it. */
    private static final String NARROW = "input x[4];" + LAYERS
            + "integers square[3] = -1 2 2; integers column[2] = -1 1; r = Reshape(x, square); d = Det(r);"
            + "m = Reshape(d, column); z = Add(x, m); h = Gemm(z, w, b); t = Tanh(h); y = Gemm(t, w2, b2)";

    private static Finding find(LinearizedNetwork network) {
        return LinearizationCheck.of(network, 1).findings().stream()
                .filter(finding -> finding.name().equals(FiniteDifferences.NAME))
                .findFirst()
                .orElseThrow();
    }

    private static Finding find(String text, ParameterSelection selection) {
        Graph graph = WrittenNetwork.of(text);
        try (LinearizedNetwork network = RunningNetwork.of(graph, selection, ExecutionSettings.DEFAULT)) {
            return find(network);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "input x[4]; mu[4] = 12000 -300 0.002 7; sd[4] = 0.001 40 900 0.3; c = Sub(x, mu); z = Div(c, sd);",
                "input x[4]; mu[4] = 1e5 1e-6 1 1; sd[4] = 1e-4 1e4 1 1; c = Mul(x, sd); z = Add(c, mu);",
                "input x[4]; mu[4] = 0; sd[4] = 1e6; c = Sub(x, mu); z = Div(c, sd);"
            })
    void badlyScaledConstantsPass(String scaler) {
        String text = scaler + LAYERS + "h = Gemm(z, w, b); t = Tanh(h); y = Gemm(t, w2, b2)";
        for (ParameterSelection selection : List.of(ParameterSelection.DEFAULT, ALL)) {
            assertEquals(Outcome.PASSED, find(text, selection).outcome(), find(text, selection)::sentence);
        }
    }

    @Test
    void convolutionsOfImagesInPixelsPass() {
        String text = "input x[3,4,4]; mu[1,3,1,1] = 124 117 104; sd[1,3,1,1] = 58 57 0.01; w[2,3,3,3]; b[2]; v[8,1];"
                + "integers sh[2] = -1 8; c = Sub(x, mu); z = Div(c, sd); a = Conv(z, w, b); t = Sigmoid(a);"
                + "f = Reshape(t, sh); y = MatMul(f, v)";
        assertEquals(Outcome.PASSED, find(text, ALL).outcome(), find(text, ALL)::sentence);
    }

    /** Two equal layers: what the ReLU takes is 0 to the last bit, whatever the examples are. */
    @Test
    void aKinkAtTheWeightsIsNoFault() {
        String text = "input x[4]; w[4,6] = 0.5; u[4,6] = 0.5; s[4,6]; v[6,2]; a = MatMul(x, w); b = MatMul(x, u);"
                + "d = Sub(a, b); r = Relu(d); t = MatMul(x, s); e = Add(r, t); y = MatMul(e, v)";
        Finding kink = find(text, ParameterSelection.DEFAULT);
        assertEquals(Outcome.INCONCLUSIVE, kink.outcome(), kink::sentence);
        assertTrue(kink.sentence().contains("a kink at these very weights"), kink::sentence);
    }

    @Test
    void networksThatRunInFloat32OnlyPass() {
        assertEquals(Outcome.PASSED, find(NARROW, ParameterSelection.DEFAULT).outcome(), NARROW);
        assertTrue(find(WIDE, ParameterSelection.DEFAULT).tolerance() < 1e-3, "not compared in float64");
        assertTrue(find(NARROW, ParameterSelection.DEFAULT).tolerance() > 1e-3, "compared in float64");
    }

    /** An output of 1e9 leaves nothing of its derivatives in float32's 24 bits. */
    @Test
    void whatRoundingHidesIsInconclusive() {
        String offset = "far[2] = 1e9; o = Identity(y0); y = Add(o, far)";
        Finding hidden = find(NARROW.replace("y = Gemm", "y0 = Gemm") + ";" + offset, ParameterSelection.DEFAULT);
        assertEquals(Outcome.INCONCLUSIVE, hidden.outcome(), hidden.sentence());
        assertTrue(hidden.sentence().contains("rounding"), hidden.sentence());
        Finding seen = find(WIDE.replace("y = Gemm", "y0 = Gemm") + ";" + offset, ParameterSelection.DEFAULT);
        assertEquals(Outcome.PASSED, seen.outcome(), seen.sentence());
    }

    /**
     * Both derivative graphs, as if they were of another arrangement or scale of the parameters: they agree with each
     * other.
     */
    private static Finding findSpoiled(String text, String op, Tensor constant) {
        LinearizationBundle good;
        try (LinearizedNetwork source =
                RunningNetwork.of(WrittenNetwork.of(text), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            good = LinearizationBundle.of(source);
        }
        Map<Product, Graph> graphs = new EnumMap<>(Product.class);
        graphs.put(Product.FORWARD, good.forward());
        graphs.put(Product.JVP, taken(good.jvp(), op, constant));
        graphs.put(Product.VJP, given(good.vjp(), op, constant));
        try (LinearizedNetwork spoiled = SpoiledBundle.open(good, graphs)) {
            LinearizationCheck check = LinearizationCheck.of(spoiled, 1);
            assertTrue(
                    check.findings().stream()
                            .filter(finding -> finding.name().equals(AdjointIdentity.NAME))
                            .allMatch(finding -> finding.outcome() == Outcome.PASSED),
                    check.toString());
            return find(spoiled);
        }
    }

    /** The tangent goes through one more node. */
    private static Graph taken(Graph jvp, String op, Tensor constant) {
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node("spoil", "", op, List.of("tangent", "spoiler"), List.of("spoiled"), Map.of()));
        for (Node node : jvp.nodes()) {
            List<String> inputs = node.inputs().stream()
                    .map(name -> name.equals("tangent") ? "spoiled" : name)
                    .toList();
            nodes.add(new Node(node.name(), node.domain(), node.op(), inputs, node.outputs(), node.attributes()));
        }
        return with(jvp, constant, nodes);
    }

    /** The gradient goes through one more node. */
    private static Graph given(Graph vjp, String op, Tensor constant) {
        Graph inner = RenamedOutput.of(vjp, "vjp", "vjp_before");
        List<Node> nodes = new ArrayList<>(inner.nodes());
        nodes.add(new Node("spoil", "", op, List.of("vjp_before", "spoiler"), List.of("vjp"), Map.of()));
        return with(vjp, constant, nodes);
    }

    private static Graph with(Graph graph, Tensor constant, List<Node> nodes) {
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.put("spoiler", constant);
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, nodes);
    }

    /** 4 · 6 + 6 + 6 · 2 + 2 parameters. */
    private static final int P = 44;

    private static Tensor factors(int from, int to, float factor) {
        float[] factors = new float[P];
        Arrays.fill(factors, 1);
        Arrays.fill(factors, from, to, factor);
        return Tensor.ofFloats(factors, P);
    }

    /** Its own inverse, so that both graphs are of the same wrong Jacobian. */
    private static Tensor exchanged(int... pairs) {
        long[] order = new long[P];
        Arrays.setAll(order, i -> i);
        for (int i = 0; i < pairs.length; i += 2) {
            order[pairs[i]] = pairs[i + 1];
            order[pairs[i + 1]] = pairs[i];
        }
        return Tensor.vector(order);
    }

    @ParameterizedTest
    @ValueSource(strings = {WIDE, NARROW})
    void faultsThatBothDerivativesShareFail(String network) {
        Map<String, Finding> faults = new LinkedHashMap<>();
        faults.put("the sign of all", findSpoiled(network, "Mul", factors(0, P, -1)));
        faults.put("the sign of a bias", findSpoiled(network, "Mul", factors(24, 30, -1)));
        faults.put("the sign of an entry", findSpoiled(network, "Mul", factors(31, 32, -1)));
        faults.put("a scaled parameter", findSpoiled(network, "Mul", factors(30, 42, 1.2f)));
        faults.put("a scaled entry", findSpoiled(network, "Mul", factors(5, 6, 3)));
        faults.put("a missing parameter", findSpoiled(network, "Mul", factors(42, 44, 0)));
        faults.put("exchanged weights", findSpoiled(network, "Gather", exchanged(30, 33, 31, 36)));
        faults.put("exchanged biases", findSpoiled(network, "Gather", exchanged(42, 24)));
        faults.forEach((fault, finding) -> assertEquals(Outcome.FAILED, finding.outcome(), fault + ": " + finding));
    }

    /** Half a percent is seen where float32's rounding is no obstacle. */
    @Test
    void smallFaultsFailInFloat64() {
        assertEquals(
                Outcome.FAILED, findSpoiled(WIDE, "Mul", factors(0, 24, 1.005f)).outcome());
    }

    @ParameterizedTest
    @ValueSource(strings = {WIDE, NARROW})
    void staleWeightsFail(String network) {
        LinearizationBundle good;
        try (LinearizedNetwork source =
                RunningNetwork.of(WrittenNetwork.of(network), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            good = LinearizationBundle.of(source);
        }
        Map<String, Tensor> newer = new LinkedHashMap<>(good.forward().initializers());
        newer.computeIfPresent(
                "w",
                (name, old) -> Tensor.ofReals(
                        old.type(),
                        Arrays.stream(old.toDoubles()).map(v -> 1.5 * v + 0.2).toArray(),
                        old.shape()));
        Graph f = good.forward();
        Map<Product, Graph> graphs = Map.of(
                Product.FORWARD, new Graph(f.name(), f.inputs(), f.outputs(), newer, f.nodes()),
                Product.JVP, good.jvp(),
                Product.VJP, good.vjp());
        try (LinearizedNetwork stale = SpoiledBundle.open(good, graphs)) {
            LinearizationCheck check = LinearizationCheck.of(stale, 1);
            assertTrue(
                    check.failures().stream()
                            .map(Finding::name)
                            .toList()
                            .containsAll(List.of(OutputAgreement.NAME, FiniteDifferences.NAME)),
                    check.toString());
        }
    }

    /** A vjp that forgets all examples but the first of its batch. */
    @Test
    void aMissingSumOverTheBatchFails() {
        LinearizationBundle good;
        try (LinearizedNetwork source =
                RunningNetwork.of(WrittenNetwork.of(WIDE), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            good = LinearizationBundle.of(source);
        }
        float[] first = new float[LinearizationCheck.EXAMPLES];
        first[0] = 1;
        Graph vjp = good.vjp();
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node("spoil", "", "Mul", List.of("cotangent", "spoiler"), List.of("spoiled"), Map.of()));
        for (Node node : vjp.nodes()) {
            List<String> inputs = node.inputs().stream()
                    .map(name -> name.equals("cotangent") ? "spoiled" : name)
                    .toList();
            nodes.add(new Node(node.name(), node.domain(), node.op(), inputs, node.outputs(), node.attributes()));
        }
        Map<String, Tensor> initializers = new LinkedHashMap<>(vjp.initializers());
        initializers.put("spoiler", Tensor.ofFloats(first, first.length, 1));
        Graph forgetful = new Graph(vjp.name(), vjp.inputs(), vjp.outputs(), initializers, nodes);
        Map<Product, Graph> graphs =
                Map.of(Product.FORWARD, good.forward(), Product.JVP, good.jvp(), Product.VJP, forgetful);
        try (LinearizedNetwork wrong = SpoiledBundle.open(good, graphs)) {
            LinearizationCheck check = LinearizationCheck.of(wrong, 1);
            assertTrue(
                    check.failures().stream().anyMatch(finding -> finding.name().equals(AdjointIdentity.NAME)),
                    check.toString());
        }
    }
}
