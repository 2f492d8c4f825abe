package org.finitentk.evaluation;

/** An interval of an axis; empty until something finite was included. */
record Range(double low, double high) {
    static final Range EMPTY = new Range(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    boolean isEmpty() {
        return low > high;
    }

    double span() {
        return isEmpty() ? 0 : high - low;
    }

    Range include(double[] values) {
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

    /** The part of this range that lies within the other one. */
    Range within(Range other) {
        return new Range(Math.max(low, other.low), Math.min(high, other.high));
    }

    Range union(Range other) {
        return new Range(Math.min(low, other.low), Math.max(high, other.high));
    }

    Range widened(double margin) {
        return new Range(low - margin, high + margin);
    }

    /** A range that can be an axis: never empty, never of no length, with some air around the data. */
    Range forAxis(double air) {
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
