package org.finitentk.internal.linalg;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Whether a difference that ought to be zero is rounding and nothing else. A difference that comes from what is
 * computed hardly changes when a network's weights move by a few rounding errors; one that comes from rounding is drawn
 * anew by every such move.
 */
public final class RoundingNoise {
    /** More make it less likely that noise repeats itself by chance. */
    public static final int MOVES = 4;
    /**
     * Rounding errors of a weight that a move is made of. With few of them, what the move does is rounded away in
     * layers that average many weights, and rounding there repeats itself.
     */
    private static final double ERRORS = 256;
    /** The part of a difference that has to change. */
    private static final double CHANGE = 0.5;

    private RoundingNoise() {}

    /**
     * Weights next to others.
     *
     * @param theta the weights
     * @param roundoff the relative rounding error of one operation
     * @param number of the move, from 1; 0 leaves the weights as they are
     * @return the moved weights
     */
    public static double[] moved(double[] theta, double roundoff, int number) {
        SplittableRandom random = new SplittableRandom(number);
        double size = number == 0 ? 0 : ERRORS * roundoff;
        double[] moved = new double[theta.length];
        Arrays.setAll(moved, i -> theta[i] * (1 + size * random.nextGaussian()));
        return moved;
    }

    /**
     * Judges the elements of a difference that are too large.
     *
     * @param difference what was found
     * @param tolerance elements up to here are of no interest
     * @param moved the same difference at the weights themselves and at each move of them: how it was found may round
     *     otherwise, so that these are compared among themselves
     * @return whether the difference changes by half of itself; never if one of the numbers is not finite
     */
    public static boolean explains(double[] difference, double tolerance, List<double[]> moved) {
        double size = 0;
        double[] changes = new double[moved.size()];
        for (int i = 0; i < difference.length; i++) {
            if (Math.abs(difference[i]) <= tolerance) {
                continue;
            }
            size += difference[i] * difference[i];
            for (int m = 1; m < changes.length; m++) {
                double change = moved.get(m)[i] - moved.get(0)[i];
                changes[m] += change * change;
            }
        }
        double largest = Arrays.stream(changes).max().orElse(0);
        return Double.isFinite(size) && Double.isFinite(largest) && largest >= CHANGE * CHANGE * size && size > 0;
    }
}
