package org.finitentk.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.ConjugateGradients;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.Preconditioner;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.linalg.VectorBlock;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.util.RandomSubset;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.ProgressListener;

/**
 * (JᵀS²J + c I) w = b for P weights by conjugate gradients, the products being those of the Fisher matrix: J v, then
 * Jᵀ. JᵀS²J is never made, nor is J.
 *
 * <p>The preconditioner is exact on the span of the gradients of some landmark examples, and c I on the rest: with V an
 * orthonormal basis of that span, VᵀJᵀS²JV is known from the kernel matrix's columns of the landmarks, and to apply V
 * is a product with the Jacobian of the landmarks alone.
 */
final class WeightSystem {
    /**
     * Directions of the landmarks' span whose squared length is below this share of the largest are lost in single
     * precision.
     */
    private static final double NEGLIGIBLE = 1e-7;

    private static final int LEAST_RANK = 100;
    private static final int MOST_RANK = 1000;
    /** Elements of the kernel matrix's columns that are made at a time. */
    private static final int ELEMENTS = 1 << 23;

    private final TrainingKernel kernel;
    private final RegressionSettings.Iterative settings;
    private final ProgressListener progress;
    private final LinearizedExamples training;
    private final LinearizedExamples landmarks;
    private final double[] landmarkScales;
    /**
     * Coefficients of the basis on the landmarks' gradients [rank × landmark rows], and the matrix's diagonal in that
     * basis.
     */
    private final double[] coefficients;

    private final double[] values;

    WeightSystem(TrainingKernel kernel, RegressionSettings.Iterative settings, ProgressListener progress) {
        this.kernel = kernel;
        this.settings = settings;
        this.progress = progress;
        int n = kernel.training().size();
        int perExample = kernel.rowsPerExample();
        long wanted = wantedRank((double) n * perExample, settings);
        int[] chosen = RandomSubset.of(n, (int) Math.max(1, Math.min(n, wanted / perExample)), settings.seed());
        this.training = kernel.network().keeping(kernel.training());
        this.landmarks = kernel.network().keeping(kernel.training().select(chosen));
        this.landmarkScales = Arrays.stream(chosen)
                .flatMap(i -> IntStream.range(i * perExample, (i + 1) * perExample))
                .mapToDouble(kernel::scale)
                .toArray();
        int m = landmarkScales.length;
        double[] squares = new double[m * m];
        double[] inner = squaresAndInner(squares);
        SymmetricEigen span = SymmetricEigen.decomposeInPlace(inner, m);
        double least = NEGLIGIBLE * span.values()[m - 1];
        int[] kept = IntStream.range(0, m)
                .filter(j -> span.values()[j] > least && span.values()[j] > 0)
                .toArray();
        double[] basis = new double[kept.length * m];
        for (int j = 0; j < kept.length; j++) {
            for (int i = 0; i < m; i++) {
                basis[j * m + i] = span.vector(kept[j], i) / Math.sqrt(span.values()[kept[j]]);
            }
        }
        SymmetricEigen inside =
                SymmetricEigen.decomposeInPlace(conjugated(basis, squares, kept.length, m), kept.length);
        this.values = inside.values();
        this.coefficients = rotated(inside, basis, m);
    }

    private static long wantedRank(double rows, RegressionSettings.Iterative settings) {
        long automatic = Math.max(LEAST_RANK, Math.min(MOST_RANK, Math.round(2 * Math.sqrt(rows))));
        return settings.preconditioner().rank() > 0 ? settings.preconditioner().rank() : automatic;
    }

    /** Of the preconditioner, roughly. */
    static double rank(Problem problem) {
        return Math.min(problem.rows(), (double)
                wantedRank(problem.rows(), problem.settings().iterative()));
    }

    /** The landmarks' kernel matrix; the squares CᵀC of all its columns C go into the argument. */
    private double[] squaresAndInner(double[] squares) {
        KernelTiles gram = new KernelTiles(kernel.network());
        int m = landmarkScales.length;
        int perExample = m / landmarks.examples().size();
        int n = kernel.training().size();
        int atOnce = Math.max(1, ELEMENTS / m / perExample);
        for (int from = 0; from < n; from += atOnce) {
            int to = Math.min(n, from + atOnce);
            double[] cross = gram.gram(kernel.training().slice(from, to), landmarks.examples(), kernel.outputs());
            for (int i = 0; i < cross.length; i++) {
                cross[i] *= kernel.scale(from * perExample + i / m) * landmarkScales[i % m];
            }
            Blas.gemm(
                    ArrayMatrix.of(cross, (to - from) * perExample, m).transposed(),
                    ArrayMatrix.of(cross, (to - from) * perExample, m),
                    1,
                    ArrayMatrix.of(squares, m, m));
            progress.progress("preconditioner", to, n);
        }
        double[] inner = gram.gram(landmarks.examples(), kernel.outputs());
        for (int i = 0; i < inner.length; i++) {
            inner[i] *= landmarkScales[i / m] * landmarkScales[i % m];
        }
        return inner;
    }

