package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Posteriors of a double network against dense float64 algebra on its Jacobian. */
final class RegressionPosteriorTest {
    private static final int K = 2;
    private static final Graph GRAPH = DoubleNetworks.of(NetworkBuilder.mlp(3, List.of(6, 5), K, Activation.TANH, 1));
    private static final LinearizedNetwork NETWORK =
            RunningNetwork.of(GRAPH, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    private static final double LAMBDA = 0.7;
    private static final double NOISE = 0.05;

    @AfterAll
    static void close() {
        NETWORK.close();
    }

    private static double[] random(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.doubles(size, -1, 1).toArray();
    }

    private static Examples examples(int n, long seed) {
        return Examples.of(GRAPH.inputs().get(0).name(), Tensor.ofDoubles(random(n * 3, seed), n, 3));
    }

    /** Row i·R + r is the gradient of combination r at example i. */
    private static double[][] jacobian(Examples x, double[]... combinations) {
        double[][] rows = new double[x.size() * combinations.length][];
        for (int i = 0; i < rows.length; i++) {
            int example = i / combinations.length;
            rows[i] = NETWORK.vjp(x.slice(example, example + 1), combinations[i % combinations.length]);
        }
        return rows;
    }

    /** A case: structure, mean and dimensions. */
    record Case(OutputStructure structure, MeanFunction mean, int shared, int dimensions, boolean weighted) {
        RegressionSettings settings() {
            return RegressionSettings.DEFAULT
                    .withFixedVariances(LAMBDA, NOISE)
                    .withMean(mean)
                    .withOutputs(structure, shared);
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (MeanFunction mean : List.of(MeanFunction.ZERO, MeanFunction.CONSTANT, MeanFunction.NETWORK)) {
            for (boolean weighted : new boolean[] {false, true}) {
                cases.add(new Case(OutputStructure.MATCHED, mean, 0, K, weighted));
                cases.add(new Case(OutputStructure.INDEPENDENT, mean, 0, K, weighted));
                cases.add(new Case(OutputStructure.SHARED, mean, RegressionSettings.SUM, 1, weighted));
                cases.add(new Case(OutputStructure.SHARED, mean, 1, 2, weighted));
            }
        }
        cases.add(new Case(OutputStructure.SHARED, MeanFunction.CONSTANT, 0, 5, true));
        return cases;
    }

    /** The same by the textbook: for every process its rows, in the order of the posterior's. */
    private static final class Reference {
        private final Case of;
        private final Examples x;
        private final Examples z;
        private final double[] targets;
        private final double @Nullable [] weights;
        private final double[] mean;
        private final double[] latent;
        private double logLikelihood;

        Reference(Case of, Examples x, Examples z, double[] targets, double @Nullable [] weights) {
            this.of = of;
            this.x = x;
            this.z = z;
            this.targets = targets;
            this.weights = weights;
            this.mean = new double[z.size() * of.dimensions()];
            this.latent = new double[mean.length];
            switch (of.structure()) {
                case MATCHED -> process(new double[][] {{1, 0}, {0, 1}}, new int[] {0, 1});
                case INDEPENDENT -> {
                    process(new double[][] {{1, 0}}, new int[] {0});
                    process(new double[][] {{0, 1}}, new int[] {1});
                }
                default -> {
                    double[] chosen = of.shared() == RegressionSettings.SUM
                            ? new double[] {1, 1}
                            : of.shared() == 0 ? new double[] {1, 0} : new double[] {0, 1};
                    for (int d = 0; d < of.dimensions(); d++) {
                        process(new double[][] {chosen}, new int[] {d});
                    }
                }
            }
        }

        /** One process whose row r of an example is a combination of outputs and belongs to dimension d[r]. */
        private void process(double[][] combinations, int[] d) {
            int r = d.length;
            double[] noise = new double[x.size() * r];
            double[] y = new double[noise.length];
            for (int i = 0; i < y.length; i++) {
                noise[i] = NOISE / (weights == null ? 1 : weights[i / r]);
                y[i] = targets[i / r * of.dimensions() + d[i % r]] - prior(x, i / r, d[i % r], combinations[i % r]);
            }
            double[][] jx = jacobian(x, combinations);
            double[][] jz = jacobian(z, combinations);
            double[][] k = DenseReference.covariance(jx, LAMBDA, noise);
            double[] constants = of.mean() == MeanFunction.CONSTANT ? constants(k, y, r) : new double[r];
            for (int i = 0; i < y.length; i++) {
                y[i] -= constants[i % r];
            }
            logLikelihood += DenseReference.logDensity(k, y);
            double[][] cross = DenseReference.product(jz, jx);
            double[][] own = DenseReference.product(jz, jz);
            double[][] alpha = DenseReference.solve(k, DenseReference.column(y)).solution();
            for (int i = 0; i < cross.length; i++) {
                int at = i / r * of.dimensions() + d[i % r];
                double[][] explained =
                        DenseReference.solve(k, DenseReference.column(cross[i])).solution();
                mean[at] = prior(z, i / r, d[i % r], combinations[i % r]) + constants[i % r];
                latent[at] = LAMBDA * own[i][i];
                for (int j = 0; j < y.length; j++) {
                    mean[at] += LAMBDA * cross[i][j] * alpha[j][0];
                    latent[at] -= LAMBDA * LAMBDA * cross[i][j] * explained[j][0];
                }
                latent[at] += of.mean() == MeanFunction.CONSTANT ? ofConstants(k, explained, i % r, r) : 0;
            }
        }

        /** (h - BᵀK⁻¹k)ᵀ (BᵀK⁻¹B)⁻¹ (h - BᵀK⁻¹k), h being a unit vector. */
        private static double ofConstants(double[][] k, double[][] explained, int h, int r) {
            double[][] left = new double[r][1];
            left[h][0] = 1;
            double[][] basis = new double[k.length][r];
            for (int i = 0; i < k.length; i++) {
                basis[i][i % r] = 1;
                left[i % r][0] -= LAMBDA * explained[i][0];
            }
            double[][] solved = DenseReference.solve(k, basis).solution();
            double[][] normal = new double[r][r];
            for (int i = 0; i < k.length; i++) {
                for (int c = 0; c < r; c++) {
                    normal[i % r][c] += solved[i][c];
                }
            }
            double[][] solution = DenseReference.solve(normal, left).solution();
            double form = 0;
            for (int c = 0; c < r; c++) {
                form += left[c][0] * solution[c][0];
            }
            return form;
        }

        private double prior(Examples at, int example, int dimension, double[] combination) {
            if (of.mean() != MeanFunction.NETWORK) {
                return 0;
            }
            double[] f = NETWORK.forward(at.slice(example, example + 1));
            return of.dimensions() == K ? f[dimension] : combination[0] * f[0] + combination[1] * f[1];
        }

        /** Generalized least squares, (BᵀK⁻¹B)⁻¹BᵀK⁻¹y with one constant a row of an example. */
        private static double[] constants(double[][] k, double[] y, int r) {
            double[][] basis = new double[y.length][r];
            for (int i = 0; i < y.length; i++) {
                basis[i][i % r] = 1;
            }
            double[][] solved = DenseReference.solve(k, basis).solution();
            double[][] normal = new double[r][r];
            double[][] right = new double[r][1];
            for (int i = 0; i < y.length; i++) {
                for (int c = 0; c < r; c++) {
                    normal[i % r][c] += solved[i][c];
                    right[c][0] += solved[i][c] * y[i];
                }
            }
            double[][] solution = DenseReference.solve(normal, right).solution();
            return Arrays.stream(solution).mapToDouble(row -> row[0]).toArray();
        }
    }

    private static void assertClose(double[] expected, double[] found, double tolerance) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(1);
        assertArrayEquals(expected, found, tolerance * scale);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void posteriorsAreThoseOfDenseAlgebra(Case of) {
        Examples x = examples(9, 2);
        Examples z = examples(7, 3);
        double[] targets = random(9 * of.dimensions(), 4);
        double[] weights = of.weighted() ? random(9, 5) : null;
        if (weights != null) {
            Arrays.setAll(weights, i -> 1.5 + weights[i]);
        }
        Reference expected = new Reference(of, x, z, targets, weights);
        RegressionPosterior posterior =
                RegressionPosterior.fit(NETWORK, x, targets, weights, of.settings(), ProgressListener.NONE);
        assertClose(expected.mean, posterior.mean(z), 1e-9);
        assertClose(
                expected.mean, posterior.predict(z, VarianceKind.OBSERVATION).mean(), 1e-9);
        assertClose(expected.latent, posterior.variance(z, VarianceKind.LATENT), 1e-9);
        double[] observed = expected.latent.clone();
        Arrays.setAll(observed, i -> observed[i] + NOISE);
        assertClose(observed, posterior.variance(z, VarianceKind.OBSERVATION), 1e-9);
        assertEquals(
                expected.logLikelihood, posterior.logMarginalLikelihood(), 1e-8 * Math.abs(expected.logLikelihood));
        assertTrue(Double.isNaN(posterior.variance(z, VarianceKind.NONE)[0]));
        RegressionPosterior loaded = RegressionPosterior.fromProto(posterior.toProto(), NETWORK);
        assertArrayEquals(posterior.mean(z), loaded.mean(z));
        assertArrayEquals(
                posterior.predict(z, VarianceKind.LATENT).mean(),
                loaded.predict(z, VarianceKind.LATENT).mean());
        assertArrayEquals(posterior.variance(z, VarianceKind.LATENT), loaded.variance(z, VarianceKind.LATENT));
    }

    @Test
    void examplesOfWeightTwoCountTwice() {
        Examples x = examples(4, 2);
        double[] y = random(4, 6);
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(LAMBDA, NOISE)
                .withMean(MeanFunction.CONSTANT)
                .withOutputs(OutputStructure.SHARED, 0);
        RegressionPosterior weighted =
                RegressionPosterior.fit(NETWORK, x, y, new double[] {1, 1, 1, 2}, settings, ProgressListener.NONE);
        Examples doubled = x.select(0, 1, 2, 3, 3);
        RegressionPosterior repeated = RegressionPosterior.fit(
                NETWORK, doubled, new double[] {y[0], y[1], y[2], y[3], y[3]}, null, settings, ProgressListener.NONE);
        Examples z = examples(5, 8);
        assertClose(repeated.mean(z), weighted.mean(z), 1e-9);
        assertClose(repeated.variance(z, VarianceKind.LATENT), weighted.variance(z, VarianceKind.LATENT), 1e-9);
    }

    /** No point of a fine grid is more likely than what was learned. */
    @ParameterizedTest
    @MethodSource("learnings")
    void learnedVariancesMaximizeTheMarginalLikelihood(HyperparameterLearning learning) {
        Examples x = examples(25, 12);
        double[] y = random(25, 13);
        double[] f = NETWORK.forward(x);
        for (int i = 0; i < y.length; i++) {
            y[i] = 3 * f[2 * i] + 0.2 * y[i] + 5;
        }
        for (MeanFunction mean : List.of(MeanFunction.ZERO, MeanFunction.CONSTANT)) {
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withFixedVariances(LAMBDA, NOISE)
                    .withLearning(learning)
                    .withMean(mean)
                    .withOutputs(OutputStructure.SHARED, 0)
                    .withSolver(Solver.DENSE, RegressionSettings.Iterative.DEFAULT);
            RegressionPosterior learned = RegressionPosterior.fit(NETWORK, x, y, null, settings, ProgressListener.NONE);
            double lambda = learned.priorVariance(0);
            double noise = learned.noiseVariance(0);
            if (learning == HyperparameterLearning.NOISE) {
                assertEquals(LAMBDA, lambda);
            } else if (learning == HyperparameterLearning.PRIOR) {
                assertEquals(NOISE, noise);
            }
            for (double a = -6; a <= 6; a += 1.5) {
                for (double b = -6; b <= 6; b += 1.5) {
                    if (a != 0 && learning == HyperparameterLearning.NOISE
                            || b != 0 && learning == HyperparameterLearning.PRIOR) {
                        continue;
                    }
                    RegressionSettings fixed = settings.withFixedVariances(lambda * Math.exp(a), noise * Math.exp(b));
                    double value = RegressionPosterior.fit(NETWORK, x, y, null, fixed, ProgressListener.NONE)
                            .logMarginalLikelihood();
                    assertTrue(
                            value <= learned.logMarginalLikelihood() + 1e-5,
                            value + " > " + learned.logMarginalLikelihood() + " at " + a + ", " + b);
                }
            }
            assertEquals(
                    RegressionPosterior.fit(
                                    NETWORK,
                                    x,
                                    y,
                                    null,
                                    settings.withFixedVariances(lambda, noise),
                                    ProgressListener.NONE)
                            .logMarginalLikelihood(),
                    learned.logMarginalLikelihood(),
                    1e-7);
        }
    }

    /**
     * With one of the variances given, the other one has to reach the scale of the targets; in double precision also
     * where the kernel's values are far apart.
     */
    @Test
    void learnedVariancesReachTheScaleOfTheTargets() {
        Examples x = examples(25, 12);
        double[][] jacobian = jacobian(x, new double[] {1, 0});
        double[] signal = NETWORK.jvp(x, random((int) NETWORK.parameterCount(), 14));
        double[] rough = random(25, 13);
        RegressionSettings settings =
                RegressionSettings.DEFAULT.withMean(MeanFunction.ZERO).withOutputs(OutputStructure.SHARED, 0);
        record Scaled(HyperparameterLearning learning, double scale, double noise) {}
        for (Scaled each : List.of(
                new Scaled(HyperparameterLearning.NOISE, 1e12, 0.2),
                new Scaled(HyperparameterLearning.NOISE, 1e-3, 0.2),
                new Scaled(HyperparameterLearning.PRIOR, 1e3, 0),
                new Scaled(HyperparameterLearning.BOTH, 1, 1e-6),
                new Scaled(HyperparameterLearning.BOTH, 1, 1e-5))) {
            double[] y = new double[25];
            Arrays.setAll(y, i -> each.scale() * (signal[2 * i] + each.noise() * rough[i]));
            RegressionPosterior learned =
                    fit(x, y, null, settings.withFixedVariances(1, 0.01).withLearning(each.learning()));
            double best = learned.logMarginalLikelihood();
            for (double a = -8; a <= 8; a += 1) {
                double lambda =
                        learned.priorVariance(0) * (each.learning() == HyperparameterLearning.NOISE ? 1 : Math.exp(a));
                double[] noise = new double[25];
                Arrays.fill(
                        noise,
                        learned.noiseVariance(0) * (each.learning() == HyperparameterLearning.NOISE ? Math.exp(a) : 1));
                double value = DenseReference.logDensity(DenseReference.covariance(jacobian, lambda, noise), y);
                assertTrue(
                        value <= best + 1e-4 + 1e-6 * Math.abs(best), each + ": " + value + " > " + best + " at " + a);
            }
        }
    }

    /** Of one example the likelihood says nothing about the ratio. */
    @ParameterizedTest
    @EnumSource(
            value = Solver.class,
            names = {"DENSE", "ITERATIVE"})
    void oneExampleKeepsTheRatioOfTheVariances(Solver solver) {
        Examples x = examples(1, 12);
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withMean(MeanFunction.ZERO)
                .withOutputs(OutputStructure.SHARED, 0)
                .withFixedVariances(2, 0.1)
                .withLearning(HyperparameterLearning.BOTH)
                .withSolver(solver, RegressionSettings.Iterative.DEFAULT);
        RegressionPosterior learned = fit(x, new double[] {3}, null, settings);
        assertEquals(0.05, learned.noiseVariance(0) / learned.priorVariance(0), 1e-9);
        double squares = Arrays.stream(jacobian(x, new double[] {1, 0})[0])
                .map(a -> a * a)
                .sum();
        assertEquals(9, learned.priorVariance(0) * squares + learned.noiseVariance(0), 1e-6);
    }

    static List<HyperparameterLearning> learnings() {
        return List.of(HyperparameterLearning.BOTH, HyperparameterLearning.PRIOR, HyperparameterLearning.NOISE);
    }

    @Test
    void gradientsOfTheMarginalLikelihoodAreItsSlopes() {
        double[] spectrum = {0, 0.1, 1, 5, 20};
        double[] targets = random(5, 1);
        double[] basis = random(5, 2);
        MarginalLikelihood likelihood = new MarginalLikelihood(spectrum, targets, basis, 1);
        double h = 1e-5;
        MarginalLikelihood.Point at = likelihood.at(0.3, 0.2);
        double byLambda = (likelihood.at(0.3 * Math.exp(h), 0.2).value()
                        - likelihood.at(0.3 * Math.exp(-h), 0.2).value())
                / (2 * h);
        double byNoise = (likelihood.at(0.3, 0.2 * Math.exp(h)).value()
                        - likelihood.at(0.3, 0.2 * Math.exp(-h)).value())
                / (2 * h);
        assertEquals(byLambda, at.byLogLambda(), 1e-8 * Math.abs(byLambda) + 1e-9);
        assertEquals(byNoise, at.byLogNoise(), 1e-8 * Math.abs(byNoise) + 1e-9);
    }

    @Test
    void oneExampleConstantTargetsAndExtremeScalesWork() {
        RegressionSettings settings = RegressionSettings.DEFAULT.withOutputs(OutputStructure.SHARED, 0);
        for (MeanFunction mean : List.of(MeanFunction.ZERO, MeanFunction.CONSTANT)) {
            for (double scale : new double[] {1e-150, 1e-6, 1, 1e9, 1e150}) {
                for (int n : new int[] {1, 2, 12}) {
                    double[] constant = new double[n];
                    Arrays.fill(constant, 3 * scale);
                    assertPredicts(examples(n, 31), constant, settings.withMean(mean), scale);
                    double[] varied = random(n, 33);
                    Arrays.setAll(varied, i -> varied[i] * scale);
                    assertPredicts(examples(n, 32), varied, settings.withMean(mean), scale);
                }
            }
            assertPredicts(examples(4, 1), new double[4], settings.withMean(mean), 1);
        }
    }

    @Test
    void meansInSinglePrecisionReachAsFarAsTheTargets() {
        Graph graph = NetworkBuilder.mlp(3, List.of(6, 5), K, Activation.TANH, 1);
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = floats(graph, 12, 5);
            Examples z = floats(graph, 5, 6);
            for (double scale : new double[] {1e-100, 1, 1e45, 1e100}) {
                double[] y =
                        Arrays.stream(random(12, 7)).map(value -> value * scale).toArray();
                RegressionSettings settings = RegressionSettings.DEFAULT.withOutputs(OutputStructure.SHARED, 0);
                RegressionPosterior posterior =
                        RegressionPosterior.fit(network, x, y, null, settings, ProgressListener.NONE);
                double[] mean = posterior.predict(z, VarianceKind.LATENT).mean();
                assertArrayEquals(mean, posterior.mean(z), 1e-4 * scale);
                assertArrayEquals(mean, posterior.predict(z, VarianceKind.NONE).mean(), 1e-4 * scale);
                assertTrue(
                        Arrays.stream(mean).allMatch(value -> Math.abs(value) > 1e-6 * scale),
                        "means are of the targets' size");
            }
        }
    }

    private static Examples floats(Graph graph, int n, long seed) {
        double[] values = random(n * 3, seed);
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (float) values[i];
        }
        return Examples.of(graph.inputs().get(0).name(), Tensor.ofFloats(rounded, n, 3));
    }

