package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.kernel.UnsolvedException;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameter space with more parameters (602) than rows (80): by Fisher products. */
class FisherProcessTest {
    private static final int N = 40;
    private static final int K = 2;
    private static final Graph GRAPH = NetworkBuilder.mlp(3, List.of(20, 20), K, Activation.TANH, 1);
    private static final LinearizedNetwork DOUBLES =
            RunningNetwork.of(DoubleNetworks.of(GRAPH), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final LinearizedNetwork FLOATS =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);

    @AfterAll
    static void close() {
        DOUBLES.close();
        FLOATS.close();
    }

    private static double[] random(int size, long seed) {
        return new SplittableRandom(seed).doubles(size, -1, 1).toArray();
    }

    private static Examples examples(LinearizedNetwork network, int n, long seed) {
        return Examples.of(
                GRAPH.inputs().get(0).name(), Tensor.ofReals(network.elementType(), random(n * 3, seed), n, 3));
    }

    private static double[] weights() {
        return Arrays.stream(random(N, 5)).map(w -> 1.5 + w).toArray();
    }

    private static RegressionPosterior fit(
            LinearizedNetwork network,
            RegressionSettings settings,
            Solver solver,
            RegressionSettings.Iterative iterative) {
        double[] y = random(N * K, 3);
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.sin(i / 9.0) + 0.3 * y[i] + i % K;
        }
        return RegressionPosterior.fit(
                network,
                examples(network, N, 2),
                y,
                weights(),
                settings.withSolver(solver, iterative),
                ProgressListener.NONE);
    }

    static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (OutputStructure structure :
                List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED)) {
            for (MeanFunction mean : List.of(MeanFunction.ZERO, MeanFunction.CONSTANT, MeanFunction.NETWORK)) {
                cases.add(Arguments.of(structure, mean));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesTheDenseAnswer(OutputStructure structure, MeanFunction mean) {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(0.7, 0.05)
                .withMean(mean)
                .withOutputs(structure, structure == OutputStructure.SHARED ? 1 : 0);
        for (LinearizedNetwork network : List.of(DOUBLES, FLOATS)) {
            double tolerance = network == DOUBLES ? 1e-7 : 1e-3;
            RegressionSettings.Iterative iterative =
                    new RegressionSettings.Iterative(network == DOUBLES ? 1e-9 : 1e-3, 2000, 30, 10, 1);
            RegressionPosterior dense = fit(network, settings, Solver.DENSE, iterative);
            RegressionPosterior fisher = fit(network, settings, Solver.PARAMETER_SPACE, iterative);
            assertEquals(Solver.PARAMETER_SPACE, fisher.solver());
            assertTrue(fisher.solverReason().contains("by Fisher products"), fisher.solverReason());
            Solver.Iterations report = fisher.iterations();
            assertNotNull(report);
            assertEquals(Solver.Iterations.Status.CONVERGED, report.status(), report.toString());
            assertTrue(report.residual() <= iterative.tolerance() && report.rank() > 0, report.toString());
            Examples z = examples(network, 7, 4);
            RegressionPosterior.Predictive expected = dense.predict(z, VarianceKind.LATENT);
            RegressionPosterior.Predictive found = fisher.predict(z, VarianceKind.LATENT);
            assertArrayEquals(expected.mean(), found.mean(), tolerance);
            assertArrayEquals(expected.mean(), fisher.mean(z), tolerance);
            for (int i = 0; i < found.variance().length; i++) {
                double tooLarge = found.variance()[i] - expected.variance()[i];
                assertTrue(
                        Math.abs(tooLarge) <= tolerance && tooLarge <= found.varianceError()[i] + tolerance / 10,
                        "variance " + i + " is too large by " + tooLarge);
            }
            RegressionPosterior loaded = RegressionPosterior.fromProto(fisher.toProto(), network);
            assertArrayEquals(
                    found.mean(), loaded.predict(z, VarianceKind.LATENT).mean());
            assertArrayEquals(
                    found.variance(), loaded.predict(z, VarianceKind.LATENT).variance());
            assertEquals(report, loaded.iterations());
        }
    }

    @ParameterizedTest
    @EnumSource(HyperparameterLearning.class)
    void learnsTheVariancesOfTheFunctionSpace(HyperparameterLearning learning) {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, 0.4)
                .withOutputs(OutputStructure.MATCHED, 0)
                .withMean(MeanFunction.CONSTANT)
                .withLearning(learning);
        RegressionSettings.Iterative iterative = new RegressionSettings.Iterative(1e-8, 2000, 30, 30, 1);
        RegressionPosterior fisher = fit(DOUBLES, settings, Solver.PARAMETER_SPACE, iterative);
        // a learned noise is that of an example of average weight, a given one that of an example of weight 1
        double ofWeightOne =
                learning.learnsNoise() ? Arrays.stream(weights()).average().orElseThrow() : 1;
        RegressionSettings there =
                settings.withFixedVariances(fisher.priorVariance(0), ofWeightOne * fisher.noiseVariance(0));
        double best = fit(DOUBLES, settings, Solver.DENSE, iterative).logMarginalLikelihood();
        RegressionPosterior dense = fit(DOUBLES, there, Solver.DENSE, iterative);
        assertEquals(best, dense.logMarginalLikelihood(), 0.1);
        Examples z = examples(DOUBLES, 7, 4);
        assertArrayEquals(
                dense.predict(z, VarianceKind.OBSERVATION).mean(),
                fisher.predict(z, VarianceKind.OBSERVATION).mean(),
                1e-6);
    }

    @Test
    void saysWhereItDidNotConvergeAndRefusesWhatIsNoAnswer() {
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withFixedVariances(1, 1).withOutputs(OutputStructure.MATCHED, 0);
        Solver.Iterations report = fit(
                        DOUBLES, settings, Solver.PARAMETER_SPACE, new RegressionSettings.Iterative(1e-12, 7, 30, 2, 1))
                .iterations();
        assertNotNull(report);
        assertTrue(
                report.status() == Solver.Iterations.Status.BUDGET
                        && report.residual() > 1e-9
                        && report.residual() <= 0.1,
                report.toString());
        String refused = assertThrows(
                        UnsolvedException.class,
                        () -> fit(
                                DOUBLES,
                                settings,
                                Solver.PARAMETER_SPACE,
                                new RegressionSettings.Iterative(1e-9, 3, 1, 2, 1)))
                .getMessage();
        assertTrue(String.valueOf(refused).contains("allow more than 3 iterations"), refused);
    }

    @Test
    void samplesVaryAsPredicted() {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(0.7, 0.3)
                .withMean(MeanFunction.CONSTANT)
                .withOutputs(OutputStructure.MATCHED, 0);
        RegressionPosterior posterior =
                fit(FLOATS, settings, Solver.PARAMETER_SPACE, new RegressionSettings.Iterative(1e-6, 2000, 30, 2, 1));
        Examples z = examples(FLOATS, 3, 4);
        RegressionPosterior.Predictive expected = posterior.predict(z, VarianceKind.LATENT);
        int count = 400;
        double[] sum = new double[expected.mean().length];
        double[] squares = new double[sum.length];
        for (FunctionSample sample : posterior.sample(count, 7)) {
            double[] values = sample.at(z);
            for (int i = 0; i < values.length; i++) {
                sum[i] += values[i] - expected.mean()[i];
                squares[i] += Math.pow(values[i] - expected.mean()[i], 2);
            }
        }
        for (int i = 0; i < sum.length; i++) {
            assertEquals(0, sum[i] / count, 4 * Math.sqrt(expected.variance()[i] / count), "mean of samples at " + i);
            assertEquals(
                    1,
                    squares[i] / count / expected.variance()[i],
                    4 * Math.sqrt(2.0 / count),
                    "variance of samples at " + i);
        }
    }
}
