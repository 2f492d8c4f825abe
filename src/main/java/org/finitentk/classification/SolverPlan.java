package org.finitentk.classification;

import java.util.Locale;
import org.finitentk.autodiff.Linearization;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.OperationCount;

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

    /** Seconds that the exact posterior is worth, before its largest eigenvalues are taken instead. */
    private static final double PATIENCE = 600;
    /** Vectors that are multiplied until λ is known: 33 at a time, 10 iterations, 3 Newton steps, 10 values of λ. */
    private static final double SOLVED_VECTORS = 10_000;
    /** Single-precision operations a second of an ordinary machine. */
    private static final double RATE = 1e11;

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
        if (inference == Inference.LAPLACE && !(blocks && (kernel || iterativeSeconds(map, n) <= PATIENCE))) {
            String seconds = blocks ? String.format(Locale.ROOT, ", and ITERATIVE would take about %.0f s: ", iterativeSeconds(map, n)) : ", and so are the likelihood's curvatures for all examples: ";
            return new SolverPlan(CovarianceSolver.LOW_RANK, "too large to factorize" + seconds + size);
        }
        if (!blocks) {
            throw tooLarge("ITERATIVE", blockBytes(n, map.classes()), n, map.classes());
        }
        return new SolverPlan(CovarianceSolver.ITERATIVE, (kernel ? "the kernel matrix fits, its product with classes does not: " : "too large to factorize: ") + size);
    }

    /** Of solves whose products run the network: a product with J and one with Jᵀ take three forward passes each. */
    private static double iterativeSeconds(LogitMap map, int n) {
        Linearization linearization = map.network().linearization();
        double forward = linearization == null ? 2.0 * map.network().parameterCount() : OperationCount.of(linearization.forward()).perExample();
        return 6 * forward * n * SOLVED_VECTORS * (map.isShared() ? map.classes() : 1) / RATE;
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