    /** B A Bᵀ. */
    private static double[] conjugated(double[] b, double[] a, int rank, int m) {
        double[] left = new double[rank * m];
        double[] both = new double[rank * rank];
        Blas.gemm(ArrayMatrix.of(b, rank, m), ArrayMatrix.of(a, m, m), 0, ArrayMatrix.of(left, rank, m));
        Blas.gemm(
                ArrayMatrix.of(left, rank, m),
                ArrayMatrix.of(b, rank, m).transposed(),
                0,
                ArrayMatrix.of(both, rank, rank));
        return both;
    }

    private static double[] rotated(SymmetricEigen inside, double[] basis, int m) {
        int rank = inside.size();
        double[] vectors = new double[rank * rank];
        for (int j = 0; j < rank; j++) {
            for (int i = 0; i < rank; i++) {
                vectors[j * rank + i] = inside.vector(j, i);
            }
        }
        double[] rotated = new double[rank * m];
        Blas.gemm(
                ArrayMatrix.of(vectors, rank, rank),
                ArrayMatrix.of(basis, rank, m),
                0,
                ArrayMatrix.of(rotated, rank, m));
        return rotated;
    }

    int rank() {
        return values.length;
    }

    /** Jᵀ S U for some vectors of rows. */
    double[][] weightsOf(double[][] rows) {
        return transposed(training, rows, kernel::scale);
    }

    /** S J W for some vectors of weights. */
    double[][] rowsOf(double[][] weights) {
        return products(training, weights, kernel::scale);
    }

    private double[][] transposed(LinearizedExamples x, double[][] rows, IntToDoubleFunction scale) {
        double[][] cotangents = new double[rows.length][];
        for (int j = 0; j < rows.length; j++) {
            double[] scaled = new double[rows[j].length];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = scale.applyAsDouble(i) * rows[j][i];
            }
            cotangents[j] = kernel.outputs().cotangents(scaled, kernel.network().outputSize());
        }
        return x.vjp(cotangents);
    }

    private double[][] products(LinearizedExamples x, double[][] weights, IntToDoubleFunction scale) {
        double[][] outputs = x.jvp(weights);
        double[][] rows = new double[weights.length][];
        for (int j = 0; j < weights.length; j++) {
            rows[j] = kernel.outputs().of(outputs[j], kernel.network().outputSize());
            for (int i = 0; i < rows[j].length; i++) {
                rows[j][i] *= scale.applyAsDouble(i);
            }
        }
        return rows;
    }

    /**
     * Solves for some right-hand sides.
     *
     * @param shift c
     * @param tolerance of the relative residuals
     * @param start where to start; empty for 0
     */
    List<ConjugateGradients.Column> solve(
            double shift, double tolerance, List<double[]> right, List<double[]> start, String what) {
        ConjugateGradients.Listener listener =
                (iteration, residual) -> progress.progress(what, iteration, settings.maxIterations());
        return new ConjugateGradients(tolerance, settings.maxIterations(), listener)
                .solve(new Shifted(shift), new OnLandmarks(shift), right, start.isEmpty() ? null : start);
    }

    /** JᵀS²J + c I. */
    private final class Shifted implements LinearOperator {
        private final double shift;

        Shifted(double shift) {
            this.shift = shift;
        }

        @Override
        public int size() {
            return Math.toIntExact(kernel.network().parameterCount());
        }

        @Override
        public void multiply(double[] x, int columns, double[] y) {
            double[][] weights = new VectorBlock(x, columns).split();
            new VectorBlock(y, columns).join(weightsOf(rowsOf(weights)));
            Vectors.add(y, shift, x);
        }
    }

    /** M⁻¹ = I/c + V diag(1/(t + c) - 1/c) Vᵀ. */
    private final class OnLandmarks implements Preconditioner {
        private final double shift;

        OnLandmarks(double shift) {
            this.shift = shift;
        }

        @Override
        public void solve(double[] r, int columns, double[] z) {
            int m = landmarkScales.length;
            double[][] rows = products(landmarks, new VectorBlock(r, columns).split(), i -> landmarkScales[i]);
            List<double[]> inside = new ArrayList<>();
            for (double[] row : rows) {
                double[] coordinates = new double[values.length];
                Blas.gemm(
                        ArrayMatrix.of(coefficients, values.length, m),
                        ArrayMatrix.of(row, m, 1),
                        0,
                        ArrayMatrix.of(coordinates, values.length, 1));
                for (int j = 0; j < values.length; j++) {
                    coordinates[j] *= -values[j] / (Math.max(0, values[j]) + shift);
                }
                double[] back = new double[m];
                Blas.gemm(
                        ArrayMatrix.of(coefficients, values.length, m).transposed(),
                        ArrayMatrix.of(coordinates, values.length, 1),
                        0,
                        ArrayMatrix.of(back, m, 1));
                inside.add(back);
            }
            new VectorBlock(z, columns)
                    .join(transposed(landmarks, inside.toArray(double[][]::new), i -> landmarkScales[i]));
            for (int i = 0; i < z.length; i++) {
                z[i] = (r[i] + z[i]) / shift;
            }
        }

        @Override
        public double logDeterminant() {
            double rest = (double) (kernel.network().parameterCount() - values.length) * Math.log(shift);
            return rest + Arrays.stream(values).map(t -> Math.log(t + shift)).sum();
        }

        @Override
        public double inverseTrace() {
            return (kernel.network().parameterCount() - values.length) / shift
                    + Arrays.stream(values).map(t -> 1 / (t + shift)).sum();
        }
    }
}
