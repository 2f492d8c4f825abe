package org.finitentk.internal.backbone;

import java.util.Arrays;

/**
 * The best assignment of names to different outputs: shortest augmenting paths (Jonker and Volgenant 1987, "A shortest
 * augmenting path algorithm for dense and sparse linear assignment problems"), O(names² · outputs) at worst.
 */
final class Assignment {
    private final double[][] gain;
    private final int outputs;
    private final double[] namePrice;
    private final double[] outputPrice;
    private final int[] nameOf;

    private Assignment(double[][] gain, int outputs) {
        this.gain = gain;
        this.outputs = outputs;
        this.namePrice = new double[gain.length];
        this.outputPrice = new double[outputs];
        this.nameOf = new int[outputs];
        Arrays.fill(nameOf, -1);
    }

    /**
     * The assignment of greatest gain.
     *
     * @param gain names × outputs, finite; at least as many outputs as names
     * @return the output of each name
     */
    static int[] best(double[][] gain) {
        Assignment search = new Assignment(gain, gain[0].length);
        for (int name = 0; name < gain.length; name++) {
            search.add(name);
        }
        int[] outputOf = new int[gain.length];
        for (int output = 0; output < search.outputs; output++) {
            if (search.nameOf[output] >= 0) {
                outputOf[search.nameOf[output]] = output;
            }
        }
        return outputOf;
    }

    /** The gain of an assignment. */
    static double value(double[][] gain, int[] outputOf) {
        double sum = 0;
        for (int name = 0; name < outputOf.length; name++) {
            sum += gain[name][outputOf[name]];
        }
        return sum;
    }

    /** The shortest path in reduced costs from a name without an output to an output without a name. */
    private void add(int name) {
        double[] distance = new double[outputs];
        int[] before = new int[outputs];
        boolean[] done = new boolean[outputs];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        Arrays.fill(before, -1);
        int from = name;
        int last = -1;
        double length = 0;
        do {
            int next = -1;
            for (int output = 0; output < outputs; output++) {
                if (done[output]) {
                    continue;
                }
                double through = length - gain[from][output] - namePrice[from] - outputPrice[output];
                if (through < distance[output]) {
                    distance[output] = through;
                    before[output] = last;
                }
                if (next < 0 || isCloser(output, next, distance)) {
                    next = output;
                }
            }
            length = distance[next];
            done[next] = true;
            last = next;
            from = nameOf[next];
        } while (from >= 0);
        movePrices(name, distance, done, length);
        augment(name, last, before);
    }

    /** An output that is free ends the search, so that it comes first among equals. */
    private boolean isCloser(int output, int other, double[] distance) {
        return distance[output] < distance[other]
                || distance[output] == distance[other] && nameOf[output] < 0 && nameOf[other] >= 0;
    }

    private void movePrices(int name, double[] distance, boolean[] done, double length) {
        namePrice[name] += length;
        for (int output = 0; output < outputs; output++) {
            if (done[output] && nameOf[output] >= 0) {
                namePrice[nameOf[output]] += length - distance[output];
            }
            if (done[output]) {
                outputPrice[output] -= length - distance[output];
            }
        }
    }

    private void augment(int name, int end, int[] before) {
        int output = end;
        while (before[output] >= 0) {
            nameOf[output] = nameOf[before[output]];
            output = before[output];
        }
        nameOf[output] = name;
    }
}
