package org.finitentk.internal.kernel;

import java.util.List;
import java.util.function.Function;
import org.finitentk.network.ProgressListener;

/** Tells how many of the products of two tiles are done, or where gradients are large, how many of these are made. */
public final class GramCount {
    private final ProgressListener progress;
    private final String stage;
    private final boolean large;
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
        this.large = structure.isLarge();
        this.stage = large ? "gradients for the " + matrix : matrix;
        this.total = left.stream()
                .mapToLong(some -> large
                        ? some.count() + count(right.apply(some))
                        : ofLeft + right.apply(some).size())
                .sum();
    }

    private static long count(List<Rows> tiles) {
        return tiles.stream().mapToLong(Rows::count).sum();
    }

    /** The product of two tiles is done. */
    public void product() {
        if (!large) {
            next(1);
        }
    }

    /** The gradients of so many rows more are made. */
    public void gradients(int rows) {
        if (large) {
            next(rows);
        }
    }

    private synchronized void next(int more) {
        done += more;
        progress.progress(stage, done, total);
    }
}
