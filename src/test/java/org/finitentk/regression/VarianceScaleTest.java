package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Learned variances where training rows that are left out are farther off than the marginal likelihood expects. */
@NullUnmarked
final class VarianceScaleTest {
    private static final RegressionSettings WIDENING =
            RegressionSettings.DEFAULT.withVarianceScale(VarianceScale.LEAVE_ONE_OUT);

    private static final int K = 2;
    private static final int N = 90;
    private static final Graph GRAPH = DoubleNetworks.of(NetworkBuilder.mlp(3, List.of(6, 5), K, Activation.TANH, 1));
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final double[] INPUTS = random(N * 3, 2);
    private static final double[] NEW = random(7 * 3, 4);
    private static final double[] WEIGHTS =
            Arrays.stream(random(N, 5)).map(w -> 1.5 + w).toArray();

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static double[] random(int size, long seed) {
        return new SplittableRandom(seed).doubles(size, -1, 1).toArray();
    }

    /** A jump, and a few rows far off beside the many that are near. */
    private static double[] targets() {
        double[] y = random(N * K, 3);
        for (int i = 0; i < y.length; i++) {
            double x = INPUTS[i / K * 3 + i % K];
            y[i] = Math.signum(x) + 0.05 * y[i] + (Math.abs(x) > 0.93 ? 6 * x : 0);
        }
        return y;
    }

    private static Examples examples(double[] inputs) {
        return Examples.of(
                GRAPH.inputs().get(0).name(), Tensor.ofReals(NETWORK.elementType(), inputs, inputs.length / 3, 3));
    }

    private static RegressionPosterior fit(RegressionSettings settings, double[] targets) {
        return RegressionPosterior.fit(NETWORK, examples(INPUTS), targets, WEIGHTS, settings, ProgressListener.NONE);
    }

