package org.finitentk.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.bundle.SpoiledBundle;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RenamedOutput;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.SmallNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bundles that {@code examples/python/export_bundle.py} wrote with PyTorch 1.13: they agree with our own
 * derivatives of the same forward graph, and each fault of an exporter is found by the property that it breaks.
 */
@NullUnmarked
final class ExportedBundleTest {
    @TempDir
    private Path folder;

    private static Path file(String name) {
        return Path.of("src/test/resources/bundles", name + ".zip");
    }

    private static LinearizationCheck check(LinearizationBundle bundle, Product spoiled, UnaryOperator<Graph> fault) {
        Map<Product, Graph> graphs = new EnumMap<>(
                Map.of(Product.FORWARD, bundle.forward(), Product.JVP, bundle.jvp(), Product.VJP, bundle.vjp()));
        graphs.computeIfPresent(spoiled, (product, graph) -> fault.apply(graph));
        return check(bundle, graphs);
    }

    private static LinearizationCheck check(LinearizationBundle bundle, Map<Product, Graph> graphs) {
        try (LinearizedNetwork network = SpoiledBundle.open(bundle, graphs)) {
            return LinearizationCheck.of(network, 3);
        }
    }

    private static void assertFails(LinearizationCheck check, String... names) {
        List<String> failed =
                check.failures().stream().map(Finding::name).sorted().toList();
        assertEquals(List.of(names).stream().sorted().toList(), failed, check.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "cnn", "layer-norm"})
    void productsAreThoseThatWeDerive(String name) throws IOException {
        LinearizationBundle bundle = LinearizationBundle.read(file(name));
        Path forward = folder.resolve("forward.onnx");
        ModelWriter.write(bundle.forward(), forward);
        try (LinearizedNetwork exported =
                        NetworkFile.open(file(name), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                LinearizedNetwork derived =
                        NetworkFile.open(forward, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            assertTrue(LinearizationCheck.of(exported, 1).passed());
            assertEquals(sorted(derived), sorted(exported));
            Examples x = RandomExamples.draw(exported.inputs(), 11, 5); // more than the graphs' batch, and no multiple
            double[] u = SmallNetworks.gaussian(new Random(2), Math.multiplyExact(11, exported.outputSize()), 1);
            assertArrayEquals(derived.forward(x), exported.forward(x), 1e-5);
            Map<String, double[]> theirs = byParameter(exported, exported.vjp(x, u));
            byParameter(derived, derived.vjp(x, u))
                    .forEach((parameter, gradient) ->
                            assertArrayEquals(gradient, theirs.get(parameter), 1e-4, parameter));
        }
    }

    private static List<String> sorted(LinearizedNetwork network) {
        return network.parameters().stream().map(Parameter::name).sorted().toList();
    }

    private static Map<String, double[]> byParameter(LinearizedNetwork network, double[] vector) {
        Map<String, double[]> parts = new LinkedHashMap<>();
        for (Parameter parameter : network.parameters()) {
            int from = Math.toIntExact(parameter.offset());
            parts.put(parameter.name(), Arrays.copyOfRange(vector, from, from + Math.toIntExact(parameter.size())));
        }
        return parts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlp", "cnn", "layer-norm"})
    void faultsOfAnExporterAreFound(String name) throws IOException {
        LinearizationBundle bundle = LinearizationBundle.read(file(name));
        assertFails(
                check(bundle, Product.JVP, graph -> scaled(graph, "jv", -1)),
                AdjointIdentity.NAME,
                FiniteDifferences.NAME);
        assertFails(check(bundle, Product.VJP, graph -> scaled(graph, "vjp", -1)), AdjointIdentity.NAME);
        assertFails(check(bundle, Product.VJP, graph -> scaled(graph, "vjp", 1.0 / 8)), AdjointIdentity.NAME);
        LinearizationCheck first = check(bundle, Product.VJP, ExportedBundleTest::ofTheFirstExample);
        assertTrue(first.failures().stream().anyMatch(finding -> finding.name().equals(AdjointIdentity.NAME)));
        assertFails(check(bundle, Product.VJP, graph -> gathered(graph, transposed(bundle))), AdjointIdentity.NAME);
        assertFails(
                check(bundle, Product.FORWARD, ExportedBundleTest::stale),
                FiniteDifferences.NAME,
                OutputAgreement.NAME);
        for (Product product : List.of(Product.JVP, Product.VJP)) {
            LinearizationCheck stale = check(bundle, product, ExportedBundleTest::stale);
            assertTrue(
                    stale.failures().stream().anyMatch(finding -> finding.name().equals(OutputAgreement.NAME)));
        }
    }

    /** Both graphs agree with each other, and neither with the manifest. */
    @ParameterizedTest
    @ValueSource(strings = {"mlp", "cnn", "layer-norm"})
    void anotherOrderOfParametersIsFound(String name) throws IOException {
        LinearizationBundle bundle = LinearizationBundle.read(file(name));
        long[] order = transposed(bundle);
        Map<Product, Graph> graphs = new EnumMap<>(Product.class);
        graphs.put(Product.FORWARD, bundle.forward());
        graphs.put(Product.VJP, gathered(bundle.vjp(), order));
        graphs.put(Product.JVP, scattered(bundle.jvp(), order));
        assertFails(check(bundle, graphs), FiniteDifferences.NAME);
    }

    /** Where the elements of the vector come from if the first weight matrix is laid down transposed. */
    private static long[] transposed(LinearizationBundle bundle) {
        Parameter weight = bundle.parameters().get(0);
        int count = Math.toIntExact(
                bundle.parameters().stream().mapToLong(Parameter::size).sum());
        long[] order = IntStream.range(0, count).asLongStream().toArray();
        int rows = Math.toIntExact(weight.shape().get(0));
        int columns = Math.toIntExact(weight.size() / rows);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                order[j * rows + i] = (long) i * columns + j;
            }
        }
        return order;
    }

    private static Graph with(Graph graph, Map<String, Tensor> more, List<Node> nodes) {
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.putAll(more);
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, nodes);
    }

