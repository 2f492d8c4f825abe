package org.finitentk.regression;

import static org.finitentk.regression.SmallRegression.ACCURATE;
import static org.finitentk.regression.SmallRegression.GRAPH;
import static org.finitentk.regression.SmallRegression.K;
import static org.finitentk.regression.SmallRegression.N;
import static org.finitentk.regression.SmallRegression.examples;
import static org.finitentk.regression.SmallRegression.fit;
import static org.finitentk.regression.SmallRegression.random;
import static org.finitentk.regression.SmallRegression.targets;
import static org.finitentk.regression.SmallRegression.weights;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The iterative and the parameter-space solver against the dense one, which is tested against the textbook. */
final class SolversTest {
    private static final LinearizedNetwork DOUBLES =
            RunningNetwork.of(DoubleNetworks.of(GRAPH), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final LinearizedNetwork FLOATS =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);

    @AfterAll
    static void close() {
        DOUBLES.close();
        FLOATS.close();
    }

    /** A case. */
    record Case(Solver solver, OutputStructure structure, MeanFunction mean, boolean weighted) {
        RegressionSettings settings() {
            return RegressionSettings.DEFAULT
                    .withFixedVariances(0.7, 0.05)
                    .withMean(mean)
                    .withOutputs(structure, structure == OutputStructure.SHARED ? 1 : RegressionSettings.SUM);
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Solver solver : List.of(Solver.ITERATIVE, Solver.PARAMETER_SPACE)) {
            for (OutputStructure structure :
                    List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED)) {
                for (MeanFunction mean : List.of(MeanFunction.ZERO, MeanFunction.CONSTANT, MeanFunction.NETWORK)) {
                    cases.add(new Case(solver, structure, mean, mean == MeanFunction.CONSTANT));
                }
            }
        }
        return cases;
    }

    /**
     * With a constant mean, targets may be years or kelvins: tolerances are not relative to what they have in common.
     */
    @ParameterizedTest
    @EnumSource(
            value = Solver.class,
            names = {"DENSE", "ITERATIVE", "PARAMETER_SPACE"})
    void whatAllTargetsHaveInCommonDoesNotMatter(Solver solver) {
        for (OutputStructure structure : List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT)) {
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(0.7, 0.05)
                    .withMean(MeanFunction.CONSTANT)
                    .withOutputs(structure, RegressionSettings.SUM)
                    .withSolver(solver, new RegressionSettings.Iterative(1e-5, 2000, 40, 10, 1));
            double[] offsets = {2e6, -3e4};
            double[] raised = targets();
            for (int i = 0; i < raised.length; i++) {
                raised[i] += offsets[i % K];
            }
            Examples z = examples(FLOATS, 7, 4);
            double[] expected = fit(FLOATS, settings, true).mean(z);
            double[] found = RegressionPosterior.fit(
                            FLOATS, examples(FLOATS, N, 2), raised, weights(true), settings, ProgressListener.NONE)
                    .mean(z);
            for (int i = 0; i < found.length; i++) {
                assertEquals(expected[i], found[i] - offsets[i % K], 1e-4, structure + ", value " + i);
            }
        }
    }

    /** Without noise in the targets the best noise variance is below what single precision tells. */
    @ParameterizedTest
    @EnumSource(
            value = HyperparameterLearning.class,
            names = {"BOTH", "NOISE"})
    void targetsWithoutNoiseAreFittedByTheIterativeSolver(HyperparameterLearning learning) {
        Examples x = examples(FLOATS, N, 2);
        double[] y = FLOATS.jvp(x, random((int) FLOATS.parameterCount(), 9));
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, 0.01)
                .withLearning(learning)
                .withMean(MeanFunction.ZERO)
                .withOutputs(OutputStructure.MATCHED, RegressionSettings.SUM)
                .withSolver(Solver.ITERATIVE, new RegressionSettings.Iterative(1e-4, 2000, 40, 10, 1));
        RegressionPosterior posterior = RegressionPosterior.fit(FLOATS, x, y, null, settings, ProgressListener.NONE);
        Solver.Iterations report = posterior.iterations();
        assertNotNull(report);
        assertEquals(Solver.Iterations.Status.CONVERGED, report.status());
        double norm =
                Math.sqrt(Arrays.stream(y).map(value -> value * value).average().orElseThrow());
        assertArrayEquals(y, posterior.mean(x), 5e-3 * norm);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesTheDenseAnswer(Case of) {
        for (LinearizedNetwork network : List.of(DOUBLES, FLOATS)) {
            double tolerance = network == DOUBLES ? 1e-7 : 2e-4;
            RegressionSettings.Iterative iterative =
                    network == DOUBLES ? ACCURATE : new RegressionSettings.Iterative(1e-5, 2000, 40, 10, 1);
            RegressionPosterior dense = fit(network, of.settings().withSolver(Solver.DENSE, iterative), of.weighted());
            RegressionPosterior other = fit(network, of.settings().withSolver(of.solver(), iterative), of.weighted());
            assertEquals(of.solver(), other.solver());
            Examples z = examples(network, 7, 4);
            RegressionPosterior.Predictive expected = dense.predict(z, VarianceKind.LATENT);
            RegressionPosterior.Predictive found = other.predict(z, VarianceKind.LATENT);
            assertArrayEquals(expected.mean(), found.mean(), tolerance);
            assertArrayEquals(expected.variance(), found.variance(), tolerance);
            assertArrayEquals(expected.mean(), other.mean(z), tolerance);
            if (of.solver() == Solver.PARAMETER_SPACE) {
                assertEquals(
                        dense.logMarginalLikelihood(),
                        other.logMarginalLikelihood(),
                        1e-2 * tolerance * Math.abs(dense.logMarginalLikelihood()) + 1e-6);
                assertNull(other.iterations());
            } else {
                Solver.Iterations report = other.iterations();
                assertNotNull(report);
                assertEquals(Solver.Iterations.Status.CONVERGED, report.status());
            }
            RegressionPosterior loaded = RegressionPosterior.fromProto(other.toProto(), network);
            RegressionPosterior.Predictive again = loaded.predict(z, VarianceKind.LATENT);
            assertArrayEquals(found.mean(), again.mean());
            assertArrayEquals(found.variance(), again.variance());
            assertArrayEquals(found.varianceError(), again.varianceError());
            assertEquals(other.iterations(), loaded.iterations());
            assertEquals(other.solverReason(), loaded.solverReason());
        }
    }

    @ParameterizedTest
    @EnumSource(HyperparameterLearning.class)
    void learnsTheSameVariances(HyperparameterLearning learning) {
        for (MeanFunction mean : List.of(MeanFunction.ZERO, MeanFunction.CONSTANT)) {
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(1, 0.4)
                    .withOutputs(OutputStructure.MATCHED, 0)
                    .withMean(mean)
                    .withLearning(learning);
            RegressionPosterior dense = fit(DOUBLES, settings.withSolver(Solver.DENSE, ACCURATE), false);
            RegressionPosterior parameters = fit(DOUBLES, settings.withSolver(Solver.PARAMETER_SPACE, ACCURATE), false);
            assertEquals(1, parameters.priorVariance(0) / dense.priorVariance(0), 1e-5);
            assertEquals(1, parameters.noiseVariance(0) / dense.noiseVariance(0), 1e-5);
            assertEquals(
                    dense.logMarginalLikelihood(),
                    parameters.logMarginalLikelihood(),
                    1e-8 * Math.abs(dense.logMarginalLikelihood()));
            RegressionPosterior iterative = fit(DOUBLES, settings.withSolver(Solver.ITERATIVE, ACCURATE), false);
            RegressionPosterior there = fit(
                    DOUBLES,
                    settings.withFixedVariances(iterative.priorVariance(0), iterative.noiseVariance(0))
                            .withSolver(Solver.DENSE, ACCURATE),
                    false);
            // the derivative's trace is an estimate, so the top is missed by a little
            assertEquals(
                    dense.logMarginalLikelihood(),
                    there.logMarginalLikelihood(),
                    0.1,
                    "at " + iterative.priorVariance(0) + ", " + iterative.noiseVariance(0) + " instead of "
                            + dense.priorVariance(0) + ", " + dense.noiseVariance(0));
            if (learning != HyperparameterLearning.NONE) {
                assertEquals(there.logMarginalLikelihood(), iterative.logMarginalLikelihood(), 3);
            }
        }
    }

    /** Networks of many parameters, for each way of multiplying. */
    private static LinearizedNetwork wide(Solver.Iterations.Products products) {
        Graph graph = NetworkBuilder.mlp(3, List.of(20, 20), K, Activation.TANH, 1);
        ExecutionSettings execution = products == Solver.Iterations.Products.MATRIX
                ? ExecutionSettings.DEFAULT
                : ExecutionSettings.DEFAULT.withMemoryBudget(100_000);
        return RunningNetwork.of(
                products == Solver.Iterations.Products.NETWORK ? DoubleNetworks.of(graph) : graph,
                ParameterSelection.DEFAULT,
                execution);
    }

    static List<Arguments> productsAndPreconditioners() {
        return Arrays.stream(Solver.Iterations.Products.values())
                .flatMap(products ->
                        Arrays.stream(PreconditionerMethod.values()).map(method -> Arguments.of(products, method)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("productsAndPreconditioners")
    void productsOfAllKindsGiveTheDenseAnswer(
            Solver.Iterations.Products products, PreconditionerMethod preconditioner) {
        try (LinearizedNetwork network = wide(products)) {
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(0.7, 0.05)
                    .withMean(MeanFunction.CONSTANT)
                    .withOutputs(OutputStructure.MATCHED, 0);
            RegressionSettings.Iterative iterative =
                    new RegressionSettings.Iterative(1e-6, 2000, 40, 10, 1).withPreconditioner(preconditioner);
            RegressionPosterior dense = fit(network, settings.withSolver(Solver.DENSE, iterative), true);
            RegressionPosterior other = fit(network, settings.withSolver(Solver.ITERATIVE, iterative), true);
            Solver.Iterations report = other.iterations();
            assertNotNull(report);
            assertEquals(products, report.products());
            assertTrue(report.rank() > 10 && report.rank() <= 40, "rank " + report.rank());
            Examples z = examples(network, 7, 4);
            RegressionPosterior.Predictive expected = dense.predict(z, VarianceKind.LATENT);
            assertArrayEquals(
                    expected.mean(), other.predict(z, VarianceKind.LATENT).mean(), 2e-5);
            assertArrayEquals(expected.variance(), other.variance(z, VarianceKind.LATENT), 2e-5);
            RegressionPosterior loaded = RegressionPosterior.fromProto(other.toProto(), network);
            assertArrayEquals(other.variance(z, VarianceKind.LATENT), loaded.variance(z, VarianceKind.LATENT));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // network, examples, learning, solver, whether the iterative one had to be looked at
        "large, 1000, NONE, DENSE, false",
        "large, 1000, BOTH, DENSE, false",
        "large, 10000, NONE, DENSE, false",
        "large, 10000, BOTH, ITERATIVE, true",
        "large, 100000, NONE, ITERATIVE, true",
        "large, 100000, BOTH, ITERATIVE, true",
        "small, 50, BOTH, DENSE, false",
        "small, 100000, BOTH, PARAMETER_SPACE, false",
        "small, 1000000, NONE, PARAMETER_SPACE, false"
    })
    void theChoiceIsByCost(String name, int n, HyperparameterLearning learning, Solver expected, boolean looked) {
        Graph graph = name.equals("large")
                ? NetworkBuilder.mlp(5, List.of(200, 2000, 200), 1, Activation.ELU, 1)
                : NetworkBuilder.mlp(3, List.of(6, 5), 1, Activation.TANH, 1);
        try (LinearizedNetwork network = RunningNetwork.of(
                graph,
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT.withThreads(2).withMemoryBudget(2L << 30))) {
            RegressionSettings settings = RegressionSettings.DEFAULT.withLearning(learning);
            SolverChoice choice = SolverChoice.of(problem(network, n, settings));
            assertEquals(expected, choice.solver(), choice.reason());
            assertEquals(looked, choice.reason().contains("ITERATIVE"), choice.reason());
        }
    }

    /** Of n zeros. */
    private static Problem problem(LinearizedNetwork network, int n, RegressionSettings settings) {
        OutputPlan plan = OutputPlan.of(settings, 1, 1).get(0);
        Examples x = examples(network, n, 1);
        TrainingKernel kernel =
                new TrainingKernel(network, x, RowNoise.EQUAL, plan.kernels().get(0), 1);
        Targets targets = new Targets(new double[n], 1, new double[0], 0);
        return new Problem(List.of(kernel), RowNoise.EQUAL, targets, plan, 0, settings, ProgressListener.NONE);
    }

    @Test
    void meansAloneComputeNoVariance() {
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withFixedVariances(0.7, 0.3).withSolver(Solver.ITERATIVE, ACCURATE);
        RegressionPosterior loaded =
                RegressionPosterior.fromProto(fit(FLOATS, settings, false).toProto(), FLOATS);
        Examples z = examples(FLOATS, 5, 6);
        RegressionPosterior.Predictive alone = loaded.predict(z, VarianceKind.NONE);
        assertTrue(Arrays.stream(alone.variance()).allMatch(Double::isNaN)
                && Arrays.stream(alone.varianceError()).allMatch(Double::isNaN));
        assertFalse(((IterativeProcess) loaded.parts().get(0).process()).isPrepared());
        assertArrayEquals(alone.mean(), loaded.predict(z, VarianceKind.LATENT).mean(), 1e-4);
        assertTrue(((IterativeProcess) loaded.parts().get(0).process()).isPrepared());
    }

    @Test
    void saysWhenItDidNotConvergeAndRefusesWhatIsNoAnswer() {
        RegressionSettings settings = RegressionSettings.DEFAULT.withFixedVariances(1, 1e-2);
        Solver.Iterations report = fit(
                        DOUBLES,
                        settings.withSolver(Solver.ITERATIVE, new RegressionSettings.Iterative(1e-9, 12, 10, 2, 1)),
                        false)
                .iterations();
        assertNotNull(report);
        assertEquals(Solver.Iterations.Status.BUDGET, report.status());
        assertEquals(12, report.iterations());
        assertTrue(
                report.residual() > 1e-9
                        && report.residual() <= 0.1
                        && Convergence.advice(report).contains("allow more iterations"),
                Convergence.advice(report));
        String refused = assertThrows(
                        UnsolvedException.class,
                        () -> fit(
                                DOUBLES,
                                settings.withSolver(
                                        Solver.ITERATIVE, new RegressionSettings.Iterative(1e-9, 1, 1, 2, 1)),
                                false))
                .getMessage();
        assertTrue(
                String.valueOf(refused).contains("allow more than 1 iterations")
                        && String.valueOf(refused).contains("BUDGET"),
                refused);
    }

    /** α is made of the targets' solve and those of the constant mean: what is reported is the residual of α. */
    @ParameterizedTest
    @CsvSource({"1e-6, 10, BUDGET", "1e-8, 12, BUDGET", "0.09, 30, CONVERGED"})
    void reportsTheResidualOfTheSolutionThatIsUsed(double tolerance, int iterations, Solver.Iterations.Status status) {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, 1e-2)
                .withMean(MeanFunction.CONSTANT)
                .withOutputs(OutputStructure.SHARED, 0)
                .withSolver(Solver.ITERATIVE, new RegressionSettings.Iterative(tolerance, iterations, 2, 2, 1));
        Examples x = examples(DOUBLES, N, 2);
        double[] y = new double[N];
        Arrays.setAll(y, i -> targets()[i * K]);
        RegressionPosterior posterior = RegressionPosterior.fit(DOUBLES, x, y, null, settings, ProgressListener.NONE);
        double[] alpha = posterior.parts().get(0).solutions().get(0).alpha();
        double[] product = DOUBLES.jvp(x, DOUBLES.vjp(x, Outputs.single(0).cotangents(alpha, K)));
        double average = Arrays.stream(y).average().orElseThrow();
        double left = 0;
        double norm = 0;
        for (int i = 0; i < N; i++) {
            left += Math.pow(y[i] - posterior.constantMean(0) - product[i * K] - 1e-2 * alpha[i], 2);
            norm += Math.pow(y[i] - average, 2);
        }
        Solver.Iterations report = posterior.iterations();
        assertNotNull(report);
        assertEquals(status, report.status());
        assertEquals(Math.sqrt(left / norm), report.residual(), 1e-9);
    }

    /** Where JᵀJ is singular but for rounding, and so would be the solution. */
    @Test
    void littleNoiseDoesNotBlowUpParameterSpace() {
        Graph small = NetworkBuilder.mlp(3, List.of(5, 4), 1, Activation.TANH, 1);
        try (LinearizedNetwork network =
                RunningNetwork.of(small, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = Examples.of(
                    small.inputs().get(0).name(), Tensor.ofReals(network.elementType(), random(180, 2), 60, 3));
            double[] y = random(60, 4);
            for (double[] variances : new double[][] {{1e12, 1e-12}, {1, 1e-14}}) {
                RegressionSettings settings = RegressionSettings.DEFAULT
                        .withFixedVariances(variances[0], variances[1])
                        .withMean(MeanFunction.ZERO)
                        .withSolver(Solver.PARAMETER_SPACE, ACCURATE);
                assertThrows(
                        UnsolvedException.class,
                        () -> RegressionPosterior.fit(network, x, y, null, settings, ProgressListener.NONE));
                RegressionPosterior posterior = RegressionPosterior.fit(
                        network, x, y, null, settings.withSolver(Solver.AUTO, ACCURATE), ProgressListener.NONE);
                double largest = Arrays.stream(
                                posterior.predict(x, VarianceKind.LATENT).mean())
                        .map(Math::abs)
                        .max()
                        .orElseThrow();
                assertTrue(largest < 10, "mean " + largest + " of targets below 1");
            }
        }
    }

    @Test
    void aListenerCancels() {
        CancellationException cancel = new CancellationException("enough");
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withFixedVariances(1, 1e-6).withSolver(Solver.ITERATIVE, ACCURATE);
        assertThrows(
                CancellationException.class,
                () -> RegressionPosterior.fit(
                        FLOATS, examples(FLOATS, N, 2), targets(), null, settings, (stage, done, total) -> {
                            if (stage.startsWith("conjugate")) {
                                throw cancel;
                            }
                        }));
    }

    @Test
    void refusesWhatItCannotDo() {
        RegressionSettings noiseless = RegressionSettings.DEFAULT.withFixedVariances(1, 0);
        for (Solver solver : List.of(Solver.ITERATIVE, Solver.PARAMETER_SPACE)) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> fit(FLOATS, noiseless.withSolver(solver, ACCURATE), false))
                    .getMessage();
            assertTrue(String.valueOf(message).contains("noise variance is 0"), message);
        }
        assertThrows(IllegalArgumentException.class, () -> new RegressionSettings.Iterative(0, 1, 0, 2, 1));
    }

    @ParameterizedTest
    @EnumSource(
            value = Solver.class,
            names = {"ITERATIVE", "PARAMETER_SPACE"})
    void extremeVariancesAndTargets(Solver solver) {
        for (double[] variances : new double[][] {{1e-12, 1}, {1, 1e6}, {1e8, 1e-2}, {1, 1e-7}}) {
            RegressionSettings settings = RegressionSettings.DEFAULT.withFixedVariances(variances[0], variances[1]);
            RegressionSettings.Iterative iterative = new RegressionSettings.Iterative(1e-8, 5000, 90, 2, 1);
            double[] y = targets();
            y[17] = 1e6;
            Examples x = examples(DOUBLES, N, 2);
            double[] dense = RegressionPosterior.fit(
                            DOUBLES, x, y, null, settings.withSolver(Solver.DENSE, iterative), ProgressListener.NONE)
                    .predict(x, VarianceKind.LATENT)
                    .mean();
            double[] other = RegressionPosterior.fit(
                            DOUBLES, x, y, null, settings.withSolver(solver, iterative), ProgressListener.NONE)
                    .predict(x, VarianceKind.LATENT)
                    .mean();
            double largest = Arrays.stream(dense).map(Math::abs).max().orElse(0);
            // with a condition of 1e12 rounding leaves three to four digits, of the dense answer too
            assertArrayEquals(
                    dense,
                    other,
                    (variances[0] > 1 ? 1e-3 : 1e-4) * largest,
                    "λ " + variances[0] + ", σ² " + variances[1]);
        }
    }
}