    static Stream<RegressionSettings> settings() {
        return Stream.of(Solver.DENSE, Solver.PARAMETER_SPACE)
                .flatMap(solver -> Stream.of(
                                OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED)
                        .flatMap(structure -> Stream.of(MeanFunction.ZERO, MeanFunction.CONSTANT, MeanFunction.NETWORK)
                                .map(mean -> WIDENING.withSolver(solver, RegressionSettings.Iterative.DEFAULT)
                                        .withOutputs(
                                                structure,
                                                structure == OutputStructure.SHARED ? 1 : RegressionSettings.SUM)
                                        .withMean(mean))));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void rowsThatAreFartherOffWidenAllVariancesAndLeaveMeans(RegressionSettings settings) {
        RegressionPosterior evidence = fit(settings.withVarianceScale(VarianceScale.EVIDENCE), targets());
        RegressionPosterior wider = fit(settings, targets());
        LeaveOneOut before = evidence.leaveOneOut();
        LeaveOneOut after = wider.leaveOneOut();
        assertArrayEquals(evidence.mean(examples(NEW)), wider.mean(examples(NEW)), 1e-10);
        assertArrayEquals(before.mean(), after.mean(), 1e-10);
        double[] narrow = evidence.variance(examples(NEW), VarianceKind.OBSERVATION);
        double[] wide = wider.variance(examples(NEW), VarianceKind.OBSERVATION);
        for (int d = 0; d < K; d++) {
            double factor = wider.fitted().factor(d);
            assertEquals(1, evidence.fitted().factor(d));
            assertTrue(factor > 1.02, "rows widen variances by " + factor);
            assertEquals(factor * evidence.priorVariance(d), wider.priorVariance(d), 1e-10 * wider.priorVariance(d));
            assertEquals(factor * evidence.noiseVariance(d), wider.noiseVariance(d), 1e-10 * wider.noiseVariance(d));
            for (int i = d; i < narrow.length; i += K) {
                assertEquals(factor * narrow[i], wide[i], 1e-8 * wide[i]);
            }
            if (settings.outputs().structure() != OutputStructure.MATCHED) {
                double squares = 0;
                for (int i = d; i < before.mean().length; i += K) {
                    squares += Math.pow(before.targets()[i] - before.mean()[i], 2) / before.variance()[i] / N;
                }
                assertEquals(squares, factor, 1e-8);
            }
        }
        RegressionPosterior loaded = RegressionPosterior.fromProto(wider.toProto(), NETWORK);
        assertArrayEquals(wide, loaded.variance(examples(NEW), VarianceKind.OBSERVATION));
        assertEquals(wider.logMarginalLikelihood(), loaded.logMarginalLikelihood(), 1e-9);
    }

    /** Weights are relative where variances are learned, absolute where they are given. */
    @ParameterizedTest
    @MethodSource("settings")
    void aFitWithTheseVariancesGivenSaysTheSame(RegressionSettings settings) {
        boolean matched = settings.outputs().structure() == OutputStructure.MATCHED;
        double[] y = matched
                ? targets()
                : IntStream.range(0, N).mapToDouble(i -> targets()[i * K]).toArray();
        RegressionSettings own = matched ? settings : settings.withOutputs(OutputStructure.SHARED, 1);
        double average = Arrays.stream(WEIGHTS).average().orElseThrow();
        double[] absolute = Arrays.stream(WEIGHTS).map(w -> w / average).toArray();
        RegressionPosterior wider =
                RegressionPosterior.fit(NETWORK, examples(INPUTS), y, WEIGHTS, own, ProgressListener.NONE);
        RegressionPosterior given = RegressionPosterior.fit(
                NETWORK,
                examples(INPUTS),
                y,
                absolute,
                own.withFixedVariances(wider.priorVariance(0), wider.noiseVariance(0)),
                ProgressListener.NONE);
        assertTrue(wider.fitted().factor(0) > 1.02);
        assertEquals(given.logMarginalLikelihood(), wider.logMarginalLikelihood(), 1e-6);
        assertArrayEquals(given.leaveOneOut().variance(), wider.leaveOneOut().variance(), 1e-8);
        assertArrayEquals(given.leaveOneOut().logDensity(), wider.leaveOneOut().logDensity(), 1e-7);
        double[] expected = given.variance(examples(NEW), VarianceKind.LATENT);
        assertArrayEquals(expected, wider.variance(examples(NEW), VarianceKind.LATENT), 1e-8);
    }

    @Test
    void nothingIsNarrowedAndWhatWasGivenStays() {
        double[] near = NETWORK.jvp(examples(INPUTS), random((int) NETWORK.parameterCount(), 9));
        double[] noise = random(N * K, 13);
        for (int i = 0; i < near.length; i++) {
            double x = INPUTS[i / K * 3] * INPUTS[i / K * 3] + INPUTS[i / K * 3 + 1] * INPUTS[i / K * 3 + 1];
            near[i] += Math.signum(noise[i]) * Math.exp(-3 * x);
        }
        RegressionSettings settings = WIDENING.withMean(MeanFunction.ZERO);
        for (RegressionSettings of : List.of(
                settings.withOutputs(OutputStructure.INDEPENDENT, RegressionSettings.SUM),
                settings.withLearning(HyperparameterLearning.PRIOR),
                settings.withLearning(HyperparameterLearning.NOISE),
                settings.withSolver(Solver.ITERATIVE, RegressionSettings.Iterative.DEFAULT))) {
            double[] y = of.variances().learning() == HyperparameterLearning.BOTH && of.solver() == Solver.AUTO
                    ? near
                    : targets();
            RegressionPosterior wider = fit(of, y);
            RegressionPosterior evidence = fit(of.withVarianceScale(VarianceScale.EVIDENCE), y);
            assertEquals(1, wider.fitted().factor(0), of.toString());
            assertEquals(evidence.priorVariance(0), wider.priorVariance(0), of.toString());
            assertEquals(evidence.noiseVariance(0), wider.noiseVariance(0), of.toString());
        }
    }
}
