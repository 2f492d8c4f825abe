package org.finitentk.classification;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.NativeDoubles;

/**
 * An order of the weights that keeps zeros of the logits' Jacobian together: first the own weights of each logit, which
 * move no other (those of a last layer, or of a class that shares its rows with others), then the common ones. Sums
 * over pairs of logits meet own weights only where they are.
 *
 * @param order for each place the number of the weight there
 * @param ownEnds where each logit's own weights end; they start where those of the logit before end
 * @param rowsPerExample rows of the network's Jacobian that an example has: one if all logits share it, else C
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares orders.
record WeightColumns(int[] order, int[] ownEnds, int rowsPerExample) {
    /** Own weights of a logit from which on products with them are the native library's. */
    private static final int MANY = 32;

    /** Of logits that have weights of their own on one shared row, of p elements. */
    static WeightColumns shared(int logits, int p) {
        return new WeightColumns(positions(Math.multiplyExact(logits, p)), ends(logits, p), 1);
    }

    /** Of logits that all have the same p weights in common. */
    static WeightColumns common(int logits, int p) {
        return new WeightColumns(positions(p), new int[logits], logits);
    }

    private static int[] positions(int count) {
        int[] positions = new int[count];
        Arrays.setAll(positions, i -> i);
        return positions;
    }

    private static int[] ends(int logits, int each) {
        int[] ends = new int[logits];
        Arrays.setAll(ends, c -> (c + 1) * each);
        return ends;
    }

    /**
     * As some examples tell. A weight that moves no logit of theirs may move any of others, and is common.
     *
     * @param rows count × p, the rows of an example one after the other
     * @param count rows
     */
    static WeightColumns of(NativeDoubles rows, int count, int p, int logits) {
        int[] owner = new int[p];
        Arrays.fill(owner, -1);
        double[] row = new double[p];
        for (int i = 0; i < count; i++) {
            rows.get((long) i * p, row, 0, p);
            int logit = i % logits;
            for (int j = 0; j < p; j++) {
                if (row[j] != 0 && owner[j] != logit) {
                    owner[j] = owner[j] < 0 ? logit : logits;
                }
            }
        }
        int[] order = new int[p];
        int[] ends = new int[logits];
        int at = 0;
        for (int c = 0; c <= logits; c++) {
            for (int j = 0; j < p; j++) {
                if (owner[j] == c || c == logits && owner[j] < 0) {
                    order[at++] = j;
                }
            }
            if (c < logits) {
                ends[c] = at;
            }
        }
        return new WeightColumns(order, ends, logits);
    }

    /**
     * Checks what was stored.
     *
     * @throws IllegalArgumentException if this is no order of so many weights of so many logits
     */
    void requireFits(int weights, int logits) {
        boolean fits = order.length == weights
                && ownEnds.length == logits
                && Arrays.equals(
                        isShared() ? order : Arrays.stream(order).sorted().toArray(), positions(weights))
                && (!isShared() || Arrays.equals(ownEnds, ends(logits, weights / logits)));
        for (int c = 0; fits && c < logits; c++) {
            fits = ownEnds[c] >= ownStart(c) && ownEnds[c] <= weights;
        }
        if (!fits) {
            throw new IllegalArgumentException("the stored order of " + order.length + " weights of " + ownEnds.length
                    + " logits is none of " + weights + " weights of " + logits
                    + " logits; the model is damaged or of another network");
        }
    }

    /** The same order with no weight taken for a logit's own. */
    WeightColumns allCommon() {
        return new WeightColumns(order, new int[ownEnds.length], rowsPerExample);
    }

    /** How many there are. */
    int size() {
        return order.length;
    }

    /** C. */
    int logits() {
        return ownEnds.length;
    }

    /** Whether all logits have the same row, each for weights of its own. */
    boolean isShared() {
        return rowsPerExample == 1;
    }

    int ownStart(int logit) {
        return logit == 0 ? 0 : ownEnds[logit - 1];
    }

    /** The first weight that moves a logit: of its own, else of the common ones. */
    int firstOf(int logit) {
        return ownSize(logit) > 0 ? ownStart(logit) : commonStart();
    }

    int ownSize(int logit) {
        return ownEnds[logit] - ownStart(logit);
    }

    /** Whether each logit has so few of them that a processor's cache holds their sums. */
    boolean hasFewOwn() {
        return !isShared() && IntStream.range(0, logits()).allMatch(c -> ownSize(c) < MANY);
    }

    int commonStart() {
        return ownEnds[ownEnds.length - 1];
    }

    int commonSize() {
        return size() - commonStart();
    }

    /** Numbers of an example's own weights as they are kept: once where they are shared. */
    int ownWidth() {
        return isShared() ? ownSize(0) : commonStart();
    }

    /** Where a logit's own weights start among those numbers. */
    int ownAt(int logit) {
        return isShared() ? 0 : ownStart(logit);
    }

    /** Weights from their own order into this one. */
    double[] ordered(double[] weights) {
        double[] ordered = new double[weights.length];
        for (int k = 0; k < ordered.length; k++) {
            ordered[k] = weights[order[k]];
        }
        return ordered;
    }

    /** Weights from this order into their own. */
    double[] original(double[] ordered) {
        double[] weights = new double[ordered.length];
        for (int k = 0; k < ordered.length; k++) {
            weights[order[k]] = ordered[k];
        }
        return weights;
    }
}
