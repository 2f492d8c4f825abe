package org.finitentk.internal.linalg;

import java.util.Arrays;

/**
 * Quadratic forms cᵀ(scale · K + noise · I)⁻¹c of a positive semi-definite K for any scale and noise without a solve
 * each, from a subspace in which K's large eigenvalues lie: what Pleiss, Gardner, Weinberger, Wilson, "Constant-time
 * predictive distributions for Gaussian processes" (ICML 2018) do with one Krylov space, here with blocks that start
 * from a {@link LowRank} approximation.
 *
 * <p>The subspace's orthonormal vectors Q and the products KQ are kept. With A = scale · K + noise · I, the Galerkin
 * solution x = Q(scale · QᵀKQ + noise · I)⁻¹Qᵀc and its residual r = c - Ax, which is computed and not estimated,
 * cᵀA⁻¹c is cᵀx + rᵀx + rᵀA⁻¹r. The last term is left out; it lies between 0 and ‖r‖² / noise, whatever the subspace.
 * So a form is never too large, and how much it is too small is bounded.
 *
 * <p>Q and KQ are native memory: close it.
 */
public final class Ritz implements AutoCloseable {
    /** What a product has outside of the subspace is rounding below this share of the whole. */
    private static final double NEGLIGIBLE = 1e-10;
    /** So are directions of a block of which the squares have this share of the largest one's. */
    private static final double NEGLIGIBLE_SQUARE = 1e-13;

    /** Vectors whose forms are computed together. */
    private static final int PANEL = 256;

    private final int n;
    /** Rows are vectors. */
    private final NativeDoubles basis;

    private final NativeDoubles products;
    private int rank;
    private double trace;
    private SymmetricEigen core;

    /**
     * Forms and their errors.
     *
     * @param values cᵀx + rᵀx, never more than cᵀA⁻¹c but for rounding
     * @param bounds ‖r‖² / noise: no value is too small by more
     */
    public record Forms(double[] values, double[] bounds) {}

    /** Says when a subspace is large enough. */
    @FunctionalInterface
    public interface Enough {
        /**
         * Called after each block.
         *
         * @param rank of the subspace so far
         * @param trace of QᵀKQ, which grows towards K's trace
         * @return whether to stop
         */
        boolean test(int rank, double trace);
    }

    private Ritz(int n, int most) {
        this.n = n;
        this.basis = new NativeDoubles((long) n * most);
        this.products = new NativeDoubles((long) n * most);
        this.core = SymmetricEigen.decomposeInPlace(new double[0], 0);
    }

    /**
     * Builds the subspace: block Lanczos with full orthogonalization. Each block is what K made of the former one and
     * the subspace does not hold yet, the largest directions of it.
     *
     * @param k K
     * @param start an approximation of K, whose vectors are the first block; of rank at least 1
     * @param most largest rank
     * @param block most vectors of a block, which share a product with K
     * @param enough asked after each block
     * @return the subspace, of at least rank 1
     */
    public static Ritz of(LinearOperator k, LowRank start, int most, int block, Enough enough) {
        int limit = Math.min(k.size(), most);
        Ritz ritz = new Ritz(k.size(), limit);
        try {
            double[] next = start.vectors(Math.min(limit, start.rank()));
            while (next.length > 0) {
                int from = ritz.rank;
                ritz.append(k, next, block);
                if (ritz.rank == limit || enough.test(ritz.rank, ritz.trace)) {
                    break;
                }
                next = ritz.continuation(from, Math.min(block, limit - ritz.rank));
            }
            ritz.core = ritz.core();
            return ritz;
        } catch (RuntimeException | Error e) {
            ritz.close();
            throw e;
        }
    }

    /**
     * A subspace that was stored.
     *
     * @param n rows of K
     * @param vectors Q, one vector after the other
     * @param images K's products with them
     * @return the subspace
     * @throws IllegalArgumentException if the lengths do not fit each other
     */
    public static Ritz of(int n, double[] vectors, double[] images) {
        if (n < 1
                || vectors.length == 0
                || vectors.length % n != 0
                || images.length != vectors.length
                || vectors.length / n > n) {
            throw new IllegalArgumentException("a subspace of " + vectors.length + " elements and products of "
                    + images.length + " do not belong to a matrix of " + n + " rows");
        }
        Ritz ritz = new Ritz(n, vectors.length / n);
        ritz.basis.put(0, vectors, 0, vectors.length);
        ritz.products.put(0, images, 0, images.length);
        ritz.rank = vectors.length / n;
        ritz.core = ritz.core();
        return ritz;
    }

