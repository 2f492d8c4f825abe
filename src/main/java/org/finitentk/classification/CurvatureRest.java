package org.finitentk.classification;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.finitentk.linalg.LinearOperator;
import org.finitentk.linalg.Tridiagonal;
import org.finitentk.network.ProgressListener;

/**
 * What some eigenvectors leave of log det(I + λ Jᵀ H J): the trace of log(I + S), where I + S is the Schur complement of the eigenvectors' part, by stochastic Lanczos quadrature
 * (Ubaru, Chen and Saad 2017, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", section 3). The same vectors serve for every λ, so that the estimate is a smooth
 * function of it.
 *
 * @param logDeterminant an estimate
 * @param error its standard error, and what the quadrature may be off
 */
record CurvatureRest(double logDeterminant, double error) {
    private static final int MOST_STEPS = 60;
    /** Numbers in the vectors that are multiplied at a time. */
    private static final long ELEMENTS = 1L << 24;

    /**
     * How much work the estimate is worth.
     *
     * @param probes random vectors, at least 1
     * @param accuracy what the quadrature may be off, relative to the estimate
     */
    record Effort(int probes, double accuracy) {
        /** Where λ maximizes what comes out. */
        static final Effort SEARCHED = new Effort(6, 1e-4);
        /** Where it is only told: each step costs as much for each vector as an eigenvalue, 40 seconds with 10,000 images and a small network. */
        static final Effort REPORTED = new Effort(2, 1e-2);
    }

    static CurvatureRest of(LinearOperator curvature, LanczosCurvature known, Effort effort, long seed, ProgressListener progress) {
        int size = curvature.size();
        if (known.values().length >= size) {
            return new CurvatureRest(0, 0);
        }
        int steps = Math.min(size - known.values().length, MOST_STEPS);
        int together = (int) Math.max(1, Math.min(effort.probes(), ELEMENTS / size));
        double trace = 0;
        double squared = 0;
        for (int from = 0; from < effort.probes(); from += together) {
            Forms forms = forms(curvature, known, from, Math.min(effort.probes(), from + together), steps, effort.accuracy(), seed, progress);
            trace += forms.logarithm() / effort.probes();
            squared += forms.squared() / effort.probes();
        }
        // zᵀ A z has the variance 2 tr A² (Avron and Toledo 2011, section 5), which few vectors tell better than their own spread does
        return new CurvatureRest(trace, Math.hypot(Math.sqrt(2 * squared / effort.probes()), effort.accuracy() * trace));
    }

    /**
     * Sums over some random vectors.
     *
     * @param logarithm of zᵀ log(I + S) z
     * @param squared of zᵀ log(I + S)² z
     */
    private record Forms(double logarithm, double squared) {
    }

    /** For some standard normal vectors, without what lies along the eigenvectors. */
    private static Forms forms(LinearOperator curvature, LanczosCurvature known, int from, int to, int steps, double accuracy, long seed, ProgressListener progress) {
        int size = curvature.size();
        int columns = to - from;
        double[][] before = new double[columns][size];
        double[][] now = new double[columns][];
        double[] squares = new double[columns];
        for (int j = 0; j < columns; j++) {
            now[j] = RandomWeights.gaussian(size, new SplittableRandom(RandomWeights.stream(seed, from + j).nextLong()));
            project(now[j], known.vectors());
            squares[j] = SiteSystem.dot(now[j], now[j]);
            scale(now[j], squares[j] > 0 ? 1 / Math.sqrt(squares[j]) : 0);
        }
        double[][] diagonal = new double[columns][steps];
        double[][] off = new double[columns][steps];
        double[] product = new double[size * columns];
        double[] totals = new double[steps];
        double total = 0;
        double squared = 0;
        for (int m = 0; m < steps && !isSettled(totals, m, accuracy); m++) {
            progress.progress("steps for the curvature beyond the eigenvalues", m, steps);
            curvature.multiply(LogitKernel.interleave(Arrays.asList(now)), columns, product);
            squared = 0;
            for (int j = 0; j < columns; j++) {
                double[] next = column(product, columns, j);
                if (known.next().length > 0) {
                    add(next, -known.coupling() * SiteSystem.dot(known.next(), now[j]), known.next());
                }
                project(next, known.vectors());
                diagonal[j][m] = SiteSystem.dot(now[j], next);
                add(next, -diagonal[j][m], now[j]);
                add(next, m == 0 ? 0 : -off[j][m - 1], before[j]);
                off[j][m] = Math.sqrt(SiteSystem.dot(next, next));
                scale(next, off[j][m] > 0 ? 1 / off[j][m] : 0);
                before[j] = now[j];
                now[j] = next;
                Tridiagonal seen = new Tridiagonal(Arrays.copyOf(diagonal[j], m + 1), Arrays.copyOf(off[j], m));
                totals[m] += squares[j] * seen.quadrature(Math::log1p);
                squared += squares[j] * seen.quadrature(value -> Math.log1p(value) * Math.log1p(value));
            }
            total = totals[m];
        }
        return new Forms(total, squared);
    }

    /** Whether changes that go on to shrink as the last one did would come to no more than the accuracy. */
    private static boolean isSettled(double[] totals, int count, double accuracy) {
        if (count < 3) {
            return false;
        }
        double last = Math.abs(totals[count - 1] - totals[count - 2]);
        double before = Math.abs(totals[count - 2] - totals[count - 3]);
        return last * last <= accuracy * Math.abs(totals[count - 1]) * (before - last);
    }

    private static double[] column(double[] block, int columns, int j) {
        double[] column = new double[block.length / columns];
        for (int i = 0; i < column.length; i++) {
            column[i] = block[i * columns + j];
        }
        return column;
    }

    private static void project(double[] v, double[][] orthonormal) {
        for (double[] vector : orthonormal) {
            add(v, -SiteSystem.dot(v, vector), vector);
        }
    }

    private static void add(double[] v, double factor, double[] other) {
        for (int i = 0; i < v.length; i++) {
            v[i] += factor * other[i];
        }
    }

    private static void scale(double[] v, double factor) {
        for (int i = 0; i < v.length; i++) {
            v[i] *= factor;
        }
    }
}
