package org.finitentk.regression;

import java.util.Locale;
import org.finitentk.internal.kernel.CostModel;

/**
 * What a solver would take.
 *
 * @param condition on which it rests, as messages begin with it, or empty
 * @param seconds of all cores, roughly
 * @param heap bytes of Java heap
 * @param limit why it cannot be used whatever the memory, or empty
 */
record Estimate(String condition, double seconds, double heap, String limit) {
    Estimate(double seconds, double heap, String limit) {
        this("", seconds, heap, limit);
    }

    boolean fits() {
        return limit.isEmpty() && CostModel.fitsHeap(heap);
    }

    String words(Solver solver) {
        String obstacle = limit.isEmpty() ? fits() ? "" : " (too much)" : " (" + limit + ")";
        return String.format(
                Locale.ROOT,
                "%s%s about %.1f s and %.1f MiB%s",
                condition,
                solver,
                seconds,
                heap / (1 << 20),
                obstacle);
    }
}
