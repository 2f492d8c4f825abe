package org.finitentk.regression;

import static org.finitentk.regression.SmallRegression.ACCURATE;
import static org.finitentk.regression.SmallRegression.GRAPH;
import static org.finitentk.regression.SmallRegression.K;
import static org.finitentk.regression.SmallRegression.examples;
import static org.finitentk.regression.SmallRegression.fit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Variances and samples of the iterative and the parameter-space solver against those of the dense one. */
final class SolverVariancesTest {
    private static final LinearizedNetwork DOUBLES =
            RunningNetwork.of(DoubleNetworks.of(GRAPH), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final LinearizedNetwork FLOATS =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);

    @AfterAll
    static void close() {
        DOUBLES.close();
        FLOATS.close();
    }

    @ParameterizedTest
    @MethodSource("cachedCases")
    void cachedVariancesAreBounded(OutputStructure structure, int rank, double error) {
        try (LinearizedNetwork network = RunningNetwork.of(
                DoubleNetworks.of(NetworkBuilder.mlp(3, List.of(20, 20), K, Activation.TANH, 1)),
                ParameterSelection.DEFAULT,
                ExecutionSettings.DEFAULT)) {
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(0.7, 0.05)
                    .withMean(MeanFunction.CONSTANT)
                    .withOutputs(structure, 0);
            RegressionPosterior dense = fit(network, settings.withSolver(Solver.DENSE, ACCURATE), true);
            RegressionPosterior cached = fit(
                    network,
                    settings.withSolver(Solver.ITERATIVE, ACCURATE.withVariances(VarianceMethod.CACHED, rank)),
                    true);
            assertEquals(VarianceMethod.EXACT, dense.varianceMethod());
            assertEquals(VarianceMethod.CACHED, cached.varianceMethod());
            assertTrue(
                    rank == 0 ? cached.varianceRank() > 10 : cached.varianceRank() == rank,
                    "rank " + cached.varianceRank());
            Examples z = examples(network, 30, 4);
            RegressionPosterior.Predictive expected = dense.predict(z, VarianceKind.LATENT);
            RegressionPosterior.Predictive found = cached.predict(z, VarianceKind.LATENT);
            assertArrayEquals(expected.mean(), found.mean(), 1e-7);
            for (int i = 0; i < expected.variance().length; i++) {
                double tooLarge = found.variance()[i] - expected.variance()[i];
                assertTrue(tooLarge >= -1e-9, i + " is too small by " + -tooLarge);
                assertTrue(
                        tooLarge <= found.varianceError()[i] + 1e-9,
                        i + " is too large by " + tooLarge + ", bound " + found.varianceError()[i]);
                assertTrue(tooLarge <= error, i + " is too large by " + tooLarge + " of " + expected.variance()[i]);
                assertEquals(0, expected.varianceError()[i]);
            }
            assertEquals(Arrays.stream(found.varianceError()).max().orElse(0), cached.largestVarianceError());
            RegressionPosterior loaded = RegressionPosterior.fromProto(cached.toProto(), network);
            assertEquals(0, loaded.largestVarianceError());
            assertArrayEquals(found.variance(), loaded.variance(z, VarianceKind.LATENT));
            assertEquals(cached.largestVarianceError(), loaded.largestVarianceError());
            assertEquals(cached.varianceRank(), loaded.varianceRank());
        }
    }

