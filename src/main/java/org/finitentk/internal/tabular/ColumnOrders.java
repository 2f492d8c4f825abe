package org.finitentk.internal.tabular;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.internal.onnx.InputScales;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of columns for which a network's outputs say more of the targets than for the given one: all
 * orders of few columns, else those that are one or two exchanges or moves away from the given one, the table's and the
 * alphabet's. Farther ones are looked for by {@link FarOrders}, where the given one is no good at all.
 *
 * <p>So many orders are tried that the best of them looks better than it is. It is found on one half of the rows and
 * tested on the other, once, so that nothing need be corrected for how many were tried. It must also explain nearly
 * what a linear function of the columns explains there, as a network does that was trained for it. It is a hint and no
 * proof: only a person can know how the network was trained.
 */
final class ColumnOrders {
    /** The greatest probability at which a better order is not taken for chance. */
    private static final double SIGNIFICANT = 1e-3;
    /** The least part of the targets' variance that an order must explain more than the given one. */
    private static final double LEAST_GAIN = 0.1;

    /** The least part of what a linear function explains. */
    private static final double LEAST_OF_LINEAR = 0.7;

    /** The same for orders that may be anything: what explains less is a better order than the given, and not right. */
    private static final double FAR_OF_LINEAR = 0.95;

    private static final int FEWEST_ROWS = 40;
    private static final int MOST_SEARCHED = 500;
    private static final int MOST_COLUMNS = 40;
    /** Columns of which all orders are tried: 720. */
    private static final int ALL_ORDERS = 6;

    private static final int STEPS = 2;
    /** Multiplications that all orders together may take: seconds. */
    private static final double WORK = 3e10;

    private static final int FLIPS = 9_999;
    private static final long SEED = 2;
    private static final String STAGE = "orders of columns";

    private final AloneRows searched;
    private final AloneRows tested;
    private final int columns;

    /**
     * An order that fares better.
     *
     * @param order the listed column for each of the input's numbers
     * @param explained the part of the variance that it explains, in rows that were not searched
     * @param given the same of the given order
     */
    record Better(int[] order, double explained, double given) {}

    private ColumnOrders(AloneRows searched, AloneRows tested, int columns) {
        this.searched = searched;
        this.tested = tested;
        this.columns = columns;
    }

    /**
     * Searches and tests.
     *
     * @param rows in an order that has nothing to do with their content
     * @param starts orders that are likely, such as the table's own
     * @param progress hears of each start
     * @return null if there is no such order, or too little to find one by
     */
    static @Nullable Better of(AloneRows rows, List<int[]> starts, ProgressListener progress) {
        int columns = rows.columns();
        int half = rows.size() / 2;
        double orders = starts.size() * STEPS * 1.5 * columns * columns;
        double multiplications = 2.0 * rows.network().parameterCount() * orders;
        int most = (int) Math.min(MOST_SEARCHED, WORK / multiplications);
        if (columns < 2 || columns > MOST_COLUMNS || rows.size() < FEWEST_ROWS || most < FEWEST_ROWS) {
            return null;
        }
        AloneRows searched = rows.slice(0, Math.min(half, most));
        return new ColumnOrders(searched, rows.slice(half, rows.size()), columns).better(starts, progress);
    }

    private @Nullable Better better(List<int[]> starts, ProgressListener progress) {
        int[] given = IntStream.range(0, columns).toArray();
        Best best = new Best(given);
        if (columns <= ALL_ORDERS) {
            all(given, 0, best);
        } else {
            for (int s = 0; s < starts.size(); s++) {
                progress.progress(STAGE, s, starts.size());
                best.attempt(near(starts.get(s)));
            }
            progress.progress(STAGE, starts.size(), starts.size());
        }
        return tested(given, best.order, LEAST_OF_LINEAR);
    }

    /** All orders that differ from a place on. */
    private void all(int[] order, int from, Best best) {
        best.attempt(order);
        for (int i = from; i < columns; i++) {
            for (int j = i + 1; j < columns; j++) {
                all(exchanged(order, i, j), i + 1, best);
            }
        }
    }

