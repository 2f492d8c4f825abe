package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuning;
import org.finitentk.fisher.FisherOperator;
import org.finitentk.fisher.Likelihood;
import org.finitentk.internal.kernel.JacobianRows;
import org.finitentk.internal.kernel.TangentOperator;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.NotFiniteException;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.Solver;
import org.finitentk.regression.VarianceKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Derivatives that are not finite are refused by whoever meets them, by the example's place and the node's name. */
final class NotFiniteTest {
    private static final int BAD = 5;

    /** x [n, 2] · w, some operators of one input each, and · v to y [n, 1]. */
    private static Graph network(ElementType type, String... operators) {
        List<Node> nodes =
                new ArrayList<>(List.of(new Node("scale", "", "MatMul", List.of("x", "w"), List.of("h0"), Map.of())));
        for (int i = 0; i < operators.length; i++) {
            nodes.add(new Node(
                    "own_" + operators[i].toLowerCase(java.util.Locale.ROOT),
                    "",
                    operators[i],
                    List.of("h" + i),
                    List.of("h" + (i + 1)),
                    Map.of()));
        }
        nodes.add(new Node("head", "", "MatMul", List.of("h" + operators.length, "v"), List.of("y"), Map.of()));
        return new Graph(
                "edge",
                List.of(new ValueInfo("x", type, List.of("n", "2"))),
                List.of(new ValueInfo("y", type, List.of("n", "1"))),
                Map.of(
                        "w",
                        Tensor.ofReals(type, new double[] {1, 2, 0.25, 0.5}, 2, 2),
                        "v",
                        Tensor.ofReals(type, new double[] {1, -1}, 2, 1)),
                nodes);
    }

    /**
     * Twelve examples, one of which has the given numbers. Of (1, -4) the products with w are 0, but not their
     * derivatives.
     */
    private static Examples examples(ElementType type, double first, double second) {
        double[] x = new double[24];
        for (int i = 0; i < x.length; i++) {
            x[i] = 0.5 + 0.1 * i;
        }
        x[2 * BAD] = first;
        x[2 * BAD + 1] = second;
        return Examples.of("x", Tensor.ofReals(type, x, 12, 2));
    }

    private static String refused(Executable use) {
        return String.valueOf(assertThrows(NotFiniteException.class, use).getMessage());
    }