    /**
     * The subspace's dimension.
     *
     * @return at least 1
     */
    public int rank() {
        return rank;
    }

    /**
     * Q for storing.
     *
     * @return one vector after the other
     */
    public double[] vectors() {
        return rows(basis, 0, rank);
    }

    /**
     * KQ for storing.
     *
     * @return the products, one after the other
     */
    public double[] images() {
        return rows(products, 0, rank);
    }

    private double[] rows(NativeDoubles memory, int from, int to) {
        double[] rows = new double[Math.multiplyExact(to - from, n)];
        memory.get((long) from * n, rows, 0, rows.length);
        return rows;
    }

    /** Takes orthonormal vectors in, orthogonal to those that are there, and multiplies them. */
    private void append(LinearOperator k, double[] vectors, int block) {
        int count = vectors.length / n;
        basis.put((long) rank * n, vectors, 0, vectors.length);
        for (int from = 0; from < count; from += block) {
            int some = Math.min(block, count - from);
            double[] product = new double[n * some];
            k.multiply(transpose(Arrays.copyOfRange(vectors, from * n, (from + some) * n), some, n), some, product);
            double[] images = transpose(product, n, some);
            products.put((long) (rank + from) * n, images, 0, images.length);
            for (int i = 0; i < images.length; i++) {
                trace += vectors[from * n + i] * images[i];
            }
        }
        rank += count;
    }

