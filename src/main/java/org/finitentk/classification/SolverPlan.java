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
                    throw new IllegalArgumentException(String.format(Locale.ROOT, "the solver DENSE needs %.2f GiB for %d examples of %d classes, more than the heap of %.2f GiB allows; "
                        + "use solver AUTO, fewer examples, or give Java more memory (-Xmx)", bytes / (1 << 30), n, map.classes(), Runtime.getRuntime().maxMemory() / (double) (1 << 30)));
                }
                yield new SolverPlan(CovarianceSolver.DENSE, "as asked: " + size);
            }
            case AUTO -> {
                if (fits && rows <= DENSE_ROWS) {
                    yield new SolverPlan(CovarianceSolver.DENSE, "small enough to factorize: " + size);
                }
                boolean kernel = keepsKernel(map, n);
                CovarianceSolver other = inference == Inference.LAPLACE && !kernel ? CovarianceSolver.LOW_RANK : CovarianceSolver.ITERATIVE;
                yield new SolverPlan(other, (kernel ? "the kernel matrix fits, its product with classes does not: " : "too large to factorize: ") + size);
            }
            default -> new SolverPlan(asked, "as asked: " + size);
        };
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
