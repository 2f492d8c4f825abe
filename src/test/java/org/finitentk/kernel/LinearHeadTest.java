package org.finitentk.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.kernel.GradientStructure;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.kernel.LinearHead;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Image classifiers in small: more outputs than features, and gradients of all outputs that take much more memory than
 * there is.
 */
final class LinearHeadTest {
    private static final int OUTPUTS = 60;
    private static final int FEATURES = 24;

    /** Outputs as a product that a bias is added to, rather than in one node. */
    private enum Form {
        GEMM,
        MATMUL_AND_ADD,
        MATMUL,
        DEPENDENT_COLUMNS,
        /** As some libraries initialize a last layer. */
        ZEROS
    }

    private static Graph network(Form form) {
        Graph graph = NetworkBuilder.withSeed(3)
                .images(2, 16, 16)
                .convolution(32, 3, 1, 1)
                .activation(Activation.TANH)
                .maxPool(2)
                .convolution(400, 3, 1, 1)
                .activation(Activation.TANH)
                .globalAveragePool()
                .dense(FEATURES)
                .activation(Activation.TANH)
                .dense(OUTPUTS)
                .build();
        Node last = graph.nodes().stream()
                .filter(node -> node.output().equals(graph.outputs().get(0).name()))
                .findFirst()
                .orElseThrow();
        assertEquals("Gemm", last.op());
        boolean transposed = last.integer("transB", 0) == 1;
        float[] w = floats(graph, last.input(1));
        float[] columns = new float[w.length];
        for (int i = 0; i < OUTPUTS; i++) {
            for (int j = 0; j < FEATURES; j++) {
                // features that say the same as their neighbours
                int from = form == Form.DEPENDENT_COLUMNS ? j / 2 * 2 : j;
                columns[j * OUTPUTS + i] =
                        form == Form.ZEROS ? 0 : transposed ? w[i * FEATURES + from] : w[from * OUTPUTS + i];
            }
        }
        if (form == Form.GEMM) {
            return graph;
        }
        Map<String, Tensor> weights = new LinkedHashMap<>(graph.initializers());
        weights.put(last.input(1), Tensor.ofFloats(columns, FEATURES, OUTPUTS));
        List<Node> nodes = new ArrayList<>(graph.nodes());
        nodes.remove(last);
        String product = form == Form.MATMUL ? last.output() : "product";
        nodes.add(new Node("product", "", "MatMul", List.of(last.input(0), last.input(1)), List.of(product), Map.of()));
        if (form != Form.MATMUL) {
            nodes.add(new Node("sum", "", "Add", List.of(last.input(2), product), List.of(last.output()), Map.of()));
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), weights, nodes).withoutUnneeded();
    }

    private static float[] floats(Graph graph, String name) {
        Tensor tensor = graph.initializers().get(name);
        assertNotNull(tensor);
        float[] values = new float[(int) tensor.size()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }

    private static double[][] jacobian(LinearizedNetwork network, Examples x) {
        double[][] rows = new double[x.size() * OUTPUTS][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = network.vjp(
                    x.slice(i / OUTPUTS, i / OUTPUTS + 1), Outputs.all().cotangent(i % OUTPUTS, 1, OUTPUTS));
        }
        return rows;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void compare(double[][] left, double[][] right, double[] kernel, double scale) {
        for (int i = 0; i < left.length; i += 7) {
            for (int j = i % 3; j < right.length; j += 3) {
                assertEquals(
                        dot(left[i], right[j]),
                        kernel[i * right.length + j],
                        1e-5 * scale,
                        "row " + i + ", column " + j);
            }
        }
    }

    private static ValueInfo ofOneExample(ValueInfo value) {
        List<String> dims = new ArrayList<>(value.dims());
        dims.set(0, "1");
        return new ValueInfo(value.name(), value.type(), dims);
    }

    /** All features of an example together, and some; of networks as they are exported without open sizes, too. */
    @ParameterizedTest
    @CsvSource({
        "GEMM, 400, false, 24",
        "GEMM, 12, false, 24",
        "GEMM, 400, true, 24",
        "GEMM, 12, true, 24",
        "MATMUL_AND_ADD, 40, false, 24",
        "MATMUL, 6, false, 24",
        "MATMUL, 6, true, 24",
        "DEPENDENT_COLUMNS, 40, false, 12",
        "ZEROS, 40, false, 1",
        "ZEROS, 40, true, 1"
    })
    void kernelsOfMoreOutputsThanFeaturesAreProductsOfJacobians(
            Form form, int mebibytes, boolean oneExample, int features) {
        ExecutionSettings settings = ExecutionSettings.DEFAULT.withMemoryBudget((long) mebibytes << 20);
        Graph open = network(form);
        Graph graph = !oneExample
                ? open
                : new Graph(
                        open.name(),
                        open.inputs().stream().map(LinearHeadTest::ofOneExample).toList(),
                        open.outputs().stream()
                                .map(LinearHeadTest::ofOneExample)
                                .toList(),
                        open.initializers(),
                        open.nodes());
        try (LinearizedNetwork network = RunningNetwork.of(graph, ParameterSelection.DEFAULT, settings)) {
            LinearHead head = LinearHead.of(network);
            assertNotNull(head);
            assertEquals(features, head.features().count(OUTPUTS));
            requireLarge(network);
            Examples x = RandomExamples.draw(network.inputs(), 2, 2);
            Examples z = RandomExamples.draw(network.inputs(), 1, 4);
            double[][] jx = jacobian(network, x);
            double scale = dot(jx[0], jx[0]);
            compare(jx, jx, new TangentKernel(network).gram(x, Outputs.all()), scale);
            double[][] jz = jacobian(network, z);
            compare(jx, jz, new TangentKernel(network).gram(x, z, Outputs.all()), scale);
            compare(jz, jz, new TangentKernel(network).gram(z, Outputs.all()), scale);
        }
    }

    private static void requireLarge(LinearizedNetwork network) {
        try (GradientStructure structure =
                new GradientStructure(network, Outputs.all(), null, KernelTiles.choice(OUTPUTS, 2, 2))) {
            assertTrue(structure.isLarge(), "numbers " + structure.numbersPerExample());
        }
    }

    /** The layer's weights need not be parameters, and those of a network at other parameters are its own. */
    @Test
    void theLayersWeightsAreThoseInForce() {
        Graph graph = network(Form.GEMM);
        ParameterSelection others = new ParameterSelection(null, Pattern.compile(lastWeight(graph)));
        try (LinearizedNetwork network = RunningNetwork.of(graph, others, ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), 1, 2);
            double[][] rows = jacobian(network, x);
            compare(rows, rows, new TangentKernel(network).gram(x, Outputs.all()), dot(rows[0], rows[0]));
        }
        try (LinearizedNetwork source =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            double[] theta = source.parameterVector();
            for (int i = 0; i < theta.length; i++) {
                theta[i] += 0.2 * Math.sin(i);
            }
            try (LinearizedNetwork moved = source.at(theta)) {
                Examples x = RandomExamples.draw(source.inputs(), 1, 2);
                double[][] rows = jacobian(moved, x);
                compare(rows, rows, new TangentKernel(moved).gram(x, Outputs.all()), dot(rows[0], rows[0]));
            }
        }
    }

    @Test
    void rowsThatDoNotFitAreRefusedWithWhatTheyNeed() {
        Graph graph = NetworkBuilder.withSeed(1)
                .images(2, 64, 64)
                .convolutions(List.of(32, 500), Activation.TANH)
                .dense(OUTPUTS)
                .build();
        try (LinearizedNetwork network = RunningNetwork.of(
                graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(1 << 20))) {
            Examples x = RandomExamples.draw(network.inputs(), 1, 2);
            String message = assertThrows(
                            IllegalArgumentException.class, () -> new TangentKernel(network).gram(x, Outputs.all()))
                    .getMessage();
            assertTrue(
                    String.valueOf(message)
                            .matches("two rows of the kernel matrix.* have gradients of \\d+ MiB, and the "
                                    + "memory budget is 1 MiB; set .*--memory.*"),
                    message);
        }
    }

    /** As many gradients are announced as the listener hears of, and fewer than outputs. */
    @Test
    void whatIsAnnouncedIsMade() {
        try (LinearizedNetwork network =
                RunningNetwork.of(network(Form.GEMM), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(network.inputs(), 1, 2);
            TangentKernel.Estimate estimate = new TangentKernel(network).estimate(x, Outputs.all());
            assertEquals(OUTPUTS, estimate.rows());
            assertEquals(FEATURES, estimate.gradients());
            long[] heard = new long[2];
            new TangentKernel(network, (stage, done, total) -> {
                        heard[0] = Math.max(heard[0], done);
                        heard[1] = total;
                    })
                    .gram(x, Outputs.all());
            assertEquals(List.of(24L, 24L), List.of(heard[0], heard[1]));
            assertTrue(estimate.gradientBytes() < 64L << 20, estimate.toString());
        }
    }

    /** So is the kernel of two sets, whose tiles on the right are made for each on the left. */
    @Test
    void whatIsAnnouncedOfTwoSetsIsMade() {
        try (LinearizedNetwork network = RunningNetwork.of(
                network(Form.GEMM), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT.withMemoryBudget(8 << 20))) {
            Examples x = RandomExamples.draw(network.inputs(), 2, 2);
            Examples z = RandomExamples.draw(network.inputs(), 3, 3);
            TangentKernel.Estimate estimate = new TangentKernel(network).estimate(x, z, Outputs.all());
            assertEquals(2 * OUTPUTS, estimate.rows());
            long[] heard = new long[2];
            new TangentKernel(network, (stage, done, total) -> {
                        heard[0] = Math.max(heard[0], done);
                        heard[1] = total;
                    })
                    .gram(x, z, Outputs.all());
            assertEquals(List.of(estimate.gradients(), estimate.gradients()), List.of(heard[0], heard[1]));
            assertTrue(estimate.gradients() > 5L * FEATURES, estimate.toString());
            assertTrue(estimate.gradientBytes() <= 8 << 20, estimate.toString());
        }
    }

    private static String lastWeight(Graph graph) {
        return graph.nodes().stream()
                .filter(node -> node.output().equals(graph.outputs().get(0).name()))
                .findFirst()
                .orElseThrow()
                .input(1);
    }

    @Test
    void otherLastLayersAreNone() {
        Graph wide = NetworkBuilder.mlp(3, List.of(7), 5, Activation.TANH, 1);
        Graph curved = NetworkBuilder.withSeed(3)
                .features(3)
                .dense(2)
                .activation(Activation.TANH)
                .dense(5)
                .activation(Activation.TANH)
                .build();
        for (Graph graph : List.of(wide, curved, SequenceNetwork.of(2))) {
            try (LinearizedNetwork network =
                    RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                assertNull(LinearHead.of(network));
            }
        }
    }
}
