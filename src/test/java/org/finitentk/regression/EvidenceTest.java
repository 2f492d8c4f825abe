package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.linalg.Tridiagonal;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.finitentk.testing.LogLines;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Estimates of the marginal likelihood against what the dense solver says, within the errors that they own up to. */
@NullUnmarked
final class EvidenceTest {
    private static final int N = 300;
    private static final Graph GRAPH = DoubleNetworks.of(NetworkBuilder.mlp(3, List.of(9, 9), 1, Activation.TANH, 1));
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static RegressionPosterior fit(RegressionSettings settings, double[] y) {
        double[] x = new SplittableRandom(1).doubles(N * 3, -2, 2).toArray();
        Examples examples = Examples.of(GRAPH.inputs().get(0).name(), Tensor.ofReals(NETWORK.elementType(), x, N, 3));
        return RegressionPosterior.fit(NETWORK, examples, y, null, settings, ProgressListener.NONE);
    }

    private static double[] targets() {
        SplittableRandom random = new SplittableRandom(2);
        return IntStream.range(0, N)
                .mapToDouble(i -> Math.sin(i / 20.0) + 0.2 * random.nextGaussian())
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "ITERATIVE, NONE, 10",
        "ITERATIVE, BOTH, 10",
        "ITERATIVE, NONE, 60",
        "PARAMETER_SPACE, NONE, 10",
        "PARAMETER_SPACE, BOTH, 10"
    })
    void estimatesKnowTheirErrors(Solver solver, HyperparameterLearning learning, int rank) {
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(3, 0.3)
                .withLearning(learning)
                .withMean(MeanFunction.CONSTANT);
        RegressionPosterior found =
                fit(settings.withSolver(solver, new RegressionSettings.Iterative(1e-4, 2000, rank, 10, 1)), targets());
        Evidence exact = fit(
                        settings.withFixedVariances(found.priorVariance(0), found.noiseVariance(0))
                                .withSolver(Solver.DENSE, RegressionSettings.Iterative.DEFAULT),
                        targets())
                .evidence();
        assertEquals(0, exact.standardError());
        assertEquals(0, exact.bias());
        Evidence estimate = found.evidence();
        assertEquals(
                exact.logMarginalLikelihood(),
                estimate.logMarginalLikelihood(),
                4 * estimate.standardError() + estimate.bias() + 1e-6 * N);
        assertTrue(estimate.standardError() < 0.1 * N, estimate.toString());
        if (solver == Solver.ITERATIVE) {
            assertTrue(estimate.standardError() > 0 && estimate.bias() >= 0, estimate.toString());
            assertEquals(
                    estimate,
                    RegressionPosterior.fromProto(found.toProto(), NETWORK).evidence());
        }
    }

    /** The two rules bracket the integral, also after few steps. */
    @Test
    void quadraturesAreTooLargeAndTooSmall() {
        SplittableRandom random = new SplittableRandom(5);
        int m = 12;
        double[] diagonal = random.doubles(m, 4, 9).toArray();
        double[] off = random.doubles(m - 1, 0.5, 2).toArray();
        Tridiagonal all = new Tridiagonal(diagonal, off);
        double exact = all.quadrature(Math::log);
        double[] dense = new double[m * m];
        for (int i = 0; i < m; i++) {
            dense[i * m + i] = diagonal[i];
            if (i > 0) {
                dense[i * m + i - 1] = off[i - 1];
            }
        }
        assertEquals(SymmetricEigen.decomposeInPlace(dense, m).values()[0], all.least(), 1e-12);
        for (int steps = 1; steps < m - 2; steps++) {
            Tridiagonal few = new Tridiagonal(Arrays.copyOf(diagonal, steps), Arrays.copyOf(off, steps - 1));
            double large = few.quadrature(Math::log);
            double small = few.radau(Math::log, 0.9 * all.least());
            assertTrue(small < exact && exact < large, steps + " steps: " + small + " < " + exact + " < " + large);
            assertTrue(steps < 6 || large - small < 1e-3, "a gap of " + (large - small));
        }
    }

    /** Targets that have nothing to do with the inputs move no weights. */
    @Test
    void aPriorVarianceThatCollapsesIsSaid() {
        double[] noise = new double[N];
        for (int i = 0; i < N; i++) {
            noise[i] = i % 2 == 0 ? 1 : -1;
        }
        try (LogLines log = new LogLines(RegressionFit.class)) {
            RegressionPosterior posterior = fit(
                    RegressionSettings.DEFAULT
                            .withMean(MeanFunction.CONSTANT)
                            .withSolver(Solver.DENSE, RegressionSettings.Iterative.DEFAULT),
                    noise);
            String said = String.join("\n", log.of(Level.WARNING));
            assertTrue(said.contains("no movement of the weights"), posterior.priorVariance(0) + ": " + said);
        }
    }

    /** Noise about the network's own output, which a constant and some movement explain as well. */
    @ParameterizedTest
    @EnumSource(
            value = Solver.class,
            names = {"DENSE", "PARAMETER_SPACE", "ITERATIVE"})
    void whatIsSaidIsOfTheMeanThatIsTaken(Solver solver) {
        double[] x = new SplittableRandom(1).doubles(N * 3, -2, 2).toArray();
        double[] y = NETWORK.forward(
                Examples.of(GRAPH.inputs().get(0).name(), Tensor.ofReals(NETWORK.elementType(), x, N, 3)));
        SplittableRandom random = new SplittableRandom(11);
        Arrays.setAll(y, i -> y[i] + random.nextGaussian());
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withSolver(solver, RegressionSettings.Iterative.DEFAULT);
        assertEquals(List.of(), said(settings.withMean(MeanFunction.CONSTANT), y));
        List<String> network = said(settings.withMean(MeanFunction.NETWORK), y);
        assertTrue(network.size() == 1 && network.get(0).contains("no movement of the weights"), network.toString());
        assertEquals(MeanFunction.CONSTANT, fit(settings, y).meanFunction());
        assertEquals(List.of(), said(settings, y));
    }

    private static List<String> said(RegressionSettings settings, double[] y) {
        try (LogLines log = new LogLines(RegressionFit.class.getPackageName())) {
            fit(settings, y);
            return log.of(Level.WARNING);
        }
    }
}
