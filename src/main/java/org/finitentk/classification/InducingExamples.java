package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.linalg.NativeDoubles;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.util.RandomSubset;
import org.finitentk.network.Examples;

/**
 * Some training examples S whose gradients span the part of the weights that a posterior moves. With K_SS = L Lᵀ, a row
 * of the Jacobian has the coordinates t = L⁻¹ K_S there, w = J_Sᵀ L⁻ᵀ z are the weights of the coordinates z, and what
 * a row has outside has the prior covariance k − tᵀt (the subspace of Hensman, Fusi and Lawrence 2013, "Gaussian
 * processes for big data", with training examples as inducing points).
 *
 * @param examples m of them
 * @param factor L, of m R rows, R being the network's rows of an example
 */
record InducingExamples(Examples examples, Cholesky factor) {
    /** Of the diagonal's mean, what is added to the diagonal; more where that is not enough. */
    private static final double LEAST_ADDED = 1e-12;

    private static final double MOST_ADDED = 1e-3;
    /** Numbers of coordinates that are computed at once: 64 MiB. */
    private static final int AT_ONCE = 1 << 23;

    /** Of a problem, so many at random. */
    static InducingExamples of(LogitProblem problem, int count) {
        Examples x = problem.x()
                .select(RandomSubset.of(
                        problem.x().size(), count, problem.settings().seed()));
        KernelTiles kernel = new KernelTiles(problem.map().network(), problem.progress());
        return new InducingExamples(x, factor(kernel.gram(x, problem.map().outputs())));
    }

    /** Examples that repeat others, and rounding, would leave nothing to divide by. */
    private static Cholesky factor(double[] gram) {
        int side = (int) Math.round(Math.sqrt(gram.length));
        double mean = IntStream.range(0, side)
                .mapToDouble(i -> gram[i * side + i])
                .average()
                .orElse(0);
        for (double share = LEAST_ADDED; ; share *= 10) {
            double[] raised = gram.clone();
            for (int i = 0; i < side; i++) {
                raised[i * side + i] += share * mean;
            }
            try {
                return Cholesky.factor(raised, side);
            } catch (NotPositiveDefiniteException e) {
                if (share > MOST_ADDED || !(mean > 0)) {
                    throw new IllegalArgumentException(
                            "the kernel of " + side + " rows that solver LOW_RANK chose is not positive definite; "
                                    + "use inference LAPLACE, or check that the network's selected parameters move "
                                    + "its outputs",
                            e);
                }
            }
        }
    }

    /** Coordinates of each of the rows. */
    int width() {
        return factor.size();
    }

    /** How many examples' coordinates are computed at once. */
    int step(LogitMap map) {
        return Math.max(1, AT_ONCE / width() / rowsPerExample(map));
    }

    private static int rowsPerExample(LogitMap map) {
        return map.outputs().count(map.network().outputSize());
    }

    /** Those of some examples' rows, one row after the other; the caller closes them. */
    NativeDoubles rows(LogitMap map, Examples z) {
        double[] cross = new KernelTiles(map.network()).consistent(examples, z, map.outputs());
        int rows = cross.length / width();
        factor.forwardInPlace(cross, rows);
        NativeDoubles coordinates = new NativeDoubles(cross.length);
        double[] row = new double[width()];
        for (int i = 0; i < rows; i++) {
            for (int k = 0; k < row.length; k++) {
                row[k] = cross[k * rows + i];
            }
            coordinates.put((long) i * row.length, row, 0, row.length);
        }
        return coordinates;
    }

    /** The order of all coordinates of the weights. */
    WeightColumns columns(LogitMap map) {
        return map.isShared() || map.classes() == 1
                ? WeightColumns.shared(map.classes(), width())
                : WeightColumns.common(map.classes(), width());
    }

    /**
     * Adds the prior covariance, for λ = factor, of what some examples' rows have outside.
     *
     * @param coordinates of their rows
     * @param prior J Jᵀ of each
     * @param from the first one's block
     */
    static void addRest(
            LogitMap map,
            NativeDoubles coordinates,
            BlockDiagonal prior,
            double factor,
            BlockDiagonal blocks,
            int from) {
        int c = map.classes();
        int r = rowsPerExample(map);
        int width = Math.toIntExact(coordinates.size() / prior.blocks() / r);
        double[][] rows = new double[r][width];
        for (int i = 0; i < prior.blocks(); i++) {
            for (int a = 0; a < r; a++) {
                coordinates.get(((long) i * r + a) * width, rows[a], 0, width);
            }
            for (int a = 0; a < c; a++) {
                for (int b = 0; b < c; b++) {
                    boolean meets = a == b || r > 1;
                    double inside = meets ? Vectors.dot(rows[a % r], rows[b % r]) : 0;
                    double rest = prior.values()[(i * c + a) * c + b] - inside;
                    blocks.values()[((from + i) * c + a) * c + b] += factor * (a == b ? Math.max(0, rest) : rest);
                }
            }
        }
    }

    /** J_Sᵀ L⁻ᵀ z of the weights' coordinates z, which are those of each class that has weights of its own. */
    double[] weights(LogitMap map, double[] z) {
        int classes = z.length / width();
        double[] u = new double[z.length];
        for (int c = 0; c < classes; c++) {
            double[] own = Arrays.copyOfRange(z, c * width(), (c + 1) * width());
            factor.backwardInPlace(own, 1);
            for (int i = 0; i < own.length; i++) {
                u[i * classes + c] = own[i];
            }
        }
        return map.transposed(examples, u);
    }

    /** L⁻¹ J_S w, the coordinates of weights. */
    double[] coordinates(LogitMap map, double[] w) {
        double[] f = map.product(examples, w);
        int classes = f.length / width();
        double[] z = new double[f.length];
        for (int c = 0; c < classes; c++) {
            double[] own = new double[width()];
            for (int i = 0; i < own.length; i++) {
                own[i] = f[i * classes + c];
            }
            factor.forwardInPlace(own, 1);
            System.arraycopy(own, 0, z, c * own.length, own.length);
        }
        return z;
    }
}
