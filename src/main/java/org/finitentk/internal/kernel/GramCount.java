package org.finitentk.internal.kernel;

import java.util.List;
import java.util.function.Function;
import org.finitentk.network.ProgressListener;

/**
 * Tells how many of the products of two tiles are done, or where gradients are large or take long, how many of these
 * are made.
 */
public final class GramCount {
    /** Operations of the gradients that take seconds, where memory is slower than arithmetic. */
    private static final double LONG = 2e10;

    private final ProgressListener progress;
    private final String stage;
    private final boolean ofGradients;
    private final long total;
    private long done;

    /**
     * Counts from 0.
     *
     * @param progress is told
     * @param matrix what is made
     * @param structure gives the gradients
     * @param left the tiles whose gradients stay
     * @param right the tiles that go by one of the left
     * @param ofLeft products of each tile of the left with itself
     */
    public GramCount(
            ProgressListener progress,
            String matrix,
            GradientStructure structure,
            List<Rows> left,
            Function<Rows, List<Rows>> right,
            int ofLeft) {
        this.progress = progress;
        long gradients = left.stream()
                .mapToLong(some -> some.count() + count(right.apply(some)))
                .sum();
        this.ofGradients = structure.isLarge() || gradients * structure.operationsPerRow() > LONG;
        this.stage = ofGradients ? "gradients for the " + matrix : matrix;
        this.total = ofGradients
                ? gradients
                : left.stream()
                        .mapToLong(some -> ofLeft + right.apply(some).size())
                        .sum();
    }

    private static long count(List<Rows> tiles) {
        return tiles.stream().mapToLong(Rows::count).sum();
    }

    /** The product of two tiles is done. */
    public void product() {
        if (!ofGradients) {
            next(1);
        }
    }

    /** The gradients of so many rows more are made. */
    public void gradients(int rows) {
        if (ofGradients) {
            next(rows);
        }
    }

    private synchronized void next(int more) {
        done += more;
        progress.progress(stage, done, total);
    }
}