    static List<Arguments> cachedCases() {
        List<Arguments> all = new ArrayList<>();
        for (OutputStructure structure :
                List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED)) {
            all.add(Arguments.of(structure, 0, 5e-5));
            all.add(Arguments.of(structure, 30, 0.02));
        }
        return all;
    }

    /** Matrices of all test examples would have 12 GiB. */
    @ParameterizedTest
    @EnumSource(
            value = Solver.class,
            names = {"DENSE", "ITERATIVE", "PARAMETER_SPACE"})
    void variancesOfManyExamplesTakeLittleMemory(Solver solver) {
        int many = 40_000;
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(0.7, 0.3)
                .withOutputs(OutputStructure.SHARED, 0)
                .withSolver(
                        solver,
                        new RegressionSettings.Iterative(1e-4, 100, 10, 2, 1).withVariances(VarianceMethod.CACHED, 10));
        RegressionPosterior posterior = fit(FLOATS, settings, false);
        double[] variances = posterior.variance(examples(FLOATS, many, 6), VarianceKind.LATENT);
        assertEquals(many * K, variances.length);
        assertTrue(Arrays.stream(variances).allMatch(v -> v > 0));
    }

    /** Also after conjugate gradients lost their orthogonality. */
    @ParameterizedTest
    @CsvSource({"1e-2, 1e-6", "1e-4, 1e-6", "1e-6, 1e-8"})
    void exactVariancesAreWithinTheirError(double noise, double tolerance) {
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withFixedVariances(1, noise).withMean(MeanFunction.NETWORK);
        Examples z = examples(DOUBLES, 20, 8);
        double[] dense =
                fit(DOUBLES, settings.withSolver(Solver.DENSE, ACCURATE), false).variance(z, VarianceKind.LATENT);
        for (Solver solver : List.of(Solver.ITERATIVE, Solver.PARAMETER_SPACE)) {
            RegressionPosterior.Predictive found = fit(
                            DOUBLES,
                            settings.withSolver(solver, new RegressionSettings.Iterative(tolerance, 3000, 5, 2, 1)),
                            false)
                    .predict(z, VarianceKind.LATENT);
            for (int i = 0; i < dense.length; i++) {
                double excess = found.variance()[i] - dense[i];
                assertTrue(
                        excess >= -1e-8 && excess <= found.varianceError()[i] + 1e-8,
                        solver + ": " + found.variance()[i] + " for " + dense[i] + ", error "
                                + found.varianceError()[i]);
                assertTrue(found.varianceError()[i] <= found.variance()[i]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void samplesVaryAsPredicted(Solver solver, OutputStructure structure, VarianceMethod method) {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(0.7, 0.3)
                .withMean(MeanFunction.CONSTANT)
                .withOutputs(structure, 0)
                .withSolver(solver, new RegressionSettings.Iterative(1e-8, 2000, 40, 2, 1).withVariances(method, 0));
        RegressionPosterior posterior = fit(FLOATS, settings, true);
        Examples z = examples(FLOATS, 4, 4);
        RegressionPosterior.Predictive expected = posterior.predict(z, VarianceKind.LATENT);
        int count = 400;
        double[] sum = new double[expected.mean().length];
        double[] squares = new double[sum.length];
        List<FunctionSample> samples = posterior.sample(count, 7);
        for (FunctionSample sample : samples) {
            double[] values = sample.at(z);
            for (int i = 0; i < values.length; i++) {
                sum[i] += values[i] - expected.mean()[i];
                squares[i] += Math.pow(values[i] - expected.mean()[i], 2);
            }
        }
        for (int i = 0; i < sum.length; i++) {
            double deviation = Math.sqrt(expected.variance()[i]);
            assertEquals(0, sum[i] / count, 4 * deviation / Math.sqrt(count), "mean of samples at " + i);
            assertEquals(
                    1,
                    squares[i] / count / expected.variance()[i],
                    4 * Math.sqrt(2.0 / count),
                    "variance of samples at " + i);
        }
        assertArrayEquals(samples.get(3).at(z), posterior.sample(4, 7).get(3).at(z));
        assertThrows(IllegalArgumentException.class, () -> posterior.sample(0, 1));
    }

    static List<Arguments> samplers() {
        List<Arguments> all = new ArrayList<>();
        for (Solver solver : List.of(Solver.DENSE, Solver.ITERATIVE, Solver.PARAMETER_SPACE)) {
            for (OutputStructure structure :
                    List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED)) {
                all.add(Arguments.of(solver, structure, VarianceMethod.EXACT));
            }
        }
        all.add(Arguments.of(Solver.ITERATIVE, OutputStructure.MATCHED, VarianceMethod.CACHED));
        return all;
    }
}
