package org.finitentk.internal.scores;

/**
 * An interval of an axis; empty until something finite was included.
 *
 * @param low its lower end
 * @param high its upper end; below the lower for an empty range
 */
public record Range(double low, double high) {
    /** Nothing. */
    public static final Range EMPTY = new Range(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    /**
     * Whether nothing finite was included.
     *
     * @return whether there is nothing in it
     */
    public boolean isEmpty() {
        return low > high;
    }

    /**
     * The length.
     *
     * @return 0 for an empty range
     */
    public double span() {
        return isEmpty() ? 0 : high - low;
    }

    /**
     * The range that has values in it, too.
     *
     * @param values those that are not finite are left out
     * @return the range
     */
    public Range include(double[] values) {
        double smallest = low;
        double largest = high;
        for (double value : values) {
            if (Double.isFinite(value)) {
                smallest = Math.min(smallest, value);
                largest = Math.max(largest, value);
            }
        }
        return new Range(smallest, largest);
    }

    /**
     * The part of this range that lies within the other one.
     *
     * @param other a range
     * @return empty if they have nothing in common
     */
    public Range within(Range other) {
        return new Range(Math.max(low, other.low), Math.min(high, other.high));
    }

    /**
     * The smallest range that has both in it.
     *
     * @param other a range
     * @return the range
     */
    public Range union(Range other) {
        return new Range(Math.min(low, other.low), Math.max(high, other.high));
    }

    /**
     * This range with some more at both ends.
     *
     * @param margin how much
     * @return the range
     */
    public Range widened(double margin) {
        return new Range(low - margin, high + margin);
    }

    /**
     * A range that can be an axis: never empty, never of no length, with some air around the data.
     *
     * @param air as a share of the span, at both ends
     * @return the range
     */
    public Range forAxis(double air) {
        if (isEmpty()) {
            return new Range(0, 1);
        }
        double size = Math.max(Math.abs(low), Math.abs(high));
        // Below this, axis labels could no longer tell the ends apart.
        if (span() <= 1e-9 * size || span() == 0) {
            return widened(size == 0 ? 1 : 0.1 * size);
        }
        return widened(air * span());
    }
}
