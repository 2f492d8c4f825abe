package org.finitentk.regression;

import java.util.Locale;

/**
 * What the dense solver needs.
 *
 * @param rows side of a kernel matrix
 * @param factorizations how many matrices are factorized
 * @param learning whether eigenvectors are needed
 */
record DenseCost(long rows, int factorizations, boolean learning) {
    /** A Java array holds 2³¹ - 1 elements. */
    private static final long MAX_ROWS = 46_340;

    static DenseCost of(int n, OutputPlan plan, RegressionSettings settings) {
        return new DenseCost((long) n * plan.rowsPerExample(), plan.structure() == OutputStructure.INDEPENDENT ? plan.networkOutputs() : 1,
            settings.learning() != HyperparameterLearning.NONE);
    }

    /** The matrix and its factor, and the eigensolver's work space; factors of earlier matrices stay. */
    long bytes() {
        long matrix = 8 * rows * rows;
        return matrix * (factorizations - 1) + matrix * (learning ? 4 : 2);
    }

    void requireFits() {
        long heap = Runtime.getRuntime().maxMemory();
        if (rows > MAX_ROWS || bytes() > heap) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                "the dense solver needs a %d × %d kernel matrix and about %.1f GiB, but at most %d rows and %.1f GiB of heap are there; use fewer examples, outputs SHARED, or a larger -Xmx",
                rows, rows, bytes() / (double) (1 << 30), MAX_ROWS, heap / (double) (1 << 30)));
        }
    }

    /** Why this solver, for the provenance. */
    String reason() {
        return String.format(Locale.ROOT, "the only solver; %d factorization(s) of %d rows, about %.1f MiB", factorizations, rows, bytes() / (double) (1 << 20));
    }
}
