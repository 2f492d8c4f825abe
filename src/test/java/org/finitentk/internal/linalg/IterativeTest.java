package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.ConjugateGradients.Column;
import org.finitentk.internal.linalg.ConjugateGradients.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IterativeTest {
    private static final ConjugateGradients.Listener SILENT = (iteration, residual) -> {};

    /** A kernel whose eigenvalues fall geometrically from {@code largest} by {@code rate}. */
    private static double[] kernel(int n, double largest, double rate, long seed) {
        double[] directions = gaussian(n * n, seed);
        double[] gram = new double[n * n];
        Blas.gemm(
                ArrayMatrix.of(directions, n, n),
                ArrayMatrix.of(directions, n, n).transposed(),
                0,
                ArrayMatrix.of(gram, n, n));
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(gram, n);
        double[] half = new double[n * n];
        for (int j = 0; j < n; j++) {
            double root = Math.sqrt(largest * Math.pow(rate, j));
            for (int i = 0; i < n; i++) {
                half[i * n + j] = eigen.vector(j, i) * root;
            }
        }
        double[] k = new double[n * n];
        Blas.gemm(ArrayMatrix.of(half, n, n), ArrayMatrix.of(half, n, n).transposed(), 0, ArrayMatrix.of(k, n, n));
        return k;
    }

    private static double[] gaussian(int n, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, n).mapToDouble(i -> random.nextGaussian()).toArray();
    }

    private static LowRank approximation(double[] k, int n, int rank) {
        int[] landmarks = IntStream.range(0, rank).map(i -> i * n / rank).toArray();
        return LowRank.nystroem(
                n,
                landmarks,
                (from, to) -> {
                    double[] rows = new double[(to - from) * rank];
                    for (int i = from; i < to; i++) {
                        for (int j = 0; j < rank; j++) {
                            rows[(i - from) * rank + j] = k[i * n + landmarks[j]];
                        }
                    }
                    return rows;
                },
                37);
    }

    private static double relativeResidual(DenseOperator a, double[] x, double[] b) {
        double[] y = new double[b.length];
        a.multiply(x, 1, y);
        double up = 0;
        double down = 0;
        for (int i = 0; i < b.length; i++) {
            up += (y[i] - b[i]) * (y[i] - b[i]);
            down += b[i] * b[i];
        }
        return Math.sqrt(up / down);
    }

    @ParameterizedTest
    @CsvSource({
        // n, largest eigenvalue, their ratio, noise, rank, tolerance, most iterations
        "1, 3, 1, 0.1, 1, 1e-12, 2",
        "50, 1, 0.9, 1, 10, 1e-8, 20",
        "200, 1e4, 0.9, 0.5, 120, 1e-8, 40",
        "200, 1e12, 0.7, 1, 120, 1e-3, 20", // as ill-conditioned as float64 allows: a product with A alone is off by
        // 1e-4
        "200, 1, 0.8, 1e-8, 150, 1e-6, 60",
        "100, 1e-12, 0.9, 1e-12, 30, 1e-8, 40",
        "100, 1e12, 0.9, 1e12, 30, 1e-8, 40"
    })
    void solvesToTheToleranceInFewIterations(
            int n, double largest, double rate, double noise, int rank, double tolerance, int most) {
        double[] k = kernel(n, largest, rate, 1);
        DenseOperator a = DenseOperator.shifted(k, n, 1, noise);
        double[] outlier = gaussian(n, 3);
        outlier[n / 2] = 1e6;
        List<double[]> b = List.of(gaussian(n, 2), outlier, new double[n]);
        try (LowRank lowRank = approximation(k, n, rank)) {
            List<Column> columns =
                    new ConjugateGradients(tolerance, 500, SILENT).solve(a, lowRank.preconditioner(1, noise), b, null);
            for (int j = 0; j < 2; j++) {
                Column column = columns.get(j);
                assertEquals(Status.CONVERGED, column.status(), "column " + j + ": " + column.residual());
                assertTrue(relativeResidual(a, column.solution(), b.get(j)) <= 1.01 * tolerance);
                assertTrue(column.iterations() <= most, column.iterations() + " iterations");
            }
            assertArrayEquals(new double[n], columns.get(2).solution());
            assertEquals(0, columns.get(2).iterations());
        }
    }

    @Test
    void columnsLeaveWhenTheyHaveConverged() {
        int n = 150;
        double[] k = kernel(n, 1e3, 0.9, 4);
        DenseOperator a = DenseOperator.shifted(k, n, 1, 0.1);
        double[] easy = new double[n];
        a.multiply(a.a, n, new double[n * n]);
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(k.clone(), n);
        for (int i = 0; i < n; i++) {
            easy[i] = eigen.vector(0, i);
        }
        List<Column> columns = new ConjugateGradients(1e-8, 1000, SILENT)
                .solve(a, Preconditioner.identity(n), List.of(easy, gaussian(n, 5)), null);
        assertTrue(
                columns.get(0).iterations() <= 3,
                "an eigenvector takes " + columns.get(0).iterations());
        assertTrue(
                columns.get(1).iterations() > 20,
                "a random vector takes " + columns.get(1).iterations());
        columns.forEach(column -> assertEquals(Status.CONVERGED, column.status()));
    }

    /** Counts products, and offers others that are off by a part of the largest element. */
    private static final class Rounding implements LinearOperator {
        private final DenseOperator exact;
        private final double error;
        private int exactProducts;
        private int roundedProducts;

        Rounding(DenseOperator exact, double error) {
            this.exact = exact;
            this.error = error;
        }

        @Override
        public int size() {
            return exact.size();
        }

        @Override
        public void multiply(double[] x, int columns, double[] y) {
            exactProducts++;
            exact.multiply(x, columns, y);
        }

        @Override
        public LinearOperator rounded() {
            return new LinearOperator() {
                @Override
                public int size() {
                    return exact.size();
                }

                @Override
                public void multiply(double[] x, int columns, double[] y) {
                    roundedProducts++;
                    exact.multiply(x, columns, y);
                    double largest = Arrays.stream(y).map(Math::abs).max().orElse(0);
                    double[] noise = gaussian(y.length, roundedProducts);
                    for (int i = 0; i < y.length; i++) {
                        y[i] += error * largest * noise[i];
                    }
                }
            };
        }
    }

    @ParameterizedTest
    @CsvSource({"1e-7, 1e-4, false", "1e-7, 1e-9, true", "0.1, 1e-4, true"})
    void directionsMayBeRoundedUntilAResidualShowsIt(double error, double tolerance, boolean exactDirections) {
        int n = 80;
        Rounding a = new Rounding(DenseOperator.shifted(kernel(n, 1e3, 0.9, 11), n, 1, 0.1), error);
        List<double[]> b = List.of(gaussian(n, 12), gaussian(n, 13));
        for (Column column :
                new ConjugateGradients(tolerance, 2000, SILENT).solve(a, Preconditioner.identity(n), b, null)) {
            assertEquals(Status.CONVERGED, column.status());
            assertTrue(column.residual() <= tolerance);
        }
        assertEquals(tolerance > 1e-5, a.roundedProducts > 0);
        assertEquals(
                exactDirections,
                a.exactProducts > 5,
                a.exactProducts + " exact products, " + a.roundedProducts + " rounded ones");
    }

    @Test
    void startsWhereItIsTold() {
        int n = 40;
        DenseOperator a = DenseOperator.shifted(kernel(n, 10, 0.8, 6), n, 1, 0.1);
        ConjugateGradients cg = new ConjugateGradients(1e-9, 200, SILENT);
        List<double[]> b = List.of(gaussian(n, 7));
        double[] x = cg.solve(a, Preconditioner.identity(n), b, null).get(0).solution();
        Column again = cg.solve(a, Preconditioner.identity(n), b, List.of(x)).get(0);
        assertEquals(0, again.iterations());
        assertEquals(Status.CONVERGED, again.status());
        assertArrayEquals(x, again.solution());
    }

    /** An indefinite matrix leads astray. */
    @Test
    void nothingIsWorseThanZero() {
        double[] indefinite = {-3.9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5};
        double[] b = {1, 2, 3, 1};
        for (int budget : new int[] {1, 2, 3, 50}) {
            Column column = new ConjugateGradients(1e-10, budget, SILENT)
                    .solve(new DenseOperator(indefinite, 4), Preconditioner.identity(4), List.of(b), null)
                    .get(0);
            double left = 0;
            for (int i = 0; i < 4; i++) {
                double rest = b[i] - indefinite[5 * i] * column.solution()[i];
                assertEquals(rest, column.remainder()[i], 1e-12);
                left += rest * rest;
            }
            assertEquals(Math.sqrt(left / 15), column.residual(), 1e-12);
            assertTrue(column.residual() <= 1, "residual " + column.residual());
        }
    }

    @Test
    void saysWhyItStopped() {
        int n = 60;
        double[] k = kernel(n, 1e3, 0.9, 8);
        Column budget = new ConjugateGradients(1e-10, 3, SILENT)
                .solve(DenseOperator.shifted(k, n, 1, 1e-3), Preconditioner.identity(n), List.of(gaussian(n, 9)), null)
                .get(0);
        assertEquals(Status.BUDGET, budget.status());
        assertEquals(3, budget.iterations());
        assertTrue(budget.residual() > 1e-10 && budget.residual() < 100, "residual " + budget.residual());
        // duplicate rows and no noise: singular, and b is not in its range
        double[] singular = new double[n * n];
        Arrays.fill(singular, 1);
        Column broken = new ConjugateGradients(1e-10, 500, SILENT)
                .solve(new DenseOperator(singular, n), Preconditioner.identity(n), List.of(gaussian(n, 10)), null)
                .get(0);
        assertTrue(
                broken.status() == Status.BREAKDOWN || broken.status() == Status.STAGNATED,
                "status " + broken.status());
        assertTrue(Arrays.stream(broken.solution()).allMatch(Double::isFinite), "a solution that is not finite");
        // an operator that rounds to floats cannot reach 1e-12
        DenseOperator exact = DenseOperator.shifted(k, n, 1, 1);
        LinearOperator rounding = new LinearOperator() {
            @Override
            public int size() {
                return n;
            }

            @Override
            public void multiply(double[] x, int columns, double[] y) {
                exact.multiply(x, columns, y);
                for (int i = 0; i < y.length; i++) {
                    y[i] = (float) y[i];
                }
            }
        };
        Column stagnated = new ConjugateGradients(1e-14, 5000, SILENT)
                .solve(rounding, Preconditioner.identity(n), List.of(gaussian(n, 11)), null)
                .get(0);
        assertEquals(Status.STAGNATED, stagnated.status());
        assertTrue(stagnated.residual() < 1e-5, "residual " + stagnated.residual());
        assertTrue(stagnated.iterations() < 1000, stagnated.iterations() + " iterations");
    }

    @Test
    void aListenerCancels() {
        int n = 30;
        DenseOperator a = DenseOperator.shifted(kernel(n, 10, 0.9, 12), n, 1, 0.01);
        CancellationException cancel = new CancellationException("enough");
        ConjugateGradients cg = new ConjugateGradients(1e-12, 100, (iteration, residual) -> {
            if (iteration == 3) {
                throw cancel;
            }
        });
        List<double[]> b = List.of(gaussian(n, 13));
        assertSame(
                cancel,
                assertThrows(CancellationException.class, () -> cg.solve(a, Preconditioner.identity(n), b, null)));
        assertEquals(3, a.products);
    }

    @Test
    void refusesWhatIsNotFinite() {
        int n = 2;
        DenseOperator a = DenseOperator.shifted(new double[4], n, 1, 1);
        ConjugateGradients cg = new ConjugateGradients(1e-6, 10, SILENT);
        List<double[]> b = List.of(new double[] {1, Double.NaN});
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> cg.solve(a, Preconditioner.identity(n), b, null));
        assertEquals("element 1 of vector 0 is NaN; expected a finite number", thrown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new ConjugateGradients(0, 10, SILENT));
    }

    @ParameterizedTest
    @CsvSource({"20, 5, 1, 0.1", "100, 40, 1e3, 1e-3", "100, 100, 1, 1", "60, 20, 0, 2"})
    void preconditionersInvertAndMeasureWhatTheySay(int n, int rank, double scale, double noise) {
        double[] k = kernel(n, 5, 0.8, 14);
        try (LowRank lowRank = approximation(k, n, rank)) {
            assertTrue(lowRank.rank() <= rank);
            LowRank.Sampled m = lowRank.preconditioner(scale, noise);
            double[] inverse = new double[n * n];
            double[] identity = new double[n * n];
            for (int i = 0; i < n; i++) {
                identity[i * (n + 1)] = 1;
            }
            m.solve(identity, n, inverse);
            Cholesky ofInverse = Cholesky.factor(inverse.clone(), n);
            assertEquals(-ofInverse.logDeterminant(), m.logDeterminant(), 1e-6 * Math.abs(m.logDeterminant()) + 1e-6);
            // the covariance of samples, along the direction of most variance
            double[] v = gaussian(n, 15);
            double[] solved = v.clone();
            ofInverse.solveInPlace(solved, 1);
            double expected =
                    IntStream.range(0, n).mapToDouble(i -> v[i] * solved[i]).sum();
            List<double[]> samples = StochasticTraces.probes(m, 2000, 16);
            double measured = samples.stream()
                    .mapToDouble(z -> Math.pow(
                            IntStream.range(0, n).mapToDouble(i -> v[i] * z[i]).sum(), 2))
                    .average()
                    .orElse(0);
            assertEquals(1, measured / expected, 0.15);
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 0, 0.5", "100, 30, 0.5", "200, 60, 1e-3"})
    void tracesAgreeWithDenseOnesWithinTheirErrors(int n, int rank, double noise) {
        double[] k = kernel(n, 100, 0.9, 17);
        DenseOperator a = DenseOperator.shifted(k, n, 1, noise);
        Cholesky dense = Cholesky.factor(a.a.clone(), n);
        double[] inverse = new double[n * n];
        for (int i = 0; i < n; i++) {
            inverse[i * (n + 1)] = 1;
        }
        dense.solveInPlace(inverse, n);
        double trace =
                IntStream.range(0, n).mapToDouble(i -> inverse[i * (n + 1)]).sum();
        try (LowRank lowRank = approximation(k, n, rank)) {
            LowRank.Sampled m = lowRank.preconditioner(1, noise);
            List<double[]> probes = StochasticTraces.probes(m, 30, 18);
            List<Column> solves = new ConjugateGradients(1e-8, 1000, SILENT).solve(a, m, probes, null);
            StochasticTraces traces = StochasticTraces.of(m, probes, solves);
            assertEquals(dense.logDeterminant(), traces.logDeterminant(), 4 * traces.logDeterminantError() + 1e-6);
            assertEquals(trace, traces.inverseTrace(), 4 * traces.inverseTraceError() + 1e-6 * trace);
            assertTrue(traces.logDeterminantError() < 0.05 * n, "standard error " + traces.logDeterminantError());
        }
    }
}
