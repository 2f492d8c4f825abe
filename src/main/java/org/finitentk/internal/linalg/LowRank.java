package org.finitentk.internal.linalg;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A low-rank approximation K ≈ W diag(s) Wᵀ of a positive semi-definite matrix, with orthonormal W (n × r), from some
 * of K's columns: the Nyström method (Williams, Seeger, "Using the Nyström method to speed up kernel machines", NIPS
 * 2000) for given ones, pivoted Cholesky where they are chosen one after the other. With it, scale · K + noise · I has
 * a preconditioner for every scale and noise.
 *
 * <p>W is native memory: close it.
 */
public final class LowRank implements AutoCloseable {
    /** Eigenvalues below this share of the largest are rounding errors. */
    private static final double NEGLIGIBLE = 1e-13;

    private static final int PANEL = 4096;

    private final int n;
    private final NativeDoubles basis;
    private final double[] values;

    private LowRank(int n, NativeDoubles basis, double[] values) {
        this.n = n;
        this.basis = basis;
        this.values = values;
    }

    /** Gives some of a matrix's columns, some rows at a time. */
    @FunctionalInterface
    public interface Columns {
        /**
         * Elements of the chosen columns.
         *
         * @param from first row
         * @param to end of the rows
         * @return (to - from) × m
         */
        double[] rows(int from, int to);
    }

    /**
     * The Nyström approximation.
     *
     * @param n rows of K
     * @param landmarks m different rows of K
     * @param columns gives K's columns of these numbers
     * @param rowsAtOnce how many rows to ask for at a time
     * @return the approximation, of rank m or less
     * @throws IllegalArgumentException if a column is not finite
     */
    public static LowRank nystroem(int n, int[] landmarks, Columns columns, int rowsAtOnce) {
        int m = landmarks.length;
        NativeDoubles c = new NativeDoubles((long) n * m);
        try {
            for (int from = 0; from < n; from += rowsAtOnce) {
                double[] rows = columns.rows(from, Math.min(n, from + rowsAtOnce));
                c.put((long) from * m, rows, 0, rows.length);
            }
            double[] core = new double[m * m];
            for (int i = 0; i < m; i++) {
                c.get((long) landmarks[i] * m, core, i * m, m);
            }
            Basis inner = Basis.of(core, m);
            inner.applyTo(c, n);
            Basis outer = Basis.of(gram(c, n, inner.rank), inner.rank);
            outer.applyTo(c, n);
            orthonormalize(c, n, outer.rank);
            return new LowRank(n, c, outer.values);
        } catch (RuntimeException | Error e) {
            c.close();
            throw e;
        }
    }

    /** Gives chosen columns of a symmetric matrix. */
    @FunctionalInterface
    public interface ChosenColumns {
        /**
         * All elements of some columns, one column after the other.
         *
         * @param chosen m different columns
         * @return m × n
         */
        double[] transposed(int[] chosen);
    }

    /**
     * The partial pivoted Cholesky factorization, which takes the columns that the ones before explain least
     * (Harbrecht, Peters, Schneider, "On the low-rank approximation by the pivoted Cholesky decomposition", Applied
     * Numerical Mathematics 2012). With the same columns it is the Nyström approximation.
     *
     * @param diagonal K's diagonal, n elements
     * @param group how many rows, one after the other, are pivots together; divides n
     * @param rank the largest rank
     * @param block how many groups are chosen at a time; each time, columns are asked for once
     * @param columns gives K's columns
     * @return the approximation, of that rank or less
     * @throws IllegalArgumentException if a diagonal element or a column is not finite
     */
    public static LowRank pivotedCholesky(double[] diagonal, int group, int rank, int block, ChosenColumns columns) {
        requireFinite(diagonal);
        int n = diagonal.length;
        NativeDoubles factor = null;
        try (PivotedCholesky pivoted = PivotedCholesky.of(diagonal, group, rank, block, columns)) {
            factor = pivoted.factor();
            Basis basis = Basis.of(gram(factor, n, pivoted.rank()), pivoted.rank());
            basis.applyTo(factor, n);
            orthonormalize(factor, n, basis.rank);
            return new LowRank(n, factor, basis.values);
        } catch (RuntimeException | Error e) {
            if (factor != null) {
                factor.close();
            }
            throw e;
        }
    }

