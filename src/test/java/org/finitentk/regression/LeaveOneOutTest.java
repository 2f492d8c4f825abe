package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Closed forms against as many fits as there are rows, each without one. */
@NullUnmarked
final class LeaveOneOutTest {
    private static final int K = 2;
    private static final int N = 100;
    private static final Graph GRAPH = DoubleNetworks.of(NetworkBuilder.mlp(3, List.of(6, 5), K, Activation.TANH, 1));
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final double[] INPUTS = random(N * 3, 2);
    private static final double[] TARGETS = targets();
    private static final double[] WEIGHTS =
            Arrays.stream(random(N, 5)).map(w -> 1.5 + w).toArray();

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static double[] random(int size, long seed) {
        return new SplittableRandom(seed).doubles(size, -1, 1).toArray();
    }

    private static double[] targets() {
        double[] y = random(N * K, 3);
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.sin(i / 9.0) + 0.3 * y[i] + 5 * (i % K);
        }
        return y;
    }

    private static Examples examples(double[] inputs) {
        return Examples.of(
                GRAPH.inputs().get(0).name(), Tensor.ofReals(NETWORK.elementType(), inputs, inputs.length / 3, 3));
    }

    private static double[] rows(double[] values, int width, int... rows) {
        return Arrays.stream(rows)
                .flatMap(row -> IntStream.range(row * width, (row + 1) * width))
                .mapToDouble(i -> values[i])
                .toArray();
    }

    record Case(Solver solver, OutputStructure structure, MeanFunction mean, MeanTreatment treatment, boolean learned) {
        /** All rows where outputs share rows and the constants are estimates; elsewhere some. */
        int step() {
            boolean hardest = structure == OutputStructure.MATCHED
                    && mean == MeanFunction.CONSTANT
                    && treatment == MeanTreatment.INTEGRATED
                    && !learned;
            return hardest ? 1 : 19;
        }

        boolean weighted() {
            return mean != MeanFunction.ZERO;
        }

        RegressionSettings settings() {
            return RegressionSettings.DEFAULT
                    .withFixedVariances(0.7, 0.05)
                    .withLearning(learned ? HyperparameterLearning.BOTH : HyperparameterLearning.NONE)
                    .withMean(mean)
                    .withMeanTreatment(treatment)
                    .withSolver(solver, RegressionSettings.Iterative.DEFAULT)
                    .withOutputs(structure, structure == OutputStructure.SHARED ? 1 : RegressionSettings.SUM);
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Solver solver : List.of(Solver.DENSE, Solver.PARAMETER_SPACE)) {
            for (OutputStructure structure :
                    List.of(OutputStructure.MATCHED, OutputStructure.INDEPENDENT, OutputStructure.SHARED)) {
                for (boolean learned : List.of(true, false)) {
                    for (MeanFunction mean : List.of(MeanFunction.ZERO, MeanFunction.CONSTANT, MeanFunction.NETWORK)) {
                        cases.add(new Case(solver, structure, mean, MeanTreatment.INTEGRATED, learned));
                    }
                    cases.add(new Case(solver, structure, MeanFunction.CONSTANT, MeanTreatment.PLUG_IN, learned));
                }
            }
        }
        return cases;
    }

    private static RegressionPosterior fit(RegressionSettings settings, double @Nullable [] weights, int... rows) {
        return RegressionPosterior.fit(
                NETWORK,
                examples(rows(INPUTS, 3, rows)),
                rows(TARGETS, K, rows),
                weights == null ? null : rows(weights, 1, rows),
                settings,
                ProgressListener.NONE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isWhatFitsWithoutTheRowSay(Case of) {
        int[] all = IntStream.range(0, N).toArray();
        double[] weights = of.weighted() ? relative(of.learned()) : null;
        RegressionPosterior posterior = fit(of.settings(), weights, all);
        LeaveOneOut found = posterior.leaveOneOut();
        assertArrayEquals(all, found.rows());
        assertArrayEquals(TARGETS, found.targets(), 1e-12);
        double[] densities = new double[N];
        for (int d = 0; d < K; d++) {
            RegressionSettings given = of.settings()
                    .withFixedVariances(posterior.priorVariance(d), posterior.noiseVariance(d))
                    .withSolver(Solver.DENSE, RegressionSettings.Iterative.DEFAULT);
            for (int i = 0; i < N; i += of.step()) {
                int left = i;
                RegressionPosterior without = fit(
                        given,
                        weights,
                        Arrays.stream(all).filter(row -> row != left).toArray());
                RegressionPosterior.Predictive predicted =
                        without.predict(examples(rows(INPUTS, 3, i)), VarianceKind.LATENT);
                double variance =
                        predicted.variance()[d] + posterior.noiseVariance(d) / (weights == null ? 1 : weights[i]);
                assertEquals(predicted.mean()[d], found.mean()[i * K + d], 1e-8, "mean of row " + i);
                assertEquals(variance, found.variance()[i * K + d], 1e-8, "variance of row " + i);
                double rest = TARGETS[i * K + d] - predicted.mean()[d];
                densities[i] -= 0.5 * (rest * rest / variance + Math.log(2 * Math.PI * variance));
                assertTrue(Math.abs(rest) > 1e-6, "a row that says something");
            }
        }
        if (of.structure() != OutputStructure.MATCHED) {
            for (int i = 0; i < N; i += of.step()) {
                assertEquals(densities[i], found.logDensity()[i], 1e-7, "density of row " + i);
            }
        } else if (of.mean() != MeanFunction.CONSTANT) {
            RegressionSettings given =
                    of.settings().withFixedVariances(posterior.priorVariance(0), posterior.noiseVariance(0));
            double likelihood = fit(given, weights, all).logMarginalLikelihood();
            for (int i = 0; i < N; i += of.step()) {
                int left = i;
                double less = fit(
                                given,
                                weights,
                                Arrays.stream(all).filter(row -> row != left).toArray())
                        .logMarginalLikelihood();
                assertEquals(likelihood - less, found.logDensity()[i], 1e-7, "density of row " + i);
            }
        }
        RegressionPosterior loaded = RegressionPosterior.fromProto(posterior.toProto(), NETWORK);
        if (of.solver() == Solver.PARAMETER_SPACE) {
            assertKeepsNoRow(posterior, loaded);
            return;
        }
        assertArrayEquals(found.mean(), loaded.leaveOneOut().mean());
        assertArrayEquals(found.variance(), loaded.leaveOneOut().variance());
        assertArrayEquals(found.logDensity(), loaded.leaveOneOut().logDensity());
        assertArrayEquals(found.targets(), loaded.leaveOneOut().targets());
        assertArrayEquals(found.rows(), loaded.leaveOneOut().rows());
    }

    private static void assertKeepsNoRow(RegressionPosterior posterior, RegressionPosterior loaded) {
        assertFalse(loaded.hasLeaveOneOut());
        String refused = String.valueOf(
                assertThrows(IllegalStateException.class, loaded::leaveOneOut).getMessage());
        assertTrue(refused.contains("its file has none of them"), refused);
        assertEquals(posterior.trainingSize(), loaded.trainingSize());
        assertEquals(posterior.logMarginalLikelihood(), loaded.logMarginalLikelihood(), 1e-9);
        assertEquals(posterior.toProto(), loaded.toProto());
        Examples z = examples(rows(INPUTS, 3, 0, 1));
        assertArrayEquals(
                posterior.predict(z, VarianceKind.OBSERVATION).variance(),
                loaded.predict(z, VarianceKind.OBSERVATION).variance());
        assertArrayEquals(
                posterior.sample(1, 3).get(0).at(z), loaded.sample(1, 3).get(0).at(z));
    }

    /** Where noise is learned, their average is 1. */
    private static double[] relative(boolean learned) {
        double average = Arrays.stream(WEIGHTS).average().orElseThrow();
        return Arrays.stream(WEIGHTS).map(w -> learned ? w / average : w).toArray();
    }

    /** With a flat prior of the constants the density is a ratio of restricted likelihoods. */
    @Test
    void theDensityOfAllOutputsTogetherIncludesTheConstants() {
        Case of =
                new Case(Solver.DENSE, OutputStructure.MATCHED, MeanFunction.CONSTANT, MeanTreatment.INTEGRATED, false);
        int[] all = IntStream.range(0, N).toArray();
        LeaveOneOut found = fit(of.settings(), WEIGHTS, all).leaveOneOut();
        double likelihood = restricted(all);
        for (int i = 0; i < N; i += 33) {
            int left = i;
            double less =
                    restricted(Arrays.stream(all).filter(row -> row != left).toArray());
            assertEquals(likelihood - less, found.logDensity()[i], 1e-8);
        }
    }

    private static double restricted(int[] rows) {
        Examples x = examples(rows(INPUTS, 3, rows));
        double[][] jacobian = new double[rows.length * K][];
        for (int r = 0; r < jacobian.length; r++) {
            double[] cotangents = new double[jacobian.length];
            cotangents[r] = 1;
            jacobian[r] = NETWORK.vjp(x, cotangents);
        }
        double[] noise = new double[jacobian.length];
        double[][] right = new double[jacobian.length][1 + K];
        double[] y = rows(TARGETS, K, rows);
        for (int r = 0; r < noise.length; r++) {
            noise[r] = 0.05 / WEIGHTS[rows[r / K]];
            right[r][0] = y[r];
            right[r][1 + r % K] = 1;
        }
        DenseReference.Solution solved = DenseReference.solve(DenseReference.covariance(jacobian, 0.7, noise), right);
        double[][] normal = new double[K][K];
        double[][] products = new double[K][1];
        double squares = 0;
        for (int r = 0; r < noise.length; r++) {
            squares += y[r] * solved.solution()[r][0];
            products[r % K][0] += solved.solution()[r][0];
            for (int b = 0; b < K; b++) {
                normal[r % K][b] += solved.solution()[r][1 + b];
            }
        }
        DenseReference.Solution beta = DenseReference.solve(normal, products);
        for (int b = 0; b < K; b++) {
            squares -= products[b][0] * beta.solution()[b][0];
        }
        return -0.5
                * (squares
                        + solved.logDeterminant()
                        + beta.logDeterminant()
                        + (noise.length - K) * Math.log(2 * Math.PI));
    }

    /** A copy that stays would tell the answer. */
    @Test
    void foldedRowsAreLeftOutTogether() {
        int[] rows = IntStream.concat(IntStream.of(3, 3), IntStream.range(0, N)).toArray();
        Case of =
                new Case(Solver.DENSE, OutputStructure.MATCHED, MeanFunction.NETWORK, MeanTreatment.INTEGRATED, false);
        LeaveOneOut found = fit(of.settings(), null, rows).leaveOneOut();
        assertEquals(N, found.size());
        assertEquals(0, found.rows()[0]);
        assertEquals(2, found.rows()[1]);
        RegressionPosterior without = fit(
                of.settings(), null, IntStream.range(0, N).filter(i -> i != 3).toArray());
        RegressionPosterior.Predictive predicted = without.predict(examples(rows(INPUTS, 3, 3)), VarianceKind.LATENT);
        for (int d = 0; d < K; d++) {
            assertEquals(predicted.mean()[d], found.mean()[d], 1e-8);
            assertEquals(predicted.variance()[d] + 0.05 / 3, found.variance()[d], 1e-8);
        }
    }

    @Test
    void rowsOfNoWeightAreNotThere() {
        double[] weights = WEIGHTS.clone();
        weights[0] = 0;
        weights[50] = 0;
        Case of = new Case(
                Solver.DENSE, OutputStructure.INDEPENDENT, MeanFunction.CONSTANT, MeanTreatment.INTEGRATED, false);
        LeaveOneOut found =
                fit(of.settings(), weights, IntStream.range(0, N).toArray()).leaveOneOut();
        assertArrayEquals(IntStream.range(0, N).filter(i -> i != 0 && i != 50).toArray(), found.rows());
    }

    @Test
    void whoKnowsOnlyApproximationsSaysSo() {
        RegressionSettings settings = RegressionSettings.DEFAULT.withFixedVariances(0.7, 0.05);
        RegressionPosterior iterative = fit(
                settings.withSolver(Solver.ITERATIVE, RegressionSettings.Iterative.DEFAULT),
                null,
                IntStream.range(0, N).toArray());
        assertFalse(iterative.hasLeaveOneOut());
        assertTrue(assertThrows(IllegalStateException.class, iterative::leaveOneOut)
                .getMessage()
                .contains("solver ITERATIVE of " + N));
        assertFalse(fit(settings, null, 4).hasLeaveOneOut());
        assertEquals(MeanFunction.NETWORK, fit(settings, null, 4).meanFunction());
        assertFalse(fit(settings.withMean(MeanFunction.CONSTANT), null, 4).hasLeaveOneOut());
    }

    /** All that rows contribute is the mean, and what they change is what fits without them say. */
    @Test
    void influencesAreChangesOfFitsWithoutTheRow() {
        for (OutputStructure structure : List.of(OutputStructure.MATCHED, OutputStructure.SHARED)) {
            Case of = new Case(Solver.DENSE, structure, MeanFunction.CONSTANT, MeanTreatment.INTEGRATED, false);
            int[] all = IntStream.range(0, N).toArray();
            RegressionPosterior posterior = fit(of.settings(), WEIGHTS, all);
            Examples z = examples(random(3, 77));
            double mean = posterior.predict(z, VarianceKind.LATENT).mean()[1];
            List<LeaveOneOut.Influence> influences = posterior.influences(z, 1, 1000);
            assertEquals(N, influences.size());
            assertEquals(
                    mean - posterior.constantMean(1),
                    influences.stream()
                            .mapToDouble(LeaveOneOut.Influence::contribution)
                            .sum(),
                    1e-9);
            for (LeaveOneOut.Influence influence : influences.subList(0, 5)) {
                int[] rows =
                        Arrays.stream(all).filter(row -> row != influence.row()).toArray();
                RegressionPosterior without = fit(of.settings(), WEIGHTS, rows);
                double change = without.predict(z, VarianceKind.LATENT).mean()[1] - mean;
                assertTrue(Math.abs(change) > 1e-4);
                assertEquals(change, influence.change(), 1e-8);
            }
            assertThrows(IllegalArgumentException.class, () -> posterior.influences(z, 2, 3));
            RegressionPosterior weights = fit(
                    of.settings().withSolver(Solver.PARAMETER_SPACE, RegressionSettings.Iterative.DEFAULT),
                    WEIGHTS,
                    all);
            assertThrows(IllegalStateException.class, () -> weights.influences(z, 1, 3));
        }
    }

    /** The simpler mean, unless the network's is better by more than the differences' standard error. */
    @Test
    void theMeanIsTheOneThatExpectsRowsThatAreLeftOut() {
        int n = 30;
        double[] inputs = random(3 * n, 31);
        double[] near = NETWORK.forward(examples(inputs));
        double[] far = random(n * K, 32);
        for (int i = 0; i < near.length; i++) {
            near[i] += 0.02 * far[i];
            far[i] += 20;
        }
        for (Solver solver : List.of(Solver.DENSE, Solver.ITERATIVE)) {
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(0.01, 0.001)
                    .withSolver(solver, RegressionSettings.Iterative.DEFAULT);
            RegressionPosterior network =
                    RegressionPosterior.fit(NETWORK, examples(inputs), near, null, settings, ProgressListener.NONE);
            RegressionPosterior constant =
                    RegressionPosterior.fit(NETWORK, examples(inputs), far, null, settings, ProgressListener.NONE);
            for (RegressionPosterior posterior : List.of(network, constant)) {
                MeanFunction.Comparison means = posterior.meanComparison();
                assertNotNull(means);
                assertEquals(n, means.rows());
                assertEquals(means.chosen(), posterior.meanFunction());
                LeaveOneOut one = RegressionPosterior.fit(
                                NETWORK,
                                examples(inputs),
                                posterior == network ? near : far,
                                null,
                                settings.withMean(MeanFunction.NETWORK).withSolver(Solver.DENSE, settings.iterative()),
                                ProgressListener.NONE)
                        .leaveOneOut();
                assertEquals(one.averageLogDensity(), means.network(), 1e-9);
                assertTrue(means.standardError() > 0);
            }
            assertEquals(MeanFunction.NETWORK, network.meanFunction());
            assertEquals(MeanFunction.CONSTANT, constant.meanFunction());
            assertEquals(
                    MeanFunction.NETWORK,
                    RegressionPosterior.fit(
                                    NETWORK,
                                    examples(inputs),
                                    far,
                                    null,
                                    settings.withMeanTreatment(MeanTreatment.PLUG_IN),
                                    ProgressListener.NONE)
                            .meanFunction());
        }
    }

    /** Where 5 % of the targets have another sign, they are the suspects. */
    @Test
    void plantedErrorsAreSuspects() {
        double[] inputs = random(3 * 400, 21);
        double[] y = new double[400];
        for (int i = 0; i < y.length; i++) {
            y[i] = 2 * Math.sin(3 * inputs[3 * i]) + inputs[3 * i + 1] * inputs[3 * i + 2];
        }
        SplittableRandom random = new SplittableRandom(8);
        Set<Integer> flipped = new HashSet<>();
        while (flipped.size() < 20) {
            int row = random.nextInt(y.length);
            if (flipped.add(row)) {
                y[row] = -y[row];
            }
        }
        RegressionPosterior posterior = RegressionPosterior.fit(
                NETWORK, examples(inputs), y, null, RegressionSettings.DEFAULT, ProgressListener.NONE);
        List<LeaveOneOut.Suspect> ranking = posterior.leaveOneOut().ranking();
        assertEquals(y.length, ranking.size());
        long before = 0;
        long pairs = 0;
        for (LeaveOneOut.Suspect suspect : ranking) {
            if (flipped.contains(suspect.row())) {
                before++;
            } else {
                pairs += before;
            }
        }
        double auc = pairs / (20.0 * 380);
        assertTrue(auc > 0.9, "the area under the curve is " + auc);
        List<LeaveOneOut.Suspect> suspects = posterior.leaveOneOut().suspects(0.05);
        assertFalse(suspects.isEmpty());
        assertTrue(flipped.contains(suspects.get(0).row()));
        assertTrue(Math.abs(suspects.get(suspects.size() - 1).score()) > 3.5);
        assertThrows(
                IllegalArgumentException.class, () -> posterior.leaveOneOut().suspects(1));
    }
}
