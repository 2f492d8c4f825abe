package org.finitentk.classification;

import java.util.Locale;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/**
 * How the covariance is computed with, and why.
 *
 * @param solver never AUTO
 * @param reason a few words
 */
record SolverPlan(CovarianceSolver solver, String reason) {
    /** Rows up to which a Cholesky factorization takes seconds. */
    private static final long DENSE_ROWS = 12_000;
    /** Rows up to which a kernel matrix is quickly made and kept. */
    private static final int KERNEL_ROWS = 12_000;
    /** Share of the heap that matrices may take. */
    private static final double HEAP_SHARE = 0.6;
    /** Matrices of one C × C block an example that a step has at a time: curvatures, roots, mixtures. */
    private static final int BLOCK_MATRICES = 6;
    /** Matrices of a dense solve besides the kernel: B, and room for panels. */
    private static final double DENSE_MATRICES = 1.3;

    static SolverPlan of(Inference inference, CovarianceSolver asked, LogitMap map, int n) {
        long rows = (long) n * map.classes();
        long side = map.isShared() ? n : rows;
        double bytes = Double.BYTES * (DENSE_MATRICES * rows * rows + (double) side * side);
        boolean fits = rows <= 46_340 && bytes <= limit();
        String size = String.format(Locale.ROOT, "%d examples of %d classes, %.2f GiB dense", n, map.classes(), bytes / (1 << 30));
        return switch (asked) {
            case DENSE -> {
                if (!fits) {
                    throw tooLarge("DENSE", bytes, n, map.classes());
                }
                yield new SolverPlan(CovarianceSolver.DENSE, "as asked: " + size);
            }
            case ITERATIVE -> {
                if (!blocksFit(n, map.classes())) {
                    throw tooLarge("ITERATIVE", blockBytes(n, map.classes()), n, map.classes());
                }
                yield new SolverPlan(CovarianceSolver.ITERATIVE, "as asked: " + size);
            }
            case LOW_RANK -> new SolverPlan(CovarianceSolver.LOW_RANK, "as asked: " + size);
            case AUTO -> fits && rows <= DENSE_ROWS ? new SolverPlan(CovarianceSolver.DENSE, "small enough to factorize: " + size) : iterativeOrLowRank(inference, map, n, size);
        };
    }

    private static SolverPlan iterativeOrLowRank(Inference inference, LogitMap map, int n, String size) {
        boolean blocks = blocksFit(n, map.classes());
        boolean kernel = keepsKernel(map, n);
        if (inference == Inference.LAPLACE && !(blocks && kernel)) {
            return new SolverPlan(CovarianceSolver.LOW_RANK, "too large to factorize" + (blocks ? ": " : ", and so are the likelihood's curvatures for all examples: ") + size);
        }
        if (!blocks) {
            throw tooLarge("ITERATIVE", blockBytes(n, map.classes()), n, map.classes());
        }
        return new SolverPlan(CovarianceSolver.ITERATIVE, (kernel ? "the kernel matrix fits, its product with classes does not: " : "too large to factorize: ") + size);
    }

    private static IllegalArgumentException tooLarge(String solver, double bytes, int n, int classes) {
        return new IllegalArgumentException(String.format(Locale.ROOT, "the solver %s needs %.2f GiB for %d examples of %d classes, more than the heap of %.2f GiB allows; "
            + "use fewer examples, inference MAP or MEAN_FIELD, or LAPLACE with the solver LOW_RANK, or give Java more memory (-Xmx)", solver, bytes / (1 << 30), n, classes,
            Runtime.getRuntime().maxMemory() / (double) (1 << 30)));
    }

    private static double blockBytes(int n, int classes) {
        return (double) Double.BYTES * BLOCK_MATRICES * n * classes * classes;
    }

    private static boolean blocksFit(int n, int classes) {
        return (long) n * classes * classes <= Integer.MAX_VALUE - 8 && blockBytes(n, classes) <= limit();
    }

    private static double limit() {
        return HEAP_SHARE * Runtime.getRuntime().maxMemory();
    }

    /** Whether ITERATIVE multiplies with a matrix in memory. */
    private static boolean keepsKernel(LogitMap map, int n) {
        long side = map.isShared() ? n : (long) n * map.classes();
        return side <= KERNEL_ROWS && (double) Double.BYTES * side * side <= 0.5 * limit();
    }

    /** The training kernel as ITERATIVE multiplies with it. */
    static LogitKernel kernel(LogitMap map, Examples x, ProgressListener progress) {
        return keepsKernel(map, x.size()) ? LogitKernel.kept(map, x, progress) : LogitKernel.matrixFree(map, x, progress);
    }
}
