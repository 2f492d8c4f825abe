package org.finitentk.classification;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
import org.jspecify.annotations.Nullable;

/**
 * A posterior's factorizations where all classes have the n × n kernel K of their own and the curvature D keeps them
 * apart but for one number an example (Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning",
 * algorithms 3.3 and 3.4, with weights of examples): B_c = I + λ √d_c K √d_c of each class c, and, for the softmax, the
 * sum of E_c = √d_c B_c⁻¹ √d_c. With E the blocks E_c and S the examples' sums over classes, the matrix that explains
 * the logits is (D⁻¹ + λ K)⁻¹ = E − E Sᵀ (Σ E_c)⁻¹ S E. C n × n matrices take the place of one of n C × n C. Thread
 * safe.
 */
final class ClasswiseFactor {
    /** Classes that are inverted at the same time. */
    private static final int BATCH = 16;
    /** Matrices of n × n numbers that this takes meanwhile: factors and inverses. */
    static final int TOGETHER = 2 * BATCH;
    /** Numbers of all classes' solutions that are in memory at once: 64 MiB. */
    private static final int NUMBERS = 1 << 23;

    private final ClasswiseCurvature curvature;
    private final double lambda;
    private final List<Cholesky> classes;
    private final @Nullable Cholesky sum;
    private final double logDeterminant;

    private ClasswiseFactor(ClasswiseCurvature curvature, double lambda, Pass pass, List<Cholesky> own) {
        this.curvature = curvature;
        this.lambda = lambda;
        this.classes = List.copyOf(own);
        this.sum = pass.sum;
        this.logDeterminant = pass.logDeterminant;
    }

    /**
     * Factorizes.
     *
     * @param kernel K, n × n
     * @throws IllegalArgumentException if λ is so large that rounding hides the identity
     */
    static ClasswiseFactor of(double[] kernel, ClasswiseCurvature curvature, double lambda) {
        List<Cholesky> own = new ArrayList<>();
        Pass pass = Blas.undivided(() -> new Pass(kernel, curvature, lambda, own::add));
        return new ClasswiseFactor(curvature, lambda, pass, own);
    }

    /** log|I + λ K D| without keeping the factors. */
    static double logDeterminant(double[] kernel, ClasswiseCurvature curvature, double lambda) {
        Pass pass = Blas.undivided(() -> new Pass(kernel, curvature, lambda, Cholesky::release));
        if (pass.sum != null) {
            pass.sum.release();
        }
        return pass.logDeterminant;
    }

    /** All classes, one after the other. Sums are taken in their order, whatever the number of threads. */
    private static final class Pass {
        private final double[] kernel;
        private final ClasswiseCurvature curvature;
        private final double lambda;
        private final int n;
        private final @Nullable Cholesky sum;
        private double logDeterminant;

        Pass(double[] kernel, ClasswiseCurvature curvature, double lambda, Consumer<Cholesky> taken) {
            this.kernel = kernel;
            this.curvature = curvature;
            this.lambda = lambda;
            this.n = curvature.examples();
            double[] totals = curvature.totals();
            try {
                double[][] sums = totals == null ? new double[0][] : new double[n][];
                for (int i = 0; i < sums.length; i++) {
                    sums[i] = new double[i + 1];
                }
                for (int from = 0; from < curvature.classes(); from += BATCH) {
                    List<Cholesky> batch = batch(from, Math.min(curvature.classes(), from + BATCH));
                    for (Cholesky own : batch) {
                        logDeterminant += own.logDeterminant();
                    }
                    if (totals != null) {
                        addInverses(batch, from, sums);
                    }
                    batch.forEach(taken);
                }
                this.sum = totals == null ? null : Cholesky.factorInPlace(matrix(sums), n);
            } catch (NotPositiveDefiniteException e) {
                throw SiteSystem.tooLarge(lambda, e);
            }
            if (totals != null && sum != null) {
                logDeterminant += sum.logDeterminant();
                for (double total : totals) {
                    logDeterminant -= Math.log(total);
                }
            }
        }

        private List<Cholesky> batch(int from, int to) {
            return IntStream.range(from, to).parallel().mapToObj(this::factor).toList();
        }

        /** Of B_c; only its lower triangle is made. */
        private Cholesky factor(int logit) {
            double[] root = curvature.root(logit);
            NativeDoubles b = new NativeDoubles((long) n * n);
            double[] row = new double[n];
            for (int i = 0; i < n; i++) {
                double factor = lambda * root[i];
                for (int j = 0; j <= i; j++) {
                    row[j] = factor * root[j] * kernel[i * n + j];
                }
                row[i] += 1;
                b.put((long) i * n, row, 0, i + 1);
            }
            return Cholesky.factorInPlace(b, n);
        }

        private void addInverses(List<Cholesky> batch, int from, double[][] sums) {
            List<NativeDoubles> inverses =
                    batch.parallelStream().map(Cholesky::inverse).toList();
            double[][] roots = IntStream.range(0, batch.size())
                    .mapToObj(c -> curvature.root(from + c))
                    .toArray(double[][]::new);
            IntStream.range(0, n).parallel().forEach(i -> {
                double[] row = new double[i + 1];
                for (int c = 0; c < roots.length; c++) {
                    inverses.get(c).get((long) i * n, row, 0, i + 1);
                    double factor = roots[c][i];
                    for (int j = 0; j <= i; j++) {
                        sums[i][j] += factor * roots[c][j] * row[j];
                    }
                }
            });
            inverses.forEach(NativeDoubles::close);
        }

