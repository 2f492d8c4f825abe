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
 * @param error its standard error
 */
record CurvatureRest(double logDeterminant, double error) {
    private static final int MOST_STEPS = 60;
    /** Numbers in the vectors that are multiplied at a time. */
    private static final long ELEMENTS = 1L << 24;

    /**
     * How much work the estimate is worth.
     *
     * @param probes random vectors, at least 2
     * @param accuracy relative change of the estimate by two more nodes that ends quadrature
     */
    record Effort(int probes, double accuracy) {
        /** Where λ maximizes what comes out. */
        static final Effort SEARCHED = new Effort(6, 3e-4);
        /** Where it is only told: each step costs as much for each vector as an eigenvalue, minutes with 10,000 images. */
        static final Effort REPORTED = new Effort(3, 1e-2);
    }

    static CurvatureRest of(LinearOperator curvature, LanczosCurvature known, Effort effort, long seed, ProgressListener progress) {
        int size = curvature.size();
        if (known.values().length >= size) {
            return new CurvatureRest(0, 0);
        }
        int steps = Math.min(size - known.values().length, MOST_STEPS);
        int together = (int) Math.max(1, Math.min(effort.probes(), ELEMENTS / size));
        double[] estimates = new double[effort.probes()];
        for (int from = 0; from < effort.probes(); from += together) {
            int to = Math.min(effort.probes(), from + together);
            System.arraycopy(forms(curvature, known, from, to, steps, effort.accuracy(), seed, progress), 0, estimates, from, to - from);
        }
        double mean = Arrays.stream(estimates).average().orElseThrow();
        double squares = Arrays.stream(estimates).map(value -> (value - mean) * (value - mean)).sum();
        return new CurvatureRest(mean, Math.sqrt(squares / (effort.probes() - 1) / effort.probes()));
    }

    /** zᵀ log(I + S) z of some standard normal vectors, without what lies along the eigenvectors. */
    private static double[] forms(LinearOperator curvature, LanczosCurvature known, int from, int to, int steps, double accuracy, long seed,
                                  ProgressListener progress) {
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
        double[] forms = new double[columns];
        double[] totals = new double[steps];
        for (int m = 0; m < steps && !isSettled(totals, m, accuracy); m++) {
            progress.progress("steps for the curvature beyond the eigenvalues", m, steps);
            curvature.multiply(LogitKernel.interleave(Arrays.asList(now)), columns, product);
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
                forms[j] = squares[j] * new Tridiagonal(Arrays.copyOf(diagonal[j], m + 1), Arrays.copyOf(off[j], m)).quadrature(Math::log1p);
                totals[m] += forms[j];
            }
        }
        return forms;
    }

    private static boolean isSettled(double[] totals, int count, double accuracy) {
        return count > 2 && Math.abs(totals[count - 1] - totals[count - 3]) <= accuracy * Math.abs(totals[count - 1]);
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
