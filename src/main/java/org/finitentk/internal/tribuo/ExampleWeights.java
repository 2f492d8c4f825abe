package org.finitentk.internal.tribuo;

import java.util.stream.IntStream;

/** What examples count in a fit, the same for all: an example of weight 0 is as if it were not there. */
public final class ExampleWeights {
    private ExampleWeights() {}

    /**
     * Checks weights.
     *
     * @param weights one for each example
     * @param n the number of examples
     * @return the examples that count, ascending
     * @throws IllegalArgumentException if there are not as many weights as examples, one is negative or not finite,
     *     naming its example, or all are 0
     */
    public static int[] counted(double[] weights, int n) {
        if (weights.length != n) {
            throw new IllegalArgumentException("there are " + n + " examples and " + weights.length
                    + " example weights; expected as many of each");
        }
        for (int i = 0; i < n; i++) {
            if (!(weights[i] >= 0) || Double.isInfinite(weights[i])) {
                throw new IllegalArgumentException("the weight of training example " + i + " is " + weights[i]
                        + "; expected a finite number of at least 0, where 0 leaves the example out");
            }
        }
        int[] counted = IntStream.range(0, n).filter(i -> weights[i] > 0).toArray();
        if (counted.length == 0 && n > 0) {
            throw new IllegalArgumentException("the weights of all " + n
                    + " training examples are 0, which leaves every example out; expected a positive weight");
        }
        return counted;
    }
}
