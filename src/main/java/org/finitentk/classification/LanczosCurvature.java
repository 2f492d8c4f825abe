package org.finitentk.classification;

import java.util.SplittableRandom;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.SymmetricEigen;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.ProgressListener;

/**
 * The largest eigenvalues of λ Jᵀ H J and their vectors by the Lanczos process with full reorthogonalization (Golub and
 * Van Loan 2013, "Matrix Computations", section 10.1): what the process has seen of the curvature after so many
 * products.
 *
 * @param values descending, positive
 * @param vectors one unit vector an eigenvalue
 * @param next the unit vector that the process was about to add; empty if it saw everything
 * @param coupling what that vector's curvature owes to those before it, once these are eliminated from I + λ Jᵀ H J
 */
record LanczosCurvature(double[] values, double[][] vectors, double[] next, double coupling) {
    /** A direction this small, relative to the largest product, is rounding. */
    private static final double NOTHING = 1e-7;

    static LanczosCurvature of(LinearOperator curvature, int rank, long seed, ProgressListener progress) {
        int size = curvature.size();
        double[][] basis = new double[Math.min(rank, size)][];
        double[] diagonal = new double[basis.length];
        double[] off = new double[basis.length];
        double[] next = start(curvature, seed);
        double largest = 0;
        int found = 0;
        while (found < basis.length) {
            basis[found] = next;
            double[] product = new double[size];
            curvature.multiply(next, 1, product);
            diagonal[found] = Vectors.dot(next, product);
            orthogonalize(product, basis, found + 1);
            off[found] = Vectors.norm(product);
            largest = Math.max(largest, Math.max(Math.abs(diagonal[found]), off[found]));
            if (!Double.isFinite(largest)) {
                throw new IllegalArgumentException(
                        "products with the likelihood's curvature are not finite; expected numbers that "
                                + "the network's precision holds, so look for extreme "
                                + "features, or use the solver DENSE or ITERATIVE");
            }
            next = product;
            progress.progress("eigenvalues", found + 1, basis.length);
            if (off[found++] <= NOTHING * largest) {
                break;
            }
            Vectors.scale(next, 1 / off[found - 1]);
        }
        return ritz(basis, diagonal, off, found, off[found - 1] <= NOTHING * largest ? new double[0] : next);
    }

    /** In the range of the curvature, so that no direction is spent on what it does not see. */
    private static double[] start(LinearOperator curvature, long seed) {
        double[] start = new double[curvature.size()];
        curvature.multiply(RandomWeights.gaussian(start.length, new SplittableRandom(seed)), 1, start);
        double norm = Vectors.norm(start);
        Vectors.scale(start, norm == 0 ? 0 : 1 / norm);
        return start;
    }

    /** Twice, which is enough. */
    private static void orthogonalize(double[] v, double[][] basis, int count) {
        for (int pass = 0; pass < 2; pass++) {
            for (int b = 0; b < count; b++) {
                double along = Vectors.dot(v, basis[b]);
                Vectors.add(v, -along, basis[b]);
            }
        }
    }

    private static LanczosCurvature ritz(
            double[][] basis, double[] diagonal, double[] off, int count, double[] following) {
        double[] t = new double[count * count];
        for (int i = 0; i < count; i++) {
            t[i * count + i] = diagonal[i];
            if (i + 1 < count) {
                t[(i + 1) * count + i] = off[i];
                t[i * count + i + 1] = off[i];
            }
        }
        SymmetricEigen eigen = SymmetricEigen.decomposeInPlace(t, count);
        double[] ascending = eigen.values();
        int kept = 0;
        while (kept < count && ascending[count - 1 - kept] > 0) {
            kept++;
        }
        double[] values = new double[kept];
        double[][] vectors = new double[kept][basis[0].length];
        for (int r = 0; r < kept; r++) {
            values[r] = ascending[count - 1 - r];
            for (int b = 0; b < count; b++) {
                double factor = eigen.vector(count - 1 - r, b);
                for (int i = 0; i < vectors[r].length; i++) {
                    vectors[r][i] += factor * basis[b][i];
                }
            }
        }
        double last = 0;
        for (int j = 0; j < count; j++) {
            last += eigen.vector(j, count - 1) * eigen.vector(j, count - 1) / (1 + Math.max(0, ascending[j]));
        }
        return new LanczosCurvature(values, vectors, following, off[count - 1] * off[count - 1] * last);
    }
}
