package org.finitentk.regression;

import java.util.Arrays;
import org.finitentk.internal.network.InputNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a regression is to be fitted to, as they were given.
 *
 * @param x n examples
 * @param targets n × D values
 * @param weights a weight for each example; null for 1
 * @param identities for each row the number of the first row that is the same example; empty if unknown
 */
record GivenRows(Examples x, double[] targets, double @Nullable [] weights, int[] identities) {
    /** Sums of squares must be numbers of full precision. */
    private static final double LARGEST_TARGET = 1e151;

    private static final double SMALLEST_TARGET = 1e-153;

    /** D, of at least one example. */
    int dimensions() {
        return Math.max(1, targets.length / x.size());
    }

    void requireUsable(LinearizedNetwork network) {
        network.requireFit(InputNumbers.require(network, x));
        if (x.size() == 0) {
            throw new IllegalArgumentException("there are no training examples; expected at least one");
        }
        requireTargets();
        network.requireIndependentExamples(x);
    }

    /** Refuses targets that are not finite, or not as many for each example. */
    void requireTargets() {
        int n = x.size();
        int dimensions = dimensions();
        if (targets.length != (long) n * dimensions) {
            throw new IllegalArgumentException("there are " + targets.length + " targets; expected " + dimensions
                    + " for each of the " + n + " examples");
        }
        for (int i = 0; i < targets.length; i++) {
            if (!Double.isFinite(targets[i])) {
                throw new IllegalArgumentException("example " + i / dimensions + ": target " + i % dimensions + " is "
                        + targets[i] + "; expected a finite number");
            }
        }
        double largest = Arrays.stream(targets).map(Math::abs).max().orElse(0);
        if (largest > LARGEST_TARGET || largest > 0 && largest < SMALLEST_TARGET) {
            throw new IllegalArgumentException("the largest target is " + largest
                    + ", whose square is beyond what a double holds; scale the targets");
        }
    }
}
