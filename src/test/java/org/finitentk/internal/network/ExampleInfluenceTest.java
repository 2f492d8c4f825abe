package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuning;
import org.finitentk.fisher.FisherOperator;
import org.finitentk.fisher.FisherOperator.Difference;
import org.finitentk.fisher.Likelihood;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.kernel.TangentOperator;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.testing.SmallNetworks;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks whose examples influence each other have no kernel; those that only round differently in other batches do.
 */
final class ExampleInfluenceTest {
    private static final Tensor AXIS_0 = Tensor.vector(0);

    /** x [batch, 4] · w + b, some operators, and y [batch, 4]. */
    private static Graph network(String batch, Map<String, Tensor> constants, List<Node> middle) {
        Random random = new Random(3);
        Map<String, Tensor> weights = new LinkedHashMap<>(constants);
        weights.put("w", Tensor.ofReals(ElementType.FLOAT, SmallNetworks.gaussian(random, 16, 0.7), 4, 4));
        weights.put("b", Tensor.ofReals(ElementType.FLOAT, SmallNetworks.gaussian(random, 4, 0.5), 4));
        List<Node> nodes = new ArrayList<>();
        nodes.add(SmallNetworks.node("Gemm", List.of("x", "w", "b"), "h"));
        nodes.addAll(middle);
        return new Graph(
                "mixing",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of(batch, "4"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of(batch, "4"))),
                weights,
                nodes);
    }

    private static Node node(String op, List<String> inputs, String output, Attributes attributes) {
        return new Node(output, "", op, inputs, List.of(output), attributes.build());
    }

    static Stream<Named<Graph>> mixing() {
        Attributes axis0 = new Attributes().integer("axis", 0);
        Map<String, Tensor> axis = Map.of("axis", AXIS_0);
        return Stream.of(
                Named.of(
                        "Softmax over the batch",
                        network("n", Map.of(), List.of(node("Softmax", List.of("h"), "y", axis0)))),
                Named.of(
                        "fixed batch of 3", network("3", Map.of(), List.of(node("Softmax", List.of("h"), "y", axis0)))),
                Named.of(
                        "mean over the batch",
                        network(
                                "n",
                                axis,
                                List.of(
                                        SmallNetworks.node("ReduceMean", List.of("h", "axis"), "m"),
                                        SmallNetworks.node("Sub", List.of("h", "m"), "y")))),
                Named.of(
                        "largest of the batch",
                        network(
                                "n",
                                axis,
                                List.of(
                                        SmallNetworks.node("ReduceMax", List.of("h", "axis"), "m"),
                                        SmallNetworks.node("Mul", List.of("h", "m"), "y")))),
                Named.of(
                        "statistics of the batch",
                        network(
                                "n",
                                Map.of("axis", AXIS_0, "one", Tensor.ofFloats(new float[] {1}, 1)),
                                List.of(
                                        SmallNetworks.node("ReduceMean", List.of("h", "axis"), "m"),
                                        SmallNetworks.node("Sub", List.of("h", "m"), "d"),
                                        SmallNetworks.node("Mul", List.of("d", "d"), "q"),
                                        SmallNetworks.node("ReduceMean", List.of("q", "axis"), "s"),
                                        SmallNetworks.node("Add", List.of("s", "one"), "t"),
                                        SmallNetworks.node("Div", List.of("d", "t"), "y")))),
                Named.of(
                        "sums up to each example",
                        network(
                                "n",
                                Map.of("axis", Tensor.ofLongs(new long[] {0})),
                                List.of(SmallNetworks.node("CumSum", List.of("h", "axis"), "y")))),
                Named.of(
                        "elements of several examples in a row",
                        network(
                                "n",
                                Map.of("flat", Tensor.vector(4, -1), "back", Tensor.vector(-1, 4)),
                                List.of(
                                        SmallNetworks.node("Reshape", List.of("h", "flat"), "f"),
                                        node("Transpose", List.of("f"), "t", new Attributes().integers("perm", 1, 0)),
                                        SmallNetworks.node("Tanh", List.of("f"), "g"),
                                        SmallNetworks.node("Reshape", List.of("g", "back"), "k"),
                                        SmallNetworks.node("Reshape", List.of("t", "back"), "l"),
                                        SmallNetworks.node("Add", List.of("k", "l"), "y")))),
                Named.of(
                        "attention among examples",
                        network(
                                "n",
                                Map.of(),
                                List.of(
                                        node("Transpose", List.of("h"), "t", new Attributes().integers("perm", 1, 0)),
                                        SmallNetworks.node("MatMul", List.of("h", "t"), "s"),
                                        node("Softmax", List.of("s"), "p", new Attributes().integer("axis", 1)),
                                        SmallNetworks.node("MatMul", List.of("p", "h"), "y")))),
                Named.of(
                        "the number of examples",
                        network(
                                "n",
                                Map.of("zero", Tensor.vector(0)),
                                List.of(
                                        SmallNetworks.node("Shape", List.of("x"), "s"),
                                        SmallNetworks.node("Gather", List.of("s", "zero"), "g"),
                                        node("Cast", List.of("g"), "c", new Attributes().integer("to", 1)),
                                        SmallNetworks.node("Div", List.of("h", "c"), "y")))));
    }

    private static LinearizedNetwork open(Graph graph) {
        return RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    @ParameterizedTest
    @MethodSource("mixing")
    void networksThatMixExamplesAreRefused(Graph graph) {
        for (int n : new int[] {1, 2, 5, 40}) {
            try (LinearizedNetwork network = open(graph)) {
                String message = String.valueOf(assertThrows(
                                InvalidModelException.class,
                                () -> network.requireIndependentExamples(
                                        SmallNetworks.examples(ElementType.FLOAT, n, 4, 2)))
                        .getMessage());
                assertTrue(message.contains("'mixing' lets examples influence each other: element "), message);
                assertTrue(message.contains("of output 'y' for example ") && message.contains("export"), message);
            }
        }
    }

    /** Nodes of the derivative have no names that a person knows, and the number of examples cannot be fixed. */
    @Test
    void anAxisOfExamplesIsNotToBeFixed() {
        Graph graph = network(
                "n",
                Map.of("axis", AXIS_0),
                List.of(
                        node("ReduceMean", List.of("h", "axis"), "m", new Attributes()),
                        node("Sub", List.of("h", "m"), "y", new Attributes())));
        Examples x = Examples.of("x", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6, 7, 9}, 2, 4));
        InvalidModelException e = assertThrows(InvalidModelException.class, () -> {
            try (LinearizedNetwork network =
                    RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                network.vjp(x, new double[8]);
            }
        });
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.startsWith("node 'm' (ReduceMean) takes the mean over an axis of [?, 4] whose size is open")
                        && message.contains("they influence each other"),
                message);
    }

    @Test
    void everythingThatNeedsAKernelRefusesAndProductsDoNot() {
        Graph graph = network(
                "n", Map.of(), List.of(node("Softmax", List.of("h"), "y", new Attributes().integer("axis", 0))));
        try (LinearizedNetwork network = open(graph)) {
            Examples x = SmallNetworks.examples(ElementType.FLOAT, 6, 4, 2);
            network.linearized(x, new double[20]);
            network.vjp(x, new double[24]);
            List<Executable> uses = List.of(
                    () -> new TangentKernel(network).gram(x, Outputs.all()),
                    () -> new TangentKernel(network).gram(x, x, Outputs.all()),
                    () -> new TangentKernel(network).diagonal(x, Outputs.all()),
                    () -> TangentOperator.of(network, x, Outputs.all(), ProgressListener.NONE)
                            .close(),
                    () -> new JacobianRows(network, ProgressListener.NONE)
                            .forEach(x, Outputs.all(), (from, to, rows) -> {}),
                    () -> FisherOperator.exact(network, x, Likelihood.GAUSSIAN),
                    () -> FisherOperator.approximate(network, x, Likelihood.GAUSSIAN, Difference.FORWARD),
                    () -> new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1e-2), 1, 3)
                            .train(network, x, new double[24], null, 1, ProgressListener.NONE));
            for (Executable use : uses) {
                assertThrows(InvalidModelException.class, use);
            }
        }
    }

    /**
     * Wide layers whose sums are rounded differently in batches of other sizes; values around 1e4 that nearly cancel.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9})
    void roundingIsNoInfluence(int n) {
        Graph wide = SmallNetworks.mlp(ElementType.FLOAT, "n", 50, 1000, 300, 3);
        Graph shifted = network(
                "n",
                Map.of("far", Tensor.ofFloats(new float[] {1e4f}, 1)),
                List.of(
                        SmallNetworks.node("Add", List.of("h", "far"), "f"),
                        SmallNetworks.node("Sub", List.of("f", "far"), "y")));
        Graph fixed = network("3", Map.of(), List.of(SmallNetworks.node("Tanh", List.of("h"), "y")));
        Graph one = network("1", Map.of(), List.of(SmallNetworks.node("Tanh", List.of("h"), "y")));
        for (Graph graph : List.of(wide, shifted, fixed, one)) {
            try (LinearizedNetwork network = open(graph)) {
                int width = (int) network.inputs().get(0).dim(1);
                assertDoesNotThrow(() ->
                        network.requireIndependentExamples(SmallNetworks.examples(ElementType.FLOAT, n, width, 5)));
            }
        }
    }

    /** The state of two layers [2, batch, 3] beside x [batch, 5, 2]: rows of the state are layers and not examples. */
    @Test
    void layersOfARecurrentStateAreNotTakenForExamples() {
        Random random = new Random(1);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("w", Tensor.ofReals(ElementType.FLOAT, SmallNetworks.gaussian(random, 6, 0.5), 2, 3));
        weights.put("axes", Tensor.vector(0));
        weights.put("axis1", Tensor.vector(1));
        List<Node> nodes = List.of(
                SmallNetworks.node("MatMul", List.of("x", "w"), "h"),
                node("ReduceSum", List.of("h", "axis1"), "s", new Attributes().integer("keepdims", 0)),
                node("ReduceSum", List.of("state", "axes"), "t", new Attributes().integer("keepdims", 0)),
                SmallNetworks.node("Add", List.of("s", "t"), "y"));
        Graph graph = new Graph(
                "recurrent",
                List.of(
                        new ValueInfo("x", ElementType.FLOAT, List.of("batch", "5", "2")),
                        new ValueInfo("state", ElementType.FLOAT, List.of("2", "batch", "3"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("batch", "3"))),
                weights,
                nodes);
        try (LinearizedNetwork network = open(graph)) {
            Examples x = RandomExamples.draw(
                    List.of(
                            network.inputs().get(0),
                            new ValueInfo("state", ElementType.FLOAT, List.of("batch", "2", "3"))),
                    2,
                    1);
            String message = String.valueOf(
                    assertThrows(InvalidModelException.class, () -> network.requireIndependentExamples(x))
                            .getMessage());
            assertTrue(message.contains("along axis 1 of input 'state'"), message);
        }
    }
}
