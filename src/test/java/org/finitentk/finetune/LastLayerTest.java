package org.finitentk.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.ParameterChoice;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.WrittenNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class LastLayerTest {
    static Stream<Arguments> graphs() {
        return Stream.of(
                Arguments.of(
                        "Gemm",
                        NetworkBuilder.mlp(2, List.of(2), 2, Activation.TANH, 1),
                        List.of("layers.1.weight", "layers.1.bias")),
                Arguments.of(
                        "separate bias, then LogSoftmax",
                        graph("MatMul x A > a", "Tanh a > b", "MatMul b B > c", "Add c v > d", "LogSoftmax d > y"),
                        List.of("B", "v")),
                Arguments.of(
                        "alias through Identity",
                        graph("MatMul x A > a", "Identity B > t", "MatMul a t > y"),
                        List.of("B")),
                Arguments.of(
                        "two branches",
                        graph("MatMul x A > a", "MatMul x B > b", "MatMul b C > c", "Add a c > y"),
                        List.of("A", "C")),
                Arguments.of(
                        "picked activations",
                        graph("MatMul x A > a", "Gather a v > b", "MatMul b B > c", "Gather c v > y"),
                        List.of("B")),
                Arguments.of(
                        "activations times activations",
                        graph("MatMul x A > a", "MatMul a x > b", "MatMul b a > y"),
                        List.of("A")),
                Arguments.of(
                        "scale at the end",
                        graph("MatMul x A > a", "MatMul a B > b", "Mul b v > y"),
                        List.of("B", "v")));
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void lastLayerIsFound(String name, Graph graph, List<String> expected) {
        ParameterSelection last = LastLayer.of(graph, ParameterSelection.DEFAULT);
        assertEquals(
                expected,
                ParameterChoice.of(graph, last).stream().map(Parameter::name).toList(),
                name);
    }

    @Test
    void weightsBehindOtherNodesAreFoundWhenSelected() {
        Graph transposed = graph("MatMul x A > a", "Transpose B > t", "MatMul a t > y");
        ParameterSelection last = LastLayer.of(transposed, new ParameterSelection(Pattern.compile("^[AB]$"), null));
        assertEquals(
                List.of("B"),
                ParameterChoice.of(transposed, last).stream()
                        .map(Parameter::name)
                        .toList());
        assertEquals(
                List.of("B"),
                ParameterChoice.of(transposed, LastLayer.of(transposed, ParameterSelection.DEFAULT)).stream()
                        .map(Parameter::name)
                        .toList());
        ParameterSelection first = new ParameterSelection(Pattern.compile("^A$"), null);
        assertThrows(InvalidModelException.class, () -> LastLayer.of(transposed, first));
    }

    @Test
    void exclusionsAreKept() {
        Graph mlp = NetworkBuilder.mlp(2, List.of(2), 2, Activation.TANH, 1);
        ParameterSelection last = LastLayer.of(mlp, new ParameterSelection(null, Pattern.compile("bias")));
        assertEquals(
                List.of("layers.1.weight"),
                ParameterChoice.of(mlp, last).stream().map(Parameter::name).toList());
        assertThrows(
                InvalidModelException.class,
                () -> LastLayer.of(mlp, new ParameterSelection(Pattern.compile("layers.0"), null)));
    }

    /** Nodes as {@code Op input… > output}; A, B, C are 2 × 2 weights, v a vector of 2. */
    private static Graph graph(String... nodes) {
        Map<String, Tensor> initializers = new HashMap<>();
        for (String name : List.of("A", "B", "C")) {
            initializers.put(name, Tensor.ofFloats(new float[4], 2, 2));
        }
        initializers.put("v", Tensor.ofFloats(new float[2], 2));
        List<Node> calls = Arrays.stream(nodes).map(LastLayerTest::node).toList();
        List<String> dims = List.of("batch", "2");
        return new Graph(
                "g",
                List.of(new ValueInfo("x", ElementType.FLOAT, dims)),
                List.of(new ValueInfo("y", ElementType.FLOAT, dims)),
                initializers,
                calls);
    }

    private static Node node(String text) {
        List<String> words = List.of(text.split(" "));
        int arrow = words.indexOf(">");
        return new Node(
                words.get(arrow + 1),
                "",
                words.get(0),
                words.subList(1, arrow),
                List.of(words.get(arrow + 1)),
                Map.of());
    }

    @Test
    void sizesOfEarlierLayersAndOperandsOfEinsumEndTheWalk() {
        Graph expanded =
                WrittenNetwork.of("input x[4]; w[4,6]; w2[6,2]; c[1,2]; integers zero[1] = 0; integers one[1] = 1;"
                        + "integers two[1] = 2;"
                        + "a = MatMul(x, w); t = Tanh(a); o = MatMul(t, w2); sh = Shape(a); n0 = Slice(sh, zero, one);"
                        + "size = Concat(n0, two) axis=0;"
                        + "e = Expand(c, size); y = Add(o, e)");
        Graph product = WrittenNetwork.of("input x[4]; w[4,6]; w2[6,2]; a = MatMul(x, w); t = Tanh(a);"
                + "y = Einsum(t, a, w2) equation=ij,ij,jk->ik");
        assertEquals(List.of("w2", "c"), names(expanded));
        assertEquals(List.of("w2"), names(product));
    }

    private static List<String> names(Graph graph) {
        return ParameterChoice.of(graph, LastLayer.of(graph, ParameterSelection.DEFAULT)).stream()
                .map(Parameter::name)
                .toList();
    }
}
