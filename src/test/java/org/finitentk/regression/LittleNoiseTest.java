package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.kernel.JacobianRows;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every solver gives the answer of Gaussian elimination with 50 digits, or refuses; the automatic one never refuses.
 */
final class LittleNoiseTest {
    private static final MathContext DIGITS = new MathContext(50);
    private static final double[] TEST = {-3, -1.5, -0.2, 0.75, 2.25, 3};
    private static final ExecutionSettings LITTLE = ExecutionSettings.DEFAULT.withMemoryBudget(1000);

    /**
     * A case.
     *
     * @param doubles whether the network computes in float64
     * @param execution whether kernel and gradients fit the memory budget
     * @param n examples
     * @param twins whether they come in pairs that are equal or nearly so
     */
    record Case(boolean doubles, ExecutionSettings execution, int n, boolean twins) {
        @Override
        public String toString() {
            return (doubles ? "float64, " : "float32, ") + (execution.equals(LITTLE) ? "nothing kept, " : "") + n
                    + " examples" + (twins ? " in near duplicates" : "");
        }

        double[] inputs() {
            SplittableRandom random = new SplittableRandom(5);
            double[] x = new double[n];
            for (int i = 0; i < n; i++) {
                x[i] = twins && i % 2 == 1 ? x[i - 1] + (i % 4 == 1 ? 1e-5 : 0) : random.nextDouble(-3, 3);
            }
            return x;
        }
    }