    /** The variances that were given need not be those of the targets: nothing is learned of them. */
    @Test
    void constantTargetsWarnOnce() {
        List<String> said = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord message) {
                if (message.getLevel().intValue() >= Level.WARNING.intValue()) {
                    said.add(message.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(RegressionFit.class.getName());
        logger.addHandler(handler);
        try {
            double[] y = new double[12];
            Arrays.fill(y, 3);
            RegressionSettings settings = RegressionSettings.DEFAULT
                    .withOutputs(OutputStructure.SHARED, 0)
                    .withMean(MeanFunction.CONSTANT)
                    .withFixedVariances(1e6, 1e-12)
                    .withLearning(HyperparameterLearning.BOTH);
            Examples repeated = examples(6, 3).select(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5);
            RegressionPosterior.fit(NETWORK, repeated, y, null, settings, ProgressListener.NONE);
            assertEquals(1, said.size(), said.toString());
            assertTrue(said.get(0).contains("nothing to learn"), said.get(0));
        } finally {
            logger.removeHandler(handler);
        }
    }

    private static void assertPredicts(Examples x, double[] y, RegressionSettings settings, double scale) {
        RegressionPosterior posterior = RegressionPosterior.fit(NETWORK, x, y, null, settings, ProgressListener.NONE);
        Examples z = examples(5, 99);
        for (double mean : posterior.mean(z)) {
            assertTrue(Math.abs(mean) < 100 * scale, mean + " for targets of scale " + scale);
        }
        for (double variance : posterior.variance(z, VarianceKind.OBSERVATION)) {
            assertTrue(variance >= 0 && Double.isFinite(variance), variance + " for targets of scale " + scale);
        }
        assertEquals(0, posterior.clippedVariances(), "scale " + scale + ", " + x.size() + " examples, " + settings);
    }

    @Test
    void noiseWithoutVarianceInterpolatesAndRefusesRepeatedExamples() {
        Examples x = examples(6, 41);
        double[] y = random(6, 42);
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, 0)
                .withMean(MeanFunction.ZERO)
                .withOutputs(OutputStructure.SHARED, 0);
        RegressionPosterior posterior = RegressionPosterior.fit(NETWORK, x, y, null, settings, ProgressListener.NONE);
        assertClose(y, posterior.mean(x), 1e-6);
        assertArrayEquals(new double[6], posterior.variance(x, VarianceKind.LATENT), 1e-9);
        Examples repeated = x.select(0, 1, 2, 2);
        for (HyperparameterLearning learning : List.of(HyperparameterLearning.NONE, HyperparameterLearning.PRIOR)) {
            assertRefused(
                    "not positive definite",
                    () -> RegressionPosterior.fit(
                            NETWORK,
                            repeated,
                            new double[] {1, 2, 3, 4},
                            null,
                            settings.withLearning(learning),
                            ProgressListener.NONE));
        }
    }

    @Test
    void nothingToLearnDoesNotHideASingularKernel() {
        Examples repeated = examples(6, 41).select(0, 1, 2, 2);
        RegressionSettings settings = RegressionSettings.DEFAULT
                .withFixedVariances(1, 0)
                .withLearning(HyperparameterLearning.PRIOR)
                .withOutputs(OutputStructure.SHARED, 0);
        assertRefused(
                "not positive definite",
                () -> fit(
                        repeated,
                        new double[] {7, 7, 7, 7},
                        null,
                        settings.withRepeatedRows(RepeatedRows.KEEP).withMean(MeanFunction.CONSTANT)));
        assertRefused(
                "not positive definite",
                () -> fit(
                        repeated,
                        new double[4],
                        null,
                        settings.withRepeatedRows(RepeatedRows.KEEP).withMean(MeanFunction.ZERO)));
    }

    @Test
    void badNumbersAreNamed() {
        Examples x = examples(3, 1);
        RegressionSettings settings = RegressionSettings.DEFAULT;
        assertRefused("example 1: target 0 is NaN", () -> fit(x, new double[] {1, Double.NaN, 2}, null, settings));
        assertRefused(
                "example 2: target 1 is Infinity",
                () -> fit(x, new double[] {1, 2, 3, 4, 5, Double.POSITIVE_INFINITY}, null, settings));
        assertRefused(
                "the weight of training example 0 is -1",
                () -> fit(x, new double[3], new double[] {-1, 1, 1}, settings));
        assertRefused("there are 2 targets", () -> fit(x, new double[2], null, settings));
        assertRefused(
                "expected as many of each",
                () -> fit(x, new double[9], null, settings.withOutputs(OutputStructure.MATCHED, 0)));
        assertRefused(
                "the shared output is 2",
                () -> fit(x, new double[3], null, settings.withOutputs(OutputStructure.SHARED, 2)));
        assertRefused("priorVariance is 0", () -> settings.withFixedVariances(0, 1));
        assertRefused("noiseVariance is -1", () -> settings.withFixedVariances(1, -1));
        double[] infinite = random(9, 1);
        infinite[7] = Double.NEGATIVE_INFINITY;
        Examples broken = Examples.of(GRAPH.inputs().get(0).name(), Tensor.ofDoubles(infinite, 3, 3));
        assertRefused("example 2 has a value that is not finite", () -> fit(broken, new double[3], null, settings));
        assertRefused("the largest target is 1.0E160", () -> fit(x, new double[] {1, -1e160, 2}, null, settings));
        assertRefused("the largest target is 1.0E-160", () -> fit(x, new double[] {0, 1e-160, 0}, null, settings));
        assertRefused("there are no training examples", () -> fit(x.slice(0, 0), new double[0], null, settings));
        RegressionPosterior fitted = fit(x, new double[] {1, 2, 3}, null, settings);
        assertRefused("example 2 has a value that is not finite", () -> fitted.mean(broken));
        assertRefused("example 2 has a value that is not finite", () -> fitted.predict(broken, VarianceKind.LATENT));
        Examples wide = Examples.of(GRAPH.inputs().get(0).name(), Tensor.ofDoubles(new double[8], 2, 4));
        assertRefused("4", () -> fit(wide, new double[2], null, settings));
    }

    private static RegressionPosterior fit(
            Examples x, double[] y, double @Nullable [] weights, RegressionSettings settings) {
        return RegressionPosterior.fit(NETWORK, x, y, weights, settings, ProgressListener.NONE);
    }

    private static void assertRefused(String expected, Runnable call) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
    }
}
