package org.finitentk.internal.backbone;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What one output says of two labels on training rows: how often it ranks a row of the one above a row of the other.
 * Where the output is 0 does not matter, so that a network whose logit is off by a constant is understood.
 *
 * @param auc the share of pairs in which the output of the second label's row is greater, ties counting half
 * @param above the probability that rows which say nothing give so great a share
 * @param below the probability that they give so small a one
 * @param rows how many rows
 */
record SignEvidence(double auc, double above, double below, int rows) {
    private static final long SEED = 20_210_302;
    private static final int PERMUTATIONS = 9_999;

    /**
     * Ranks rows.
     *
     * @param labels 0 or 1 for each row
     * @param f the network's output for each row
     * @return null if one of the labels has no row
     */
    static @Nullable SignEvidence of(int[] labels, double[] f) {
        int n = labels.length;
        int second = Arrays.stream(labels).sum();
        if (second == 0 || second == n) {
            return null;
        }
        // the smaller of both sums costs less; together they are n (n + 1) / 2
        int counted = 2 * second <= n ? 1 : 0;
        double[] ranks = ranks(f);
        double observed = 0;
        for (int i = 0; i < n; i++) {
            observed += labels[i] == counted ? ranks[i] : 0;
        }
        int size = counted == 1 ? second : n - second;
        double share = (observed - 0.5 * size * (size + 1.0)) / ((double) size * (n - size));
        int[] extremes = extremes(ranks, size, observed);
        double high = (1.0 + extremes[0]) / (1.0 + PERMUTATIONS);
        double low = (1.0 + extremes[1]) / (1.0 + PERMUTATIONS);
        return counted == 1 ? new SignEvidence(share, high, low, n) : new SignEvidence(1 - share, low, high, n);
    }

    /** The share alone, without its probabilities; NaN if one of the labels has no row. */
    static double auc(int[] labels, double[] f) {
        double[] ranks = ranks(f);
        double second = Arrays.stream(labels).sum();
        double sum = 0;
        for (int i = 0; i < ranks.length; i++) {
            sum += labels[i] * ranks[i];
        }
        return (sum - 0.5 * second * (second + 1)) / (second * (ranks.length - second));
    }

    /** From 1 on; rows of equal output share the average of theirs. */
    private static double[] ranks(double[] f) {
        int[] order = IntStream.range(0, f.length)
                .boxed()
                .sorted((a, b) -> Double.compare(f[a], f[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] ranks = new double[f.length];
        for (int from = 0; from < order.length; ) {
            int to = from + 1;
            while (to < order.length && f[order[to]] == f[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = 0.5 * (from + 1 + to);
            }
            from = to;
        }
        return ranks;
    }

    /** How many random sets of rows have ranks of at least, and of at most, the observed sum. */
    private static int[] extremes(double[] ranks, int size, double observed) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] pool = ranks.clone();
        int atLeast = 0;
        int atMost = 0;
        for (int p = 0; p < PERMUTATIONS; p++) {
            double sum = 0;
            for (int i = 0; i < size; i++) {
                int j = random.nextInt(i, pool.length);
                double drawn = pool[j];
                pool[j] = pool[i];
                pool[i] = drawn;
                sum += drawn;
            }
            atLeast += sum >= observed ? 1 : 0;
            atMost += sum <= observed ? 1 : 0;
        }
        return new int[] {atLeast, atMost};
    }

    /** The same of the first label against the second. */
    SignEvidence reversed() {
        return new SignEvidence(1 - auc, below, above, rows);
    }

    /** Whether the output ranks the second label higher, and not by chance. */
    boolean speaksFor() {
        return above < OrderTrial.SIGNIFICANT;
    }

    /** Whether it ranks the second label lower, and not by chance. */
    boolean speaksAgainst() {
        return below < OrderTrial.SIGNIFICANT;
    }

    /** In words. */
    String merit() {
        return String.format(Locale.ROOT, "an AUC of %.3g on %d training rows", auc, rows);
    }
}