    private static void requireFinite(double[] elements) {
        for (double element : elements) {
            if (!Double.isFinite(element)) {
                throw new IllegalArgumentException(
                        "a column of the matrix has the element " + element + "; expected finite numbers");
            }
        }
    }

    /**
     * The columns of small eigenvalues are orthogonal to the others only to as many digits as these have. Gram-Schmidt
     * in the order of the eigenvalues, by Cholesky, leaves the first as they are.
     */
    private static void orthonormalize(NativeDoubles w, int n, int rank) {
        Cholesky triangle = Cholesky.factor(gram(w, n, rank), rank);
        double[] inverse = new double[rank * rank];
        for (int j = 0; j < rank; j++) {
            inverse[j * (rank + 1)] = 1;
        }
        triangle.forwardInPlace(inverse, rank);
        double[] transposed = new double[rank * rank];
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j < rank; j++) {
                transposed[j * rank + i] = inverse[i * rank + j];
            }
        }
        multiplyInPlace(w, n, rank, transposed, rank);
    }

    /** U becomes U T, in the same memory, as its rows get no longer. */
    private static void multiplyInPlace(NativeDoubles u, int n, int width, double[] t, int columns) {
        double[] panel = new double[PANEL * columns];
        try (NativeDoubles right = NativeDoubles.of(t);
                NativeDoubles product = new NativeDoubles(panel.length)) {
            for (int from = 0; from < n; from += PANEL) {
                int count = Math.min(PANEL, n - from);
                Blas.gemm(
                        u.matrix((long) from * width, count, width),
                        right.matrix(width, columns),
                        0,
                        product.matrix(count, columns));
                product.get(0, panel, 0, count * columns);
                u.put((long) from * columns, panel, 0, count * columns);
            }
        }
    }

    private static double[] gram(NativeDoubles u, int n, int r) {
        try (NativeDoubles g = new NativeDoubles((long) r * r)) {
            Blas.gemm(u.matrix(n, r).transposed(), u.matrix(n, r), 0, g.matrix(r, r));
            double[] gram = new double[r * r];
            g.get(0, gram, 0, gram.length);
            return gram;
        }
    }

    /** The eigenpairs of a small matrix that are not negligible, the largest first. */
    private static final class Basis {
        private final int rows;
        private final int rank;
        private final double[] values;
        private final double[][] vectors;

        private Basis(int rows, double[] values, double[][] vectors) {
            this.rows = rows;
            this.rank = values.length;
            this.values = values;
            this.vectors = vectors;
        }

        static Basis of(double[] symmetric, int m) {
            requireFinite(symmetric);
            SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(symmetric, m);
            double[] all = eigen.values();
            double largest = m == 0 ? 0 : Arrays.stream(all).max().orElse(0);
            int[] kept = IntStream.range(0, m)
                    .map(j -> m - 1 - j)
                    .filter(j -> all[j] > 0 && all[j] > NEGLIGIBLE * m * largest)
                    .toArray();
            double[] values = new double[kept.length];
            double[][] vectors = new double[kept.length][m];
            for (int j = 0; j < kept.length; j++) {
                values[j] = all[kept[j]];
                for (int i = 0; i < m; i++) {
                    vectors[j][i] = eigen.vector(kept[j], i);
                }
            }
            return new Basis(m, values, vectors);
        }

        /** U becomes U V diag(e)^-1/2, in the same memory, as its rows get no longer. */
        void applyTo(NativeDoubles u, int n) {
            double[] scaled = new double[rows * rank];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < rank; j++) {
                    scaled[i * rank + j] = vectors[j][i] / Math.sqrt(values[j]);
                }
            }
            multiplyInPlace(u, n, rows, scaled, rank);
        }
    }

    /**
     * The rank r.
     *
     * @return at least 0
     */
    public int rank() {
        return values.length;
    }

    /**
     * The approximation's eigenvalues.
     *
     * @return s, r positive numbers, a copy
     */
    public double[] values() {
        return values.clone();
    }

    /**
     * M = scale · W diag(s) Wᵀ + noise · I.
     *
     * @param scale at least 0
     * @param noise above 0
     * @return the preconditioner, usable until this is closed
     * @throws IllegalArgumentException if a number is out of range
     */
    public Sampled preconditioner(double scale, double noise) {
        if (!(scale >= 0) || !(noise > 0) || Double.isInfinite(scale) || Double.isInfinite(noise)) {
            throw new IllegalArgumentException("a preconditioner with scale " + scale + " and noise " + noise
                    + " was asked for; expected at least 0, and more than 0");
        }
        return new Shifted(scale, noise);
    }

    /** A preconditioner that random vectors can be drawn from. */
    public interface Sampled extends Preconditioner {
        /**
         * Draws z ~ N(0, M).
         *
         * @param random where randomness comes from
         * @return z
         */
        double[] sample(SplittableRandom random);
    }

    private final class Shifted implements Sampled {
        private final double scale;
        private final double noise;

        Shifted(double scale, double noise) {
            this.scale = scale;
            this.noise = noise;
        }

        /** (R - W diag(scale s / (scale s + noise)) Wᵀ R) / noise. */
        @Override
        public void solve(double[] r, int columns, double[] z) {
            double[] coordinates = project(r, columns);
            for (int j = 0; j < values.length; j++) {
                double share = scale * values[j] / (scale * values[j] + noise);
                for (int c = 0; c < columns; c++) {
                    coordinates[j * columns + c] *= share;
                }
            }
            double[] inside = expand(coordinates, columns);
            for (int i = 0; i < z.length; i++) {
                z[i] = (r[i] - inside[i]) / noise;
            }
        }

        @Override
        public double logDeterminant() {
            double sum = n * Math.log(noise);
            for (double s : values) {
                sum += Math.log1p(scale * s / noise);
            }
            return sum;
        }

        @Override
        public double inverseTrace() {
            double sum = (n - values.length) / noise;
            for (double s : values) {
                sum += 1 / (scale * s + noise);
            }
            return sum;
        }

        @Override
        public double[] sample(SplittableRandom random) {
            double[] coordinates = new double[values.length];
            for (int j = 0; j < coordinates.length; j++) {
                coordinates[j] = Math.sqrt(scale * values[j]) * random.nextGaussian();
            }
            double[] z = expand(coordinates, 1);
            for (int i = 0; i < n; i++) {
                z[i] += Math.sqrt(noise) * random.nextGaussian();
            }
            return z;
        }
    }

    /**
     * Coordinates on the basis.
     *
     * @param r R, n × columns
     * @param columns how many vectors
     * @return Wᵀ R, rank × columns
     */
    public double[] project(double[] r, int columns) {
        double[] coordinates = new double[rank() * columns];
        try (NativeDoubles in = NativeDoubles.of(r);
                NativeDoubles out = new NativeDoubles(coordinates.length)) {
            Blas.gemm(basis.matrix(n, rank()).transposed(), in.matrix(n, columns), 0, out.matrix(rank(), columns));
            out.get(0, coordinates, 0, coordinates.length);
        }
        return coordinates;
    }

    /** The vectors of the largest eigenvalues, one after the other. */
    double[] vectors(int count) {
        double[] row = new double[rank()];
        double[] vectors = new double[Math.multiplyExact(count, n)];
        for (int i = 0; i < n; i++) {
            basis.get((long) i * row.length, row, 0, row.length);
            for (int j = 0; j < count; j++) {
                vectors[j * n + i] = row[j];
            }
        }
        return vectors;
    }

    /**
     * Vectors with given coordinates on the basis.
     *
     * @param coordinates C, rank × columns
     * @param columns how many vectors
     * @return W C, n × columns
     */
    public double[] expand(double[] coordinates, int columns) {
        double[] vectors = new double[n * columns];
        try (NativeDoubles in = NativeDoubles.of(coordinates);
                NativeDoubles out = new NativeDoubles(vectors.length)) {
            Blas.gemm(basis.matrix(n, rank()), in.matrix(rank(), columns), 0, out.matrix(n, columns));
            out.get(0, vectors, 0, vectors.length);
        }
        return vectors;
    }

    @Override
    public void close() {
        basis.close();
    }
}
