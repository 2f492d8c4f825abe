package org.finitentk.internal.tabular;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the order of columns for which a network's outputs say most of the targets, wherever it is: from the given
 * order and from random ones, exchanges are made as long as one of them is a gain. Such a climb ends on one hill of
 * many, so that an order counts only where two climbs end at the same height, the greatest, or the climb from the order
 * that the network's own scales speak for ends there ({@link ScaleOrder}). Measured with 24 starts: columns of
 * different units, 9 of them, were put right from every order, 10 of which 5 do not matter were put right but for
 * these; of 13 columns of wines with 80 rows, any of which tells the sorts apart, other orders explain as much as the
 * right one does.
 */
final class FarOrders {
    private static final int STARTS = 24;
    private static final int MOST_ROWS = 200;
    /** What is the same height. */
    private static final double SAME = 0.002;
    /** Orders that a climb tries, for each square of the number of columns. */
    private static final double TRIED = 3;
    /** Multiplications that all climbs together may take: seconds. */
    private static final double WORK = 3e10;

    private static final long SEED = 4;
    private static final String STAGE = "orders of columns";

    private final AloneRows rows;

    /** Of rows that are not those on which an order is tested. */
    FarOrders(AloneRows rows) {
        this.rows = rows;
    }

    /** How many of some rows can be looked at in seconds. */
    static int rows(int columns, long parameters, int available) {
        double each = 2.0 * parameters * STARTS * TRIED * columns * columns;
        return (int) Math.min(Math.min(available, MOST_ROWS), WORK / each);
    }

    /** An order and what it explains. */
    private record Height(int[] order, double explained) {}

    /**
     * The best order.
     *
     * @param scaled the order that the network's scales speak for, null if they are not known
     * @param progress hears of each climb
     * @return null if only one climb found it, from a random order
     */
    int @Nullable [] best(int @Nullable [] scaled, ProgressListener progress) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Height> found = new ArrayList<>();
        int[] given = IntStream.range(0, rows.columns()).toArray();
        for (int start = 0; start < STARTS; start++) {
            progress.progress(STAGE, start, STARTS);
            found.add(climb(start == 0 ? given : shuffled(given, random)));
        }
        progress.progress(STAGE, STARTS, STARTS);
        Height best = found.get(0);
        for (Height other : found) {
            best = other.explained > best.explained ? other : best;
        }
        double least = best.explained - SAME;
        if (scaled != null) {
            Height own = climb(scaled);
            if (own.explained >= least) {
                return own.order;
            }
        }
        return found.stream().filter(other -> other.explained >= least).count() > 1 ? best.order : null;
    }

    private Height climb(int[] start) {
        Height at = new Height(start, rows.explained(start));
        boolean rises = true;
        while (rises) {
            rises = false;
            for (int i = 0; i < start.length; i++) {
                for (int j = i + 1; j < start.length; j++) {
                    int[] order = ColumnOrders.exchanged(at.order, i, j);
                    double explained = rows.explained(order);
                    if (explained > at.explained + 1e-6) {
                        at = new Height(order, explained);
                        rises = true;
                    }
                }
            }
        }
        return at;
    }

    private static int[] shuffled(int[] given, SplittableRandom random) {
        int[] order = given.clone();
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int own = order[i];
            order[i] = order[j];
            order[j] = own;
        }
        return order;
    }
}
