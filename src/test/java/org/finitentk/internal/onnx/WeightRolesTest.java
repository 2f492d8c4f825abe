package org.finitentk.internal.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.WeightRule;
import org.finitentk.testing.WeightNetworks;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every clause of the rule that tells weights from other constants, in the forms in which exporters write them. */
@NullUnmarked
final class WeightRolesTest {
    private static final String LAYERS = "input x[4]; w[4,6]; w2[6,1]; ";

    static List<WeightNetworks.Entry> networks() {
        return WeightNetworks.all();
    }

    private static List<String> weights(Graph graph) {
        return ParameterChoice.of(graph, ParameterSelection.DEFAULT).stream()
                .map(Parameter::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void weightsAreTold(WeightNetworks.Entry network) {
        Graph graph = WrittenNetwork.of(network.text());
        assertEquals(
                network.weights(),
                weights(graph),
                () -> ParameterChoice.explain(graph, ParameterSelection.DEFAULT).stream()
                        .map(FloatConstant::toString)
                        .collect(Collectors.joining("\n", "\n", "\n")));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void everyFloatConstantHasAReason(WeightNetworks.Entry network) {
        Graph graph = WrittenNetwork.of(network.text());
        List<FloatConstant> all = ParameterChoice.explain(graph, ParameterSelection.DEFAULT);
        assertEquals(
                graph.initializers().entrySet().stream()
                        .filter(e -> e.getValue().type().isDifferentiable())
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList(),
                all.stream().map(FloatConstant::name).sorted().toList());
        assertTrue(all.stream().noneMatch(constant -> constant.reason().isBlank()), all.toString());
    }

    /**
     * Numbers of Constant nodes stay such when a network is computed in another width, as networks of 16-bit floats
     * are.
     */
    @ParameterizedTest
    @MethodSource("networks")
    void anotherWidthHasTheSameWeights(WeightNetworks.Entry network) {
        assertEquals(network.weights(), weights(Retyping.float64(WrittenNetwork.of(network.text()))));
    }

    @Test
    void bothFormsOfOneNetworkHaveTheSameWeights() {
        Graph gemm = WrittenNetwork.of(LAYERS + "b[6]; b2[1]; h = Gemm(x, w, b); t = Tanh(h); y = Gemm(t, w2, b2)");
        Graph sums = WrittenNetwork.of(LAYERS
                + "b[6]; b2[1]; a = MatMul(x, w); h = Add(a, b); t = Tanh(h); o = MatMul(t, w2); y = Add(o, b2)");
        assertEquals(
                ParameterChoice.of(gemm, ParameterSelection.DEFAULT),
                ParameterChoice.of(sums, ParameterSelection.DEFAULT));
    }

    @Test
    void includeAdmitsWhatTheRuleLeavesOut() {
        Graph tied = WrittenNetwork.of(LAYERS
                + "v[6,6]; alpha[] = 0.5; a = MatMul(x, w); t = Tanh(a); s = Mul(t, alpha); c = MatMul(s, v);"
                + " d = Mul(c, alpha); y = MatMul(d, w2)");
        ParameterSelection all = new ParameterSelection(Pattern.compile(""), Pattern.compile("w2"));
        assertEquals(
                List.of("w", "alpha", "v"),
                ParameterChoice.of(tied, all).stream().map(Parameter::name).toList());
        FloatConstant left = ParameterChoice.explain(tied, all).stream()
                .filter(constant -> constant.name().equals("w2"))
                .findFirst()
                .orElseThrow();
        assertFalse(left.weight());
        assertEquals("its name matches exclude 'w2'", left.reason());
    }

    @Test
    void theOldRuleIsKept() {
        Graph scaled = WrittenNetwork.of(LAYERS
                + "mu[4]; b2[] = 0.3; z = Sub(x, mu); a = MatMul(z, w); t = Tanh(a); o = MatMul(t, w2); y ="
                + " Add(o, b2)");
        ParameterSelection old = new ParameterSelection(null, null, WeightRule.POSITION, List.of());
        assertEquals(
                List.of("mu", "w", "w2"),
                ParameterChoice.of(scaled, old).stream().map(Parameter::name).toList());
        assertEquals(List.of("w", "w2", "b2"), weights(scaled));
        assertEquals(
                List.of("mu", "w", "w2", "b2"),
                ParameterChoice.explain(scaled, old).stream()
                        .map(FloatConstant::name)
                        .toList());
    }

    @Test
    void numbersOfFormulasStaySoWhenANetworkIsWrittenAndReadAgain() {
        Graph graph = WrittenNetwork.of(
                LAYERS + "constant half[] = 0.5; a = MatMul(x, w); t = Tanh(a); s = Mul(t, half); y = MatMul(s, w2)");
        Graph again = ModelReader.read(ModelWriter.toBytes(graph), "again", null);
        assertTrue(again.initializers().get("half").isFromConstantNode());
        assertFalse(again.initializers().get("w").isFromConstantNode());
        assertEquals(weights(graph), weights(again));
    }

    @Test
    void whatNoNodeUsesIsListed() {
        Graph graph = WrittenNetwork.of(LAYERS + "spare[3]; a = MatMul(x, w); t = Tanh(a); y = MatMul(t, w2)");
        assertEquals(
                new FloatConstant("spare", List.of(3L), false, "no node uses it"),
                ParameterChoice.explain(graph, ParameterSelection.DEFAULT).get(2));
    }
}