    private static double[] transpose(double[] matrix, int rows, int columns) {
        double[] transposed = new double[matrix.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                transposed[j * rows + i] = matrix[i * columns + j];
            }
        }
        return transposed;
    }

    /**
     * At most so many orthonormal directions of the products of the last vectors that lie outside of the subspace;
     * empty if there is nothing.
     */
    private double[] continuation(int from, int count) {
        int width = rank - from;
        try (NativeDoubles outside = new NativeDoubles((long) width * n)) {
            for (int i = 0; i < width; i++) {
                outside.put((long) i * n, rows(products, from + i, from + i + 1), 0, n);
            }
            double scale = norm(outside, width);
            orthogonalize(outside, width);
            if (!(norm(outside, width) > NEGLIGIBLE * scale)) {
                return new double[0];
            }
            int kept = orthonormalize(outside, width, count);
            // once more: directions that were small are orthogonal to the rest only to few digits
            orthogonalize(outside, kept);
            kept = orthonormalize(outside, kept, kept);
            double[] next = new double[kept * n];
            outside.get(0, next, 0, next.length);
            return next;
        }
    }

    private double norm(NativeDoubles vectors, int count) {
        double[] row = new double[n];
        double squares = 0;
        for (int i = 0; i < count; i++) {
            vectors.get((long) i * n, row, 0, n);
            for (double element : row) {
                squares += element * element;
            }
        }
        return Math.sqrt(squares);
    }

    /** Rows less their part in the subspace. */
    private void orthogonalize(NativeDoubles rows, int count) {
        double[] coordinates = new double[count * rank];
        try (NativeDoubles inside = new NativeDoubles(coordinates.length)) {
            Blas.gemm(rows.matrix(count, n), basis.matrix(rank, n).transposed(), 0, inside.matrix(count, rank));
            inside.get(0, coordinates, 0, coordinates.length);
            for (int i = 0; i < coordinates.length; i++) {
                coordinates[i] = -coordinates[i];
            }
            inside.put(0, coordinates, 0, coordinates.length);
            Blas.gemm(inside.matrix(count, rank), basis.matrix(rank, n), 1, rows.matrix(count, n));
        }
    }

    /** The rows become at most so many orthonormal ones, the largest directions first; how many. */
    private int orthonormalize(NativeDoubles rows, int count, int most) {
        double[] gram = new double[count * count];
        try (NativeDoubles g = new NativeDoubles(gram.length)) {
            Blas.gemm(rows.matrix(count, n), rows.matrix(count, n).transposed(), 0, g.matrix(count, count));
            g.get(0, gram, 0, gram.length);
        }
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(gram, count);
        double[] values = eigen.values();
        int kept = 0;
        double[] rotation = new double[count * count];
        for (int j = count - 1;
                j >= 0 && kept < most && values[j] > NEGLIGIBLE_SQUARE * values[count - 1];
                j--, kept++) {
            for (int i = 0; i < count; i++) {
                rotation[kept * count + i] = eigen.vector(j, i) / Math.sqrt(values[j]);
            }
        }
        try (NativeDoubles left = new NativeDoubles((long) kept * count);
                NativeDoubles rotated = new NativeDoubles((long) kept * n)) {
            left.put(0, rotation, 0, kept * count);
            Blas.gemm(left.matrix(kept, count), rows.matrix(count, n), 0, rotated.matrix(kept, n));
            double[] row = new double[n];
            for (int i = 0; i < kept; i++) {
                rotated.get((long) i * n, row, 0, n);
                rows.put((long) i * n, row, 0, n);
            }
        }
        return kept;
    }

    /** QᵀKQ, whose two halves are rounded differently. */
    private SymmetricEigen core() {
        double[] inside = new double[rank * rank];
        try (NativeDoubles t = new NativeDoubles(inside.length)) {
            Blas.gemm(basis.matrix(rank, n), products.matrix(rank, n).transposed(), 0, t.matrix(rank, rank));
            t.get(0, inside, 0, inside.length);
        }
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j < i; j++) {
                double mean = 0.5 * (inside[i * rank + j] + inside[j * rank + i]);
                inside[i * rank + j] = mean;
                inside[j * rank + i] = mean;
            }
        }
        return SymmetricEigen.decomposeInPlace(inside, rank);
    }

    /**
     * Quadratic forms of several vectors.
     *
     * @param scale of K, at least 0
     * @param noise above 0
     * @param c n × columns, row-major
     * @param columns how many vectors
     * @return a form and the bound of its error for each vector
     * @throws IllegalArgumentException if the array has another length, or a number is out of range
     */
    public Forms forms(double scale, double noise, double[] c, int columns) {
        if (c.length != Math.multiplyExact(n, columns) || !(scale >= 0) || !(noise > 0)) {
            throw new IllegalArgumentException(
                    columns + " vectors of " + c.length + " elements, scale " + scale + " and noise " + noise
                            + " were given; expected " + n + " elements each, at least 0, and more than 0");
        }
        Forms forms = new Forms(new double[columns], new double[columns]);
        for (int from = 0; from < columns; from += PANEL) {
            int count = Math.min(PANEL, columns - from);
            double[] panel = new double[n * count];
            for (int i = 0; i < n; i++) {
                System.arraycopy(c, i * columns + from, panel, i * count, count);
            }
            addForms(scale, noise, panel, count, forms, from);
        }
        return forms;
    }

    private void addForms(double scale, double noise, double[] c, int columns, Forms forms, int at) {
        double[] solution = new double[c.length];
        double[] residual = c.clone();
        try (NativeDoubles block = NativeDoubles.of(c);
                NativeDoubles coordinates = new NativeDoubles((long) rank * columns)) {
            double[] inside = new double[rank * columns];
            Blas.gemm(basis.matrix(rank, n), block.matrix(n, columns), 0, coordinates.matrix(rank, columns));
            coordinates.get(0, inside, 0, inside.length);
            coordinates.put(0, solveInside(inside, columns, scale, noise), 0, inside.length);
            Blas.gemm(
                    basis.matrix(rank, n).transposed(), coordinates.matrix(rank, columns), 0, block.matrix(n, columns));
            block.get(0, solution, 0, solution.length);
            Blas.gemm(
                    products.matrix(rank, n).transposed(),
                    coordinates.matrix(rank, columns),
                    0,
                    block.matrix(n, columns));
            double[] images = new double[c.length];
            block.get(0, images, 0, images.length);
            for (int i = 0; i < residual.length; i++) {
                residual[i] -= scale * images[i] + noise * solution[i];
            }
        }
        for (int i = 0; i < c.length; i++) {
            forms.values()[at + i % columns] += (c[i] + residual[i]) * solution[i];
            forms.bounds()[at + i % columns] += residual[i] * residual[i] / noise;
        }
    }

    /** (scale · QᵀKQ + noise · I)⁻¹ of coordinates. Eigenvalues below 0 are rounding errors. */
    private double[] solveInside(double[] coordinates, int columns, double scale, double noise) {
        double[] rotated = core.project(coordinates, columns);
        double[] values = core.values();
        for (int j = 0; j < rank; j++) {
            for (int c = 0; c < columns; c++) {
                rotated[j * columns + c] /= scale * Math.max(0, values[j]) + noise;
            }
        }
        return core.expand(rotated, columns);
    }

    @Override
    public void close() {
        basis.close();
        products.close();
    }
}
