package org.finitentk.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.bundle.SpoiledBundle;
import org.finitentk.check.Finding.Outcome;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RenamedOutput;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.SharedFiles;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Good networks pass; each kind of fault is found, by the property that it breaks. */
@NullUnmarked
final class LinearizationCheckTest {
    static List<Path> models() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(SharedFiles.of("fixtures")));
        try (Stream<Path> files = Files.walk(SharedFiles.of("fixtures"));
                Stream<Path> backbones = Files.walk(SharedFiles.of("backbones"))) {
            return Stream.concat(files, backbones)
                    .filter(file -> file.toString().endsWith(".onnx"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void realNetworksPass(Path model) {
        LinearizedNetwork network;
        try {
            network = NetworkFile.open(model, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
        } catch (InvalidModelException e) {
            Assumptions.abort("no rule: " + e.getMessage());
            return;
        }
        try (network) {
            assertAllPassed(LinearizationCheck.of(network, 1));
        }
    }

    private static void assertAllPassed(LinearizationCheck check) {
        assertEquals(6, check.findings().size());
        for (Finding finding : check.findings()) {
            assertEquals(Outcome.PASSED, finding.outcome(), finding.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void smallNetworksPass(ElementType type) {
        for (String activation : List.of("Tanh", "Relu", "Sigmoid")) {
            for (String batch : List.of("n", "4")) { // free, and fixed
                try (LinearizedNetwork network = RunningNetwork.of(
                        withActivation(SmallNetworks.mlp(type, batch, 3, 16, 16, 2), activation),
                        ParameterSelection.DEFAULT,
                        ExecutionSettings.DEFAULT)) {
                    assertAllPassed(LinearizationCheck.of(network, 5));
                }
            }
        }
    }

    private static Graph withActivation(Graph graph, String activation) {
        return new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                graph.initializers(),
                graph.nodes().stream()
                        .map(node -> node.op().equals("Tanh")
                                ? SmallNetworks.node(activation, node.inputs(), node.output())
                                : node)
                        .toList());
    }

    /** One node before an output: output = op(the value that had its name, constant). */
    private static Graph spoil(Graph graph, String output, String op, double... constant) {
        Graph inner = RenamedOutput.of(graph, output, output + "_before");
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        ElementType type = graph.outputs().get(0).type();
        initializers.put(
                "spoiler",
                constant.length == 1
                        ? Tensor.ofReals(type, constant)
                        : Tensor.ofReals(type, constant, constant.length));
        List<Node> nodes = new ArrayList<>(inner.nodes());
        nodes.add(new Node("spoiling", "", op, List.of(output + "_before", "spoiler"), List.of(output), Map.of()));
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, nodes);
    }

    private static LinearizationCheck checkSpoiled(
            Graph network, Product product, String output, String op, double... constant) {
        LinearizationBundle good;
        try (LinearizedNetwork source =
                RunningNetwork.of(network, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            good = LinearizationBundle.of(source);
        }
        Map<Product, Graph> graphs = new EnumMap<>(
                Map.of(Product.FORWARD, good.forward(), Product.JVP, good.jvp(), Product.VJP, good.vjp()));
        graphs.computeIfPresent(product, (known, graph) -> spoil(graph, output, op, constant));
        try (LinearizedNetwork spoiled = SpoiledBundle.open(good, graphs)) {
            return LinearizationCheck.of(spoiled, 1);
        }
    }

    private static Map<String, Outcome> outcomes(LinearizationCheck check) {
        Map<String, Outcome> outcomes = new HashMap<>();
        check.findings().forEach(finding -> outcomes.put(finding.name(), finding.outcome()));
        return outcomes;
    }

    private static void assertFails(LinearizationCheck check, String... names) {
        assertFalse(check.passed());
        assertEquals(
                Arrays.stream(names).sorted().toList(),
                check.failures().stream().map(Finding::name).sorted().toList(),
                check.toString());
    }

    private static String sentence(LinearizationCheck check, String name) {
        return check.findings().stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow()
                .sentence();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void wrongGraphsFail(ElementType type) {
        Graph mlp = SmallNetworks.mlp(type, "n", 3, 8, 2);
        LinearizationCheck sign = checkSpoiled(mlp, Product.JVP, "jv", "Mul", -1);
        assertFails(sign, AdjointIdentity.NAME, FiniteDifferences.NAME);
        assertFails(checkSpoiled(mlp, Product.JVP, "jv", "Mul", 1, 1.1), AdjointIdentity.NAME, FiniteDifferences.NAME);
        assertFails(checkSpoiled(mlp, Product.VJP, "vjp", "Mul", 1.01), AdjointIdentity.NAME);
        assertFails(checkSpoiled(mlp, Product.FORWARD, "y", "Mul", 1.2), OutputAgreement.NAME, FiniteDifferences.NAME);
        assertFails(checkSpoiled(mlp, Product.JVP, "y", "Add", 1e-2), OutputAgreement.NAME);
        assertFails(checkSpoiled(mlp, Product.VJP, "y", "Add", 1e-2), OutputAgreement.NAME);
        assertFails(
                checkSpoiled(mlp, Product.VJP, "vjp", "Add", Double.NaN),
                FiniteValues.NAME,
                AdjointIdentity.NAME,
                BatchIndependence.NAME);
        double[] oneBias = new double[50];
        Arrays.fill(oneBias, 1);
        oneBias[49] = 0;
        LinearizationCheck bias = checkSpoiled(mlp, Product.VJP, "vjp", "Mul", oneBias);
        assertFails(bias, AdjointIdentity.NAME);
        assertTrue(sentence(bias, AdjointIdentity.NAME).contains("'b1'"), bias.toString());
    }

    /** x → h → mix(h) → y. */
    private static Graph mixing(String op, String batch) {
        Random random = new Random(3);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("w", Tensor.ofReals(ElementType.FLOAT, SmallNetworks.gaussian(random, 12, 1), 3, 4));
        weights.put("z", Tensor.ofReals(ElementType.FLOAT, SmallNetworks.gaussian(random, 8, 1), 4, 2));
        weights.put("first", Tensor.vector(0));
        List<Node> nodes = new ArrayList<>();
        nodes.add(SmallNetworks.node("MatMul", List.of("x", "w"), "h"));
        if (op.equals("Softmax")) {
            nodes.add(SmallNetworks.node(
                    "Softmax",
                    List.of("h"),
                    "m",
                    AttributeProto.newBuilder()
                            .setName("axis")
                            .setType(AttributeProto.AttributeType.INT)
                            .setI(0)
                            .build()));
        } else {
            nodes.add(SmallNetworks.node(op, List.of("h", "first"), "mean"));
            nodes.add(SmallNetworks.node("Sub", List.of("h", "mean"), "m"));
        }
        nodes.add(SmallNetworks.node("MatMul", List.of("m", "z"), "y"));
        return new Graph(
                "mixing",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of(batch, "3"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of(batch, "2"))),
                weights,
                nodes);
    }

    @Test
    void networksThatMixExamplesFail() {
        for (String op : List.of("Softmax", "ReduceMean", "ReduceSum")) {
            try (LinearizedNetwork network = RunningNetwork.of(
                    mixing(op, op.equals("ReduceMean") ? "4" : "n"),
                    ParameterSelection.DEFAULT,
                    ExecutionSettings.DEFAULT)) {
                LinearizationCheck check = LinearizationCheck.of(network, 1);
                assertFails(check, BatchIndependence.NAME);
                assertTrue(sentence(check, BatchIndependence.NAME).contains("mixes examples"), check.toString());
            }
        }
    }

    @Test
    void oneExampleIsRepeatedToTellBatchesApart() {
        try (LinearizedNetwork network = RunningNetwork.of(
                        mixing("Softmax", "n"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                LinearizedNetwork sound = RunningNetwork.of(
                        SmallNetworks.mlp(ElementType.FLOAT, "n", 3, 4, 2),
                        ParameterSelection.DEFAULT,
                        ExecutionSettings.DEFAULT)) {
            Examples one = SmallNetworks.examples(ElementType.FLOAT, 1, 3, 1);
            assertEquals(
                    Outcome.FAILED,
                    outcomes(LinearizationCheck.of(network, one, 1)).get(BatchIndependence.NAME));
            assertEquals(
                    Outcome.SKIPPED,
                    outcomes(LinearizationCheck.of(sound, one, 1)).get(BatchIndependence.NAME));
        }
    }

    @Test
    void allExamplesAreLookedAtForValuesThatAreNotFinite() {
        float[] values = new float[30 * 3];
        values[29 * 3] = Float.POSITIVE_INFINITY;
        values[29 * 3 + 1] = Float.NaN;
        try (LinearizedNetwork network = RunningNetwork.of(
                SmallNetworks.mlp(ElementType.FLOAT, "n", 3, 8, 2),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            LinearizationCheck check =
                    LinearizationCheck.of(network, Examples.of("x", Tensor.ofFloats(values, 30, 3)), 1);
            assertFails(check, FiniteValues.NAME);
            assertTrue(sentence(check, FiniteValues.NAME).contains("example 29"), check.toString());
        }
    }
}