    /** The node that makes an output makes another value, and this output is made of it. */
    private static Graph after(Graph graph, String output, String op, Tensor constant) {
        Graph inner = RenamedOutput.of(graph, output, output + "_before");
        List<Node> nodes = new ArrayList<>(inner.nodes());
        nodes.add(SmallNetworks.node(op, List.of(output + "_before", "fault"), output));
        return with(graph, Map.of("fault", constant), nodes);
    }

    private static Graph scaled(Graph graph, String output, double factor) {
        return after(graph, output, "Mul", Tensor.ofReals(ElementType.FLOAT, new double[] {factor}));
    }

    private static Graph gathered(Graph graph, long[] order) {
        return after(graph, "vjp", "Gather", Tensor.vector(order));
    }

    /** An input that is changed before anything uses it. */
    private static Graph before(Graph graph, String input, String op, Tensor constant) {
        List<Node> nodes = new ArrayList<>();
        nodes.add(SmallNetworks.node(op, List.of(input, "fault"), input + "_spoiled"));
        for (Node node : graph.nodes()) {
            List<String> inputs = new ArrayList<>(node.inputs());
            Collections.replaceAll(inputs, input, input + "_spoiled");
            nodes.add(new Node(node.name(), node.domain(), node.op(), inputs, node.outputs(), node.attributes()));
        }
        return with(graph, Map.of("fault", constant), nodes);
    }

    private static Graph ofTheFirstExample(Graph graph) {
        double[] mask = new double[8];
        mask[0] = 1;
        return before(graph, "cotangent", "Mul", Tensor.ofReals(ElementType.FLOAT, mask, 8, 1));
    }

    private static Graph scattered(Graph graph, long[] order) {
        long[] inverse = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            inverse[Math.toIntExact(order[i])] = i;
        }
        return before(graph, "tangent", "Gather", Tensor.vector(inverse));
    }

    /** The weights of a moment before: every float matrix a hundredth larger. */
    private static Graph stale(Graph graph) {
        Map<String, Tensor> changed = new LinkedHashMap<>();
        graph.initializers().forEach((name, tensor) -> {
            if (tensor.type() == ElementType.FLOAT && tensor.shape().length > 1) {
                double[] values = tensor.toDoubles();
                for (int i = 0; i < values.length; i++) {
                    values[i] *= 1.01;
                }
                changed.put(name, Tensor.ofReals(ElementType.FLOAT, values, tensor.shape()));
            }
        });
        return with(graph, changed, graph.nodes());
    }
}
