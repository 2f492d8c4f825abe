package org.finitentk.check;

import java.util.SplittableRandom;

/**
 * Sums of neighbouring outputs with random signs, divided by the root of how many they are: as large as one of them,
 * and other than it should be if one is. With as many sums as outputs, the outputs themselves.
 *
 * @param outputs how many the network has
 * @param count of sums, at most as many
 */
record OutputSums(int outputs, int count) {
    private static final long SEED = 11;

    private int from(int sum) {
        return (int) ((long) sum * outputs / count);
    }

    String name(int sum) {
        int first = from(sum);
        int last = from(sum + 1) - 1;
        return first == last ? "output " + first : "a sum of the outputs " + first + " to " + last;
    }

    /**
     * One sum for each example and each of several directions.
     *
     * @param values for each direction n·k numbers
     * @param sum which
     */
    double[] of(double[][] values, int sum) {
        int n = values[0].length / outputs;
        int from = from(sum);
        int to = from(sum + 1);
        double[] signs = new double[to - from];
        SplittableRandom random = new SplittableRandom(SEED + sum);
        for (int c = 0; c < signs.length; c++) {
            signs[c] = signs.length == 1 || random.nextBoolean() ? 1 : -1;
        }
        double[] sums = new double[n * values.length];
        for (int i = 0; i < sums.length; i++) {
            double[] row = values[i / n];
            double total = 0;
            for (int c = from; c < to; c++) {
                total += signs[c - from] * row[i % n * outputs + c];
            }
            sums[i] = total / Math.sqrt(signs.length);
        }
        return sums;
    }
}
