package org.finitentk.regression;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.logging.Logger;

/** What was found out about variances while they were predicted. */
final class VarianceFindings {
    private static final Logger LOG = Logger.getLogger(VarianceFindings.class.getName());

    private final AtomicLong clipped = new AtomicLong();
    private final DoubleAccumulator largestError = new DoubleAccumulator(Math::max, 0);

    long clipped() {
        return clipped.get();
    }

    double largestError() {
        return largestError.get();
    }

    double clip(double latent) {
        if (latent < 0) {
            clipped.incrementAndGet();
            return 0;
        }
        return latent;
    }

    /** One line, again only where it gets much worse: many predictions are of one example. */
    void report(double largest, VarianceMethod method, int rank) {
        if (largest > 2 * largestError.get()) {
            LOG.fine(() -> method == VarianceMethod.CACHED
                    ? String.format(
                            Locale.ROOT,
                            "variances from a subspace of dimension %d: none is too large by more than %.3g; a larger "
                                    + "variance rank makes it less",
                            rank,
                            largest)
                    : String.format(
                            Locale.ROOT,
                            "variances by solves: none is too large by more than %.3g; a smaller tolerance "
                                    + "makes it less",
                            largest));
        }
        largestError.accumulate(largest);
    }
}
