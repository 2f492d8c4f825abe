package org.finitentk.classification;

import java.util.Locale;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.kernel.KernelAccess;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/**
 * How the covariance is computed with, and why.
 *
 * @param solver never AUTO
 * @param reason a few words
 */
record SolverPlan(CovarianceSolver solver, String reason) {
    /** Matrices of one C × C block an example that a step has at a time: curvatures, roots, mixtures. */
    private static final int BLOCK_MATRICES = 6;
    /** Matrices of a dense solve besides the kernel: B, and room for panels. */
    private static final double DENSE_MATRICES = 1.3;
    /** Vectors that are solved for together: the targets and draws. */
    private static final int TOGETHER = 33;
    /** Times that they are multiplied until λ is known: 10 iterations, 3 Newton steps, 10 values of λ. */
    private static final int PRODUCTS = 300;

    static SolverPlan of(Inference inference, CovarianceSolver asked, LogitMap map, int n) {
        long rows = (long) n * map.classes();
        long side = map.isShared() ? n : rows;
        double bytes = Double.BYTES * (DENSE_MATRICES * rows * rows + (double) side * side);
        boolean fits = rows <= CostModel.MAX_SIDE && CostModel.fitsHeap(CostModel.peak(bytes));
        String size = String.format(
                Locale.ROOT, "%d examples of %d classes, %.2f GiB dense", n, map.classes(), bytes / (1 << 30));
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
            case AUTO ->
                fits && CostModel.isMoment(CostModel.seconds(CostModel.cholesky((double) rows), map.network()))
                        ? new SolverPlan(CovarianceSolver.DENSE, "small enough to factorize: " + size)
                        : iterativeOrLowRank(inference, map, n, size);
        };
    }

    private static SolverPlan iterativeOrLowRank(Inference inference, LogitMap map, int n, String size) {
        if (!blocksFit(n, map.classes())) {
            if (inference == Inference.LAPLACE) {
                String reason = "too large to factorize, and so are the likelihood's curvatures for all examples: ";
                return new SolverPlan(CovarianceSolver.LOW_RANK, reason + size);
            }
            throw tooLarge("ITERATIVE", blockBytes(n, map.classes()), n, map.classes());
        }
        KernelAccess access = access(map, n);
        double vectors = vectors(map);
        if (inference == Inference.LAPLACE) {
            double seconds = CostModel.seconds(access.operations(vectors, vectors, 0), map.network());
            if (!CostModel.isPatient(seconds)) {
                String reason = String.format(
                        Locale.ROOT, "too large to factorize, and ITERATIVE would take about %.0f s: ", seconds);
                return new SolverPlan(CovarianceSolver.LOW_RANK, reason + size);
            }
        }
        boolean matrix = access.cheapest(vectors) == KernelAccess.Form.MATRIX;
        String reason =
                matrix ? "the kernel matrix fits, its product with classes does not: " : "too large to factorize: ";
        return new SolverPlan(CovarianceSolver.ITERATIVE, reason + size);
    }

    /** How ITERATIVE multiplies with the training kernel. */
    private static KernelAccess access(LogitMap map, int n) {
        return new KernelAccess(map.network(), n, map.outputs(), 1, vectors(map) / PRODUCTS, false);
    }

    /** Under SHARED each class is a vector of its own. */
    private static double vectors(LogitMap map) {
        return (double) PRODUCTS * TOGETHER * (map.isShared() ? map.classes() : 1);
    }

    private static IllegalArgumentException tooLarge(String solver, double bytes, int n, int classes) {
        return new IllegalArgumentException(String.format(
                Locale.ROOT,
                "the solver %s needs %.2f GiB for %d examples of %d classes, more than the heap of %.2f GiB allows; "
                        + "use fewer examples, inference MAP or MEAN_FIELD, or LAPLACE with the solver "
                        + "LOW_RANK, or give Java more memory (-Xmx)",
                solver,
                bytes / (1 << 30),
                n,
                classes,
                Runtime.getRuntime().maxMemory() / (double) (1 << 30)));
    }

    private static double blockBytes(int n, int classes) {
        return (double) Double.BYTES * BLOCK_MATRICES * n * classes * classes;
    }

    private static boolean blocksFit(int n, int classes) {
        return (long) n * classes * classes <= CostModel.MAX_ELEMENTS
                && CostModel.fitsHeap(CostModel.peak(blockBytes(n, classes)));
    }

    /** The training kernel as ITERATIVE multiplies with it. */
    static LogitKernel kernel(LogitMap map, Examples x, ProgressListener progress) {
        return LogitKernel.products(map, x, access(map, x.size()).cheapest(vectors(map)), progress);
    }
}
