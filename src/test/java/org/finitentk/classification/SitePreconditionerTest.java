package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.kernel.KernelAccess;
import org.finitentk.internal.kernel.KernelColumns;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.testing.DoubleNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The preconditioner of iterative classification against dense algebra, on a kernel whose rank is above the
 * preconditioner's.
 */
final class SitePreconditionerTest {
    private static final int CLASSES = 3;
    private static final double LAMBDA = 0.3;

    /** A kernel of n examples and the square roots of the likelihood's curvature at random logits. */
    private record Sites(LinearizedNetwork network, LogitKernel kernel, BlockDiagonal root) implements AutoCloseable {
        static Sites of(boolean shared, int n) {
            LinearizedNetwork network = RunningNetwork.of(
                    DoubleNetworks.of(NetworkBuilder.mlp(4, List.of(80), CLASSES, Activation.TANH, 3)),
                    ParameterSelection.DEFAULT,
                    ExecutionSettings.DEFAULT);
            double[] inputs = Arrays.stream(RandomWeights.gaussian(4 * n, new SplittableRandom(1)))
                    .map(value -> 4 * value)
                    .toArray();
            Examples x = Examples.of(network.inputs().get(0).name(), Tensor.ofDoubles(inputs, n, 4));
            ClassificationSettings settings = ClassificationSettings.DEFAULT.withStructure(
                    shared ? ClassStructure.SHARED : ClassStructure.MATCHED,
                    ClassificationSettings.SUM,
                    PriorLogits.ZERO);
            LogitKernel kernel = LogitKernel.products(
                    ClassificationFit.map(network, new SoftmaxLikelihood(CLASSES), settings),
                    x,
                    KernelAccess.Form.GRADIENTS,
                    ProgressListener.NONE);
            BlockDiagonal hessians = BlockDiagonal.zeros(n, CLASSES);
            double[] once = new double[n];
            Arrays.fill(once, 1);
            LabelTargets.of(new SoftmaxLikelihood(CLASSES), new int[n], once)
                    .addHessians(RandomWeights.gaussian(n * CLASSES, new SplittableRandom(2)), 1, hessians);
            return new Sites(network, kernel, hessians.root());
        }

        int size() {
            return kernel.size();
        }

        /** I + λ R A R. */
        double[] sandwiched(double[] a, double lambda) {
            double[] right = root.multiply(transposed(root.multiply(a, size())), size());
            for (int i = 0; i < size(); i++) {
                for (int j = 0; j < size(); j++) {
                    right[i * size() + j] = lambda * right[i * size() + j] + (i == j ? 1 : 0);
                }
            }
            return right;
        }

        private double[] transposed(double[] a) {
            double[] transposed = new double[a.length];
            for (int i = 0; i < size(); i++) {
                for (int j = 0; j < size(); j++) {
                    transposed[j * size() + i] = a[i * size() + j];
                }
            }
            return transposed;
        }

        /** F Fᵀ. */
        double[] approximation() {
            return kernel.factor().expand(kernel.factor().project(identity(size()), size()), size());
        }

        @Override
        public void close() {
            kernel.close();
            network.close();
        }
    }

    private static double[] identity(int size) {
        double[] identity = new double[size * size];
        for (int i = 0; i < size; i++) {
            identity[i * (size + 1)] = 1;
        }
        return identity;
    }