    private static void assertNames(String message, String node) {
        assertTrue(
                message.startsWith("the Jacobian of network 'edge' is not finite for example " + BAD + ", where "),
                message);
        assertTrue(message.contains("node '" + node + "'"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sqrt", "Elu Sqrt", "Softsign Sqrt"})
    void everyProductNamesExampleAndNode(String operators) {
        for (ElementType type : new ElementType[] {ElementType.FLOAT, ElementType.DOUBLE}) {
            try (LinearizedNetwork network = RunningNetwork.of(
                    network(type, operators.split(" ", -1)), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
                Examples x = examples(type, 1, -4);
                assertTrue(Arrays.stream(network.forward(x)).allMatch(Double::isFinite));
                double[] v = {1, 1, 1, 1, 1, 1};
                double[] u = new double[12];
                Arrays.fill(u, 1);
                List<Executable> uses = List.of(
                        () -> network.jvp(x, v),
                        () -> network.jvp(x, new double[][] {v, v}),
                        () -> network.linearized(x, v),
                        () -> network.vjp(x, u),
                        () -> network.vjp(x, new double[][] {u, u, u}),
                        () -> network.keeping(x).jvp(v),
                        () -> network.keeping(x).vjp(u),
                        () -> new TangentKernel(network).gram(x, Outputs.all()),
                        () -> new TangentKernel(network).gram(examples(type, 1, 1), x, Outputs.all()),
                        () -> new TangentKernel(network).diagonal(x, Outputs.all()),
                        () -> multiply(network, x),
                        () -> new JacobianRows(network, ProgressListener.NONE)
                                .forEach(x, Outputs.all(), (from, to, rows) -> {}),
                        () -> FisherOperator.exact(network, x, Likelihood.GAUSSIAN)
                                .multiply(v),
                        () -> new FineTuning(FineTuning.Loss.SQUARED_ERROR, new Adam(1e-2), 1, 4)
                                .train(network, x, u, null, 1, ProgressListener.NONE));
                for (Executable use : uses) {
                    assertNames(refused(use), "own_sqrt");
                }
                // parts keep the places of the whole
                assertNames(refused(() -> network.vjp(x.slice(3, 8), new double[] {1, 1, 1, 1, 1})), "own_sqrt");
                assertNames(refused(() -> network.jvp(x.slice(1, 9).select(0, 6, 4), v)), "own_sqrt");
                assertDoesNotThrow(() -> network.vjp(x.slice(0, BAD), new double[BAD]));
            }
        }
    }

    private static void multiply(LinearizedNetwork network, Examples x) {
        try (TangentOperator operator = TangentOperator.of(network, x, Outputs.all(), ProgressListener.NONE)) {
            double[] ones = new double[12];
            Arrays.fill(ones, 1);
            operator.multiply(ones, 1, new double[12]);
        }
    }

    @ParameterizedTest
    @EnumSource(Solver.class)
    void everySolverOfRegression(Solver solver) {
        try (LinearizedNetwork network = RunningNetwork.of(
                network(ElementType.FLOAT, "Sqrt"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            RegressionSettings settings =
                    RegressionSettings.DEFAULT.withSolver(solver, RegressionSettings.Iterative.DEFAULT);
            double[] targets = new double[12];
            Arrays.setAll(targets, i -> Math.sin(i));
            assertNames(
                    refused(() -> RegressionPosterior.fit(
                            network,
                            examples(ElementType.FLOAT, 1, -4),
                            targets,
                            null,
                            settings,
                            ProgressListener.NONE)),
                    "own_sqrt");
        }
    }

    /** exp(80) is a number of single precision, its square is not. */
    @Test
    void valuesBeyondThePrecision() {
        Graph graph = network(ElementType.FLOAT, "Exp", "Reciprocal");
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            String message = refused(() -> network.requireFinite(
                    network.forward(examples(ElementType.FLOAT, -300, -300)), examples(ElementType.FLOAT, -300, -300)));
            assertTrue(
                    message.contains("of network 'edge' is ")
                            && message.contains(
                                    "for example " + BAD + ", where node 'own_reciprocal' (Reciprocal) gives Infinity"),
                    message);
        }
    }

    @Test
    void vectorsThatAreNotFiniteAreNotTheNetworksFault() {
        try (LinearizedNetwork network = RunningNetwork.of(
                network(ElementType.FLOAT, "Tanh"), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            double[] jv = network.jvp(examples(ElementType.FLOAT, 1, 1), new double[] {Double.NaN, 1, 1, 1, 1, 1});
            assertEquals(12, jv.length);
        }
    }

    /** x [n, 2] · w + log x, or the log of x · w: weights are nowhere behind the logarithm. */
    private static Graph logarithm(boolean added) {
        List<Node> nodes = new ArrayList<>();
        nodes.add(new Node("scale", "", "MatMul", List.of("x", "w"), List.of("h"), Map.of()));
        nodes.add(new Node("own_log", "", "Log", List.of(added ? "x" : "h"), List.of(added ? "l" : "y"), Map.of()));
        if (added) {
            nodes.add(new Node("sum", "", "Add", List.of("h", "l"), List.of("y"), Map.of()));
        }
        return new Graph(
                "edge",
                List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "2"))),
                List.of(new ValueInfo("y", ElementType.FLOAT, List.of("n", "2"))),
                Map.of("w", Tensor.ofReals(ElementType.FLOAT, new double[] {1, 2, 0.25, 0.5}, 2, 2)),
                nodes);
    }

    /** A test example of which the network knows nothing gets no prediction, whoever asks and whatever the mean is. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereTheNetworkHasNoValueThereIsNoPrediction(boolean added) {
        try (LinearizedNetwork network =
                RunningNetwork.of(logarithm(added), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = examples(ElementType.FLOAT, 1, 1);
            Examples bad = examples(ElementType.FLOAT, -1, -1);
            double[] targets = new double[24];
            Arrays.setAll(targets, i -> i % 5);
            // where f is a sum, its derivatives do not ask for what has none
            for (MeanFunction mean : added ? List.of(MeanFunction.NETWORK) : List.of(MeanFunction.values())) {
                RegressionPosterior posterior = RegressionPosterior.fit(
                        network,
                        x,
                        targets,
                        null,
                        RegressionSettings.DEFAULT.withMean(mean).withFixedVariances(1, 1),
                        ProgressListener.NONE);
                for (Executable use : List.<Executable>of(
                        () -> posterior.mean(bad),
                        () -> posterior.predict(bad, VarianceKind.LATENT),
                        () -> posterior.sample(1, 1).get(0).at(bad))) {
                    String message = refused(use);
                    assertTrue(message.contains("example " + BAD), message);
                    assertTrue(message.contains("node 'own_log'"), message);
                }
            }
            if (!added) {
                String message = refused(() -> new TangentKernel(network).gram(bad, Outputs.all()));
                assertTrue(message.contains("is NaN for example " + BAD + ", where node 'own_log'"), message);
            }
        }
    }
}