    /** As many as there must be: what the evidence is does not matter here. */
    private static final RegressionSettings.Iterative FEW_PROBES =
            new RegressionSettings.Iterative(1e-4, 1000, 0, 2, 1);

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int n : new int[] {12, 50}) {
            for (boolean twins : new boolean[] {false, true}) {
                cases.add(new Case(true, ExecutionSettings.DEFAULT, n, twins));
                cases.add(new Case(false, ExecutionSettings.DEFAULT, n, twins));
                if (n == 12) { // each product runs the network
                    cases.add(new Case(false, LITTLE, n, twins));
                }
            }
        }
        return cases;
    }

    /** Means, variances and prior variances. */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares these.
    record Exact(double[] mean, double[] variance, double[] prior) {}

    private static double[][] jacobian(LinearizedNetwork network, Examples x) {
        int p = (int) network.parameterCount();
        double[][] rows = new double[x.size()][p];
        new JacobianRows(network, ProgressListener.NONE).forEach(x, Outputs.all(), (from, to, block) -> {
            for (int i = from; i < to; i++) {
                block.get((long) (i - from) * p, rows[i], 0, p);
            }
        });
        return rows;
    }

    private static BigDecimal[][] products(double[][] a, double[][] b, double lambda) {
        BigDecimal[][] products = new BigDecimal[a.length][b.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                BigDecimal sum = BigDecimal.ZERO;
                for (int l = 0; l < a[i].length; l++) {
                    sum = sum.add(new BigDecimal(a[i][l]).multiply(new BigDecimal(b[j][l])));
                }
                products[i][j] = sum.multiply(new BigDecimal(lambda), DIGITS);
            }
        }
        return products;
    }

    /** [A B] becomes [I A⁻¹B] by elimination; a covariance matrix needs no pivots. */
    private static void eliminate(BigDecimal[][] rows) {
        int n = rows.length;
        for (int p = 0; p < n; p++) {
            for (int i = 0; i < n; i++) {
                BigDecimal factor = i == p ? BigDecimal.ZERO : rows[i][p].divide(rows[p][p], DIGITS);
                for (int j = p; factor.signum() != 0 && j < rows[i].length; j++) {
                    rows[i][j] = rows[i][j].subtract(factor.multiply(rows[p][j], DIGITS), DIGITS);
                }
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = n; j < rows[i].length; j++) {
                rows[i][j] = rows[i][j].divide(rows[i][i], DIGITS);
            }
        }
    }

    private static Exact exact(double[][] jx, double[][] jz, double[] y, double lambda, double noise) {
        int n = y.length;
        int m = jz.length;
        BigDecimal[][] k = products(jx, jx, lambda);
        BigDecimal[][] cross = products(jx, jz, lambda);
        BigDecimal[][] prior = products(jz, jz, lambda);
        BigDecimal[][] rows = new BigDecimal[n][n + 1 + m];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                rows[i][j] = i == j ? k[i][j].add(new BigDecimal(noise), DIGITS) : k[i][j];
            }
            rows[i][n] = new BigDecimal(y[i]);
            System.arraycopy(cross[i], 0, rows[i], n + 1, m);
        }
        eliminate(rows);
        double[] mean = new double[m];
        double[] variance = new double[m];
        for (int j = 0; j < m; j++) {
            BigDecimal sum = BigDecimal.ZERO;
            BigDecimal left = prior[j][j];
            for (int i = 0; i < n; i++) {
                sum = sum.add(cross[i][j].multiply(rows[i][n], DIGITS), DIGITS);
                left = left.subtract(cross[i][j].multiply(rows[i][n + 1 + j], DIGITS), DIGITS);
            }
            mean[j] = sum.doubleValue();
            variance[j] = left.doubleValue();
        }
        return new Exact(
                mean,
                variance,
                java.util.stream.IntStream.range(0, m)
                        .mapToDouble(j -> prior[j][j].doubleValue())
                        .toArray());
    }

    private static Examples examples(LinearizedNetwork network, double[] x) {
        return Examples.of("input", Tensor.ofReals(network.elementType(), x, x.length, 1));
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isRightOrRefused(Case of) {
        Graph graph = NetworkBuilder.mlp(1, List.of(12), 1, Activation.TANH, 3);
        double[] x = of.inputs();
        SplittableRandom random = new SplittableRandom(7);
        double[] y = Arrays.stream(x)
                .map(value -> Math.sin(value) + 0.1 * random.nextGaussian())
                .toArray();
        try (LinearizedNetwork network = RunningNetwork.of(
                of.doubles() ? DoubleNetworks.of(graph) : graph, ParameterSelection.DEFAULT, of.execution())) {
            double[][] jx = jacobian(network, examples(network, x));
            double[][] jz = jacobian(network, examples(network, TEST));
            // what float32 leaves of J decides about means below, whatever the algebra
            for (double ratio = of.doubles() ? 1e-12 : 1e-9; ratio < 2e12; ratio *= 1e3) {
                double lambda = ratio < 1e-7 ? 1e3 : 1;
                Exact exact = exact(jx, jz, y, lambda, ratio * lambda);
                Set<Solver> given = EnumSet.noneOf(Solver.class);
                for (Solver solver : Solver.values()) {
                    RegressionSettings settings = RegressionSettings.DEFAULT
                            .withFixedVariances(lambda, ratio * lambda)
                            .withMean(MeanFunction.ZERO)
                            .withSolver(solver, FEW_PROBES);
                    try {
                        compare(
                                network,
                                RegressionPosterior.fit(
                                        network, examples(network, x), y, null, settings, ProgressListener.NONE),
                                examples(network, TEST),
                                exact,
                                largest(y),
                                of);
                        given.add(solver);
                    } catch (UnsolvedException e) {
                        assertTrue(
                                solver == Solver.ITERATIVE || solver == Solver.PARAMETER_SPACE,
                                solver + " at " + ratio + ": " + e.getMessage());
                        assertTrue(ratio < 2e-6, solver + " refused at a ratio of " + ratio + ": " + e.getMessage());
                        assertTrue(String.valueOf(e.getMessage()).contains("noise variance"), e.getMessage());
                    }
                }
                assertTrue(
                        ratio < 1e-6
                                || given.contains(Solver.ITERATIVE)
                                || of.execution().equals(LITTLE),
                        "ITERATIVE at " + ratio);
            }
        }
    }

    private static void compare(
            LinearizedNetwork network, RegressionPosterior posterior, Examples z, Exact exact, double scale, Case of) {
        String what =
                posterior.solver() + ", " + posterior.noiseVariance(0) + " of " + posterior.priorVariance(0) + ": ";
        double size = Math.max(scale, largest(exact.mean()));
        RegressionPosterior.Predictive found = posterior.predict(z, VarianceKind.LATENT);
        double[] alone = posterior.mean(z);
        double[] reloaded =
                RegressionPosterior.fromProto(posterior.toProto(), network).mean(z);
        double rounding = (of.doubles() ? 1e-13 : 1e-7) * largest(exact.prior());
        for (int i = 0; i < alone.length; i++) {
            assertEquals(exact.mean()[i], found.mean()[i], 0.06 * size, what + "mean");
            assertEquals(exact.mean()[i], alone[i], 0.06 * size, what + "mean by the weights");
            assertEquals(alone[i], reloaded[i], what + "mean after loading");
            double tooLarge = found.variance()[i] - exact.variance()[i];
            double digits = 0.1 * exact.variance()[i] + rounding;
            assertTrue(
                    tooLarge >= -digits && tooLarge <= found.varianceError()[i] + digits,
                    what + "variance " + found.variance()[i] + " for " + exact.variance()[i]);
            assertTrue(found.varianceError()[i] <= exact.prior()[i]);
        }
        assertTrue(posterior.residual() <= UnsolvedException.LARGEST_RESIDUAL);
    }

    /** The case of the issue: 20 targets of sin x, 37 weights, noise 1e-6. */
    @Test
    void theAutomaticSolverAnswersToTheDenseAccuracy() {
        Graph graph = NetworkBuilder.mlp(1, List.of(12), 1, Activation.TANH, 3);
        double[] x = new Case(false, ExecutionSettings.DEFAULT, 30, true).inputs();
        double[] y = Arrays.stream(x).map(Math::sin).toArray();
        try (LinearizedNetwork network =
                RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            RegressionSettings settings =
                    RegressionSettings.DEFAULT.withFixedVariances(1, 1e-6).withMean(MeanFunction.ZERO);
            Examples z = examples(network, TEST);
            RegressionPosterior dense = RegressionPosterior.fit(
                    network,
                    examples(network, x),
                    y,
                    null,
                    settings.withSolver(Solver.DENSE, RegressionSettings.Iterative.DEFAULT),
                    ProgressListener.NONE);
            RegressionPosterior automatic =
                    RegressionPosterior.fit(network, examples(network, x), y, null, settings, ProgressListener.NONE);
            double[] expected = dense.predict(z, VarianceKind.LATENT).mean();
            double[] found = automatic.predict(z, VarianceKind.LATENT).mean();
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 1e-4);
            }
            UnsolvedException refused = assertThrows(
                    UnsolvedException.class,
                    () -> RegressionPosterior.fit(
                            network,
                            examples(network, x),
                            y,
                            null,
                            settings.withSolver(Solver.PARAMETER_SPACE, RegressionSettings.Iterative.DEFAULT),
                            ProgressListener.NONE));
            assertTrue(String.valueOf(refused.getMessage()).contains("raise the noise variance"), refused.getMessage());
        }
    }

    /** So few weights that parameter space is cheapest, and so little noise that its squares do not do. */
    @Test
    void theAutomaticSolverLeavesParameterSpaceWhereThatFindsNoAnswer() {
        Graph graph = NetworkBuilder.mlp(1, List.of(3), 1, Activation.TANH, 3);
        double[] x = new Case(true, ExecutionSettings.DEFAULT, 300, true).inputs();
        double[] y = Arrays.stream(x).map(Math::sin).toArray();
        try (LinearizedNetwork network =
                RunningNetwork.of(DoubleNetworks.of(graph), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            RegressionSettings settings = RegressionSettings.DEFAULT.withMean(MeanFunction.ZERO);
            RegressionPosterior much = RegressionPosterior.fit(
                    network,
                    examples(network, x),
                    y,
                    null,
                    settings.withFixedVariances(1, 1e-4),
                    ProgressListener.NONE);
            assertEquals(Solver.PARAMETER_SPACE, much.solver(), much.solverReason());
            RegressionPosterior little = RegressionPosterior.fit(
                    network,
                    examples(network, x),
                    y,
                    null,
                    settings.withFixedVariances(1, 1e-13),
                    ProgressListener.NONE);
            assertEquals(Solver.DENSE, little.solver(), little.solverReason());
            assertTrue(
                    little.solverReason().contains("PARAMETER_SPACE found no answer, so DENSE"), little.solverReason());
        }
    }

    /** No solver's sample is lost in rounding, and none is another function than those that the posterior has. */
    @ParameterizedTest
    @MethodSource("cases")
    void samplesAreNearTheMeanOrRefused(Case of) {
        Graph graph = NetworkBuilder.mlp(1, List.of(12), 1, Activation.TANH, 3);
        double[] x = of.inputs();
        double[] y = Arrays.stream(x).map(Math::sin).toArray();
        try (LinearizedNetwork network = RunningNetwork.of(
                of.doubles() ? DoubleNetworks.of(graph) : graph, ParameterSelection.DEFAULT, of.execution())) {
            for (double noise : new double[] {1e-10, 1e-6, 1e-2}) {
                for (Solver solver : Solver.values()) {
                    RegressionSettings settings = RegressionSettings.DEFAULT
                            .withFixedVariances(1, noise)
                            .withMean(MeanFunction.ZERO)
                            .withSolver(solver, FEW_PROBES);
                    try {
                        RegressionPosterior posterior = RegressionPosterior.fit(
                                network, examples(network, x), y, null, settings, ProgressListener.NONE);
                        double[] sample = posterior.sample(1, 3).get(0).at(examples(network, x));
                        double[] mean = posterior
                                .predict(examples(network, x), VarianceKind.LATENT)
                                .mean();
                        for (int i = 0; i < sample.length; i++) {
                            assertEquals(
                                    mean[i],
                                    sample[i],
                                    0.3 * Math.max(1, Math.sqrt(noise) * 10),
                                    solver + " at " + noise);
                        }
                    } catch (UnsolvedException e) {
                        assertTrue(noise < 1e-2, solver + ": " + e.getMessage());
                    }
                }
            }
        }
    }
}