    /** The best order after two steps, each the best exchange or move. */
    private int[] near(int[] start) {
        Best best = new Best(start);
        for (int step = 0; step < STEPS; step++) {
            int[] from = best.order;
            for (int i = 0; i < columns; i++) {
                for (int j = 0; j < columns; j++) {
                    if (i < j) {
                        best.attempt(exchanged(from, i, j));
                    }
                    if (Math.abs(i - j) > 1) {
                        best.attempt(moved(from, i, j));
                    }
                }
            }
        }
        return best.order;
    }

    /** The best order so far. */
    private final class Best {
        private int[] order;
        private double most;

        Best(int[] start) {
            order = start;
            most = explained(start);
        }

        void attempt(int[] candidate) {
            double explained = explained(candidate);
            if (explained > most) {
                order = candidate;
                most = explained;
            }
        }
    }

    static int[] exchanged(int[] order, int i, int j) {
        int[] other = order.clone();
        other[i] = order[j];
        other[j] = order[i];
        return other;
    }

    private static int[] moved(int[] order, int from, int to) {
        int[] other = order.clone();
        if (from < to) {
            System.arraycopy(order, from + 1, other, from, to - from);
        } else {
            System.arraycopy(order, to, other, to + 1, from - to);
        }
        other[to] = order[from];
        return other;
    }

    private double explained(int[] order) {
        return searched.explained(order);
    }

    /**
     * An order, if it is better than the given one in rows on which it was not found.
     *
     * @param leastOfLinear the least part that it must explain of what a linear function explains
     */
    private @Nullable Better tested(int[] given, int[] found, double leastOfLinear) {
        double[] givenErrors = errors(given);
        double[] foundErrors = errors(found);
        double square = Arrays.stream(tested.targets()).map(y -> y * y).sum();
        double givenPart = 1 - Arrays.stream(givenErrors).sum() / square;
        double foundPart = 1 - Arrays.stream(foundErrors).sum() / square;
        double[] gains = new double[givenErrors.length];
        Arrays.setAll(gains, i -> givenErrors[i] - foundErrors[i]);
        boolean isBetter = foundPart >= LEAST_GAIN
                && foundPart - givenPart >= LEAST_GAIN
                && foundPart >= leastOfLinear * searched.linear(tested)
                && chance(gains) < SIGNIFICANT;
        return isBetter ? new Better(found, foundPart, givenPart) : null;
    }

    /**
     * Searches among all orders of more columns than {@link #of} tries all orders of.
     *
     * @param rows in an order that has nothing to do with their content
     * @param scales what the network expects of its inputs; null if it does not say
     * @param progress hears of each start
     * @return null if there is no such order, or too little to find one by
     */
    static @Nullable Better far(AloneRows rows, @Nullable InputScales scales, ProgressListener progress) {
        int columns = rows.columns();
        int half = rows.size() / 2;
        if (columns <= ALL_ORDERS || columns > MOST_COLUMNS || rows.size() < FEWEST_ROWS) {
            return null;
        }
        int most = FarOrders.rows(columns, rows.network().parameterCount(), half);
        if (most < FEWEST_ROWS / 2) {
            return null;
        }
        AloneRows searched = rows.slice(0, most);
        int[] scaled = scales == null ? null : ScaleOrder.of(scales, searched.numbers());
        int[] found = new FarOrders(searched).best(scaled, progress);
        return found == null
                ? null
                : new ColumnOrders(searched, rows.slice(half, rows.size()), columns)
                        .tested(IntStream.range(0, columns).toArray(), found, FAR_OF_LINEAR);
    }

    /** Of the rows that are tested, by the map that the others gave. */
    private double[] errors(int[] order) {
        return searched.map(searched.outputs(order)).errors(tested.outputs(order), tested.targets());
    }

    /** The probability that gains whose signs are chance have so great a sum. */
    private static double chance(double[] gains) {
        SplittableRandom random = new SplittableRandom(SEED);
        double found = Arrays.stream(gains).sum();
        int exceeding = 0;
        for (int flip = 0; flip < FLIPS; flip++) {
            double sum = 0;
            for (double gain : gains) {
                sum += random.nextBoolean() ? gain : -gain;
            }
            exceeding += sum >= found ? 1 : 0;
        }
        return (exceeding + 1.0) / (FLIPS + 1.0);
    }
}