        private static NativeDoubles matrix(double[][] lower) {
            NativeDoubles matrix = new NativeDoubles((long) lower.length * lower.length);
            for (int i = 0; i < lower.length; i++) {
                matrix.put((long) i * lower.length, lower[i], 0, i + 1);
            }
            return matrix;
        }
    }

    /** log|I + λ K D|. */
    double logDeterminant() {
        return logDeterminant;
    }

    /** (D⁻¹ + λ K)⁻¹ v of n × C numbers, as D (I + λ K D)⁻¹: D need not have an inverse. */
    double[] explaining(double[] v) {
        return Blas.undivided(() -> explainingEach(v));
    }

    private double[] explainingEach(double[] v) {
        int n = curvature.examples();
        int c = curvature.classes();
        double[][] own = IntStream.range(0, c)
                .parallel()
                .mapToObj(a -> explaining(a, column(v, a)))
                .toArray(double[][]::new);
        Cholesky coupling = sum;
        if (coupling != null) {
            double[] shared = new double[n];
            for (double[] column : own) {
                for (int i = 0; i < n; i++) {
                    shared[i] += column[i];
                }
            }
            coupling.solveInPlace(shared, 1);
            IntStream.range(0, c).parallel().forEach(a -> {
                double[] correction = explaining(a, shared.clone());
                for (int i = 0; i < n; i++) {
                    own[a][i] -= correction[i];
                }
            });
        }
        double[] result = new double[v.length];
        for (int row = 0; row < result.length; row++) {
            result[row] = own[row % c][row / c];
        }
        return result;
    }

    private double[] column(double[] v, int logit) {
        double[] column = new double[curvature.examples()];
        for (int i = 0; i < column.length; i++) {
            column[i] = v[i * curvature.classes() + logit];
        }
        return column;
    }

    /** E_c v, in place. */
    private double[] explaining(int logit, double[] v) {
        double[] root = curvature.root(logit);
        scaleRows(v, root, 1);
        classes.get(logit).solveInPlace(v, 1);
        scaleRows(v, root, 1);
        return v;
    }

    private static void scaleRows(double[] matrix, double[] factors, int columns) {
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] *= factors[i / columns];
        }
    }

    /**
     * λ k_zz I − λ² k_z (D⁻¹ + λ K)⁻¹ k_z of some examples z.
     *
     * @param cross K(X, Z), n × m
     * @param diagonal k_zz of each
     */
    BlockDiagonal covariance(double[] cross, double[] diagonal) {
        int m = diagonal.length;
        int c = curvature.classes();
        BlockDiagonal blocks = BlockDiagonal.zeros(m, c);
        int step = Math.max(1, NUMBERS / Math.max(1, curvature.own().length));
        for (int from = 0; from < m; from += step) {
            int to = Math.min(m, from + step);
            double[] some = columns(cross, m, from, to);
            int first = from;
            Blas.undivided(() -> explain(some, to - first, first, blocks));
        }
        for (int row = 0; row < m * c; row++) {
            blocks.values()[row * c + row % c] += lambda * diagonal[row / c];
        }
        return blocks;
    }

    private double[] columns(double[] cross, int width, int from, int to) {
        int n = curvature.examples();
        double[] some = new double[n * (to - from)];
        for (int i = 0; i < n; i++) {
            System.arraycopy(cross, i * width + from, some, i * (to - from), to - from);
        }
        return some;
    }

    /** Writes −λ² k_z (D⁻¹ + λ K)⁻¹ k_z of some examples. */
    private BlockDiagonal explain(double[] cross, int width, int first, BlockDiagonal blocks) {
        int n = curvature.examples();
        int c = curvature.classes();
        Cholesky coupling = sum;
        double[][] shared = new double[coupling == null ? 0 : c][];
        IntStream.range(0, c).parallel().forEach(a -> {
            double[] root = curvature.root(a);
            double[] own = cross.clone();
            scaleRows(own, root, width);
            classes.get(a).forwardInPlace(own, width);
            for (int z = 0; z < width; z++) {
                double square = 0;
                for (int i = 0; i < n; i++) {
                    square += own[i * width + z] * own[i * width + z];
                }
                blocks.values()[((first + z) * c + a) * c + a] = -lambda * lambda * square;
            }
            if (coupling != null) {
                classes.get(a).backwardInPlace(own, width);
                scaleRows(own, root, width);
                coupling.forwardInPlace(own, width);
                shared[a] = own;
            }
        });
        if (coupling != null) {
            addShared(shared, width, first, blocks);
        }
        return blocks;
    }

    /** Adds what classes have to do with each other: λ² times products of their columns that belong to an example. */
    private void addShared(double[][] shared, int width, int first, BlockDiagonal blocks) {
        int n = curvature.examples();
        int c = curvature.classes();
        try (NativeDoubles columns = new NativeDoubles((long) n * width * c)) {
            IntStream.range(0, n).parallel().forEach(i -> {
                double[] row = new double[width * c];
                for (int a = 0; a < c; a++) {
                    for (int z = 0; z < width; z++) {
                        row[z * c + a] = shared[a][i * width + z];
                    }
                }
                columns.put((long) i * row.length, row, 0, row.length);
            });
            IntStream.range(0, width).parallel().forEach(z -> {
                double[] products = Blas.columnProducts(columns, width * c, z * c, c);
                for (int e = 0; e < products.length; e++) {
                    blocks.values()[(first + z) * c * c + e] += lambda * lambda * products[e];
                }
            });
        }
    }
}