    private static double difference(double[] a, double[] b) {
        double square = 0;
        for (int i = 0; i < a.length; i++) {
            square += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(square / Vectors.dot(a, a));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inverseDeterminantTraceAndDrawsAreThoseOfTheDenseMatrix(boolean shared) {
        try (Sites sites = Sites.of(shared, shared ? 220 : 80)) {
            SitePreconditioner m = new SitePreconditioner(sites.kernel().factor(), sites.root(), LAMBDA);
            int rank = sites.kernel().factor().rank();
            assertEquals(shared ? 100 * CLASSES : 100, rank, CLASSES, "less than the kernel's rank");
            double[] dense = sites.sandwiched(sites.approximation(), LAMBDA);
            Cholesky cholesky = Cholesky.factor(dense, sites.size());
            double[] rights = RandomWeights.gaussian(sites.size() * 2, new SplittableRandom(5));
            double[] expected = rights.clone();
            cholesky.solveInPlace(expected, 2);
            double[] found = new double[rights.length];
            m.solve(rights, 2, found);
            assertEquals(0, difference(expected, found), 1e-9);
            assertEquals(cholesky.logDeterminant(), m.logDeterminant(), 1e-9 * Math.abs(m.logDeterminant()));
            double[] inverse = identity(sites.size());
            cholesky.forwardInPlace(inverse, sites.size());
            assertEquals(Vectors.dot(inverse, inverse), m.inverseTrace(), 1e-8 * sites.size());
            assertEquals(0, difference(dense, covarianceOfDraws(m, sites.size(), rank)), 1e-9);
        }
    }

    /** Draws are linear in standard normal numbers; their covariance is the product of the factors. */
    private static double[] covarianceOfDraws(SitePreconditioner m, int size, int rank) {
        double[] covariance = new double[size * size];
        for (int k = 0; k < size + rank; k++) {
            double[] noise = new double[size];
            double[] coordinates = new double[rank];
            if (k < size) {
                noise[k] = 1;
            } else {
                coordinates[k - size] = 1;
            }
            double[] draw = m.sample(noise, coordinates);
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    covariance[i * size + j] += draw[i] * draw[j];
                }
            }
        }
        return covariance;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void iterativeSolvesAndDeterminantsAreThoseOfTheWholeKernel(boolean shared) {
        try (Sites sites = Sites.of(shared, shared ? 220 : 80)) {
            double[] k = sites.kernel().multiply(identity(sites.size()), sites.size());
            double apart = difference(k, sites.approximation());
            assertTrue(apart > 1e-6, "the approximation is nearly exact, " + apart);
            Cholesky cholesky = Cholesky.factor(sites.sandwiched(k, LAMBDA), sites.size());
            RandomWeights random = new RandomWeights(List.of(), noises(sites.size(), 200), 11);
            IterativeSites iterative =
                    new IterativeSites(sites.kernel(), LAMBDA, SitePrecision.ofRoot(sites.root()), random, 1e-9);
            double[] expected = RandomWeights.gaussian(sites.size(), new SplittableRandom(5));
            double[] found = iterative.solve(List.of(expected)).get(0);
            cholesky.solveInPlace(expected, 1);
            assertEquals(0, difference(expected, found), 1e-7);
            assertEquals(
                    cholesky.logDeterminant(), iterative.logDeterminant(), 1e-3 * Math.abs(cholesky.logDeterminant()));
            double[] inverse = identity(sites.size());
            cholesky.forwardInPlace(inverse, sites.size());
            double parameters = sites.size() - Vectors.dot(inverse, inverse);
            assertEquals(parameters, iterative.effectiveParameters(), 0.01 * parameters);
        }
    }

    private static List<double[]> noises(int size, int count) {
        return new SplittableRandom(7)
                .ints(count)
                .mapToObj(seed -> RandomWeights.gaussian(size, new SplittableRandom(seed)))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1e-300, 1e12, 1e30, 1e200})
    void isAnInverseForEveryPriorVariance(double lambda) {
        try (Sites sites = Sites.of(true, 40)) {
            SitePreconditioner m = new SitePreconditioner(sites.kernel().factor(), sites.root(), lambda);
            double[] right = RandomWeights.gaussian(sites.size(), new SplittableRandom(5));
            double[] found = new double[right.length];
            m.solve(right, 1, found);
            double product = Vectors.dot(right, found);
            assertTrue(product > 0 && product <= Vectors.dot(right, right) * (1 + 1e-12), "rᵀ M⁻¹ r is " + product);
            assertTrue(Double.isFinite(m.logDeterminant()) && m.inverseTrace() > 0);
        }
    }

    @Test
    void sitesWithoutCurvatureNeedNoPreconditioner() {
        try (Sites sites = Sites.of(false, 10)) {
            SitePreconditioner m =
                    new SitePreconditioner(sites.kernel().factor(), BlockDiagonal.zeros(10, CLASSES), LAMBDA);
            double[] right = RandomWeights.gaussian(sites.size(), new SplittableRandom(5));
            double[] found = new double[right.length];
            m.solve(right, 1, found);
            assertArrayEquals(right, found);
            assertEquals(0, m.logDeterminant());
            assertEquals(sites.size(), m.inverseTrace(), 1e-9);
        }
    }

    @Test
    void aKernelOfZerosNeedsNone() {
        try (Sites sites = Sites.of(false, 10);
                LogitFactor factor = LogitFactor.of(zeros(sites), 1, ProgressListener.NONE)) {
            assertEquals(0, factor.rank());
            SitePreconditioner m = new SitePreconditioner(factor, sites.root(), LAMBDA);
            double[] right = RandomWeights.gaussian(sites.size(), new SplittableRandom(5));
            double[] found = new double[right.length];
            m.solve(right, 1, found);
            assertArrayEquals(right, found);
            assertEquals(sites.size(), m.inverseTrace(), 1e-9);
        }
    }

    private static KernelColumns zeros(Sites sites) {
        Examples x = Examples.of(sites.network().inputs().get(0).name(), Tensor.ofDoubles(new double[40], 10, 4));
        return new KernelColumns(sites.network(), x, Outputs.all(), new LinearOperator() {
            @Override
            public int size() {
                return 10 * CLASSES;
            }

            @Override
            public double[] diagonal() {
                return new double[10 * CLASSES];
            }

            @Override
            public void multiply(double[] v, int columns, double[] y) {
                Arrays.fill(y, 0);
            }
        });
    }
}
