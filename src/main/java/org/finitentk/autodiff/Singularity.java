package org.finitentk.autodiff;

import org.finitentk.autodiff.ValueRanges.Range;

/**
 * Where an operator's derivative, or the value that others are multiplied with, can be infinite or no number at finite
 * inputs.
 */
interface Singularity {
    /** Farther from 0 than this, a number's reciprocal, its square and its square root's reciprocal are ordinary numbers. */
    double AWAY = 1e-18;
    /** The exponential function of less is an ordinary number in single precision. */
    double LARGEST_EXPONENT = 80;
    /** At 0 and below. */
    Singularity NOT_POSITIVE = in -> !(in.range(0).low() > AWAY);
    /** Where the exponential function overflows. */
    Singularity OVERFLOWING = outside(-LARGEST_EXPONENT, LARGEST_EXPONENT);

    /** What can be told of a node's inputs, whatever the data are. */
    interface Inputs {
        /** Between which numbers an input lies. */
        Range range(int input);

        /** Whether an input is not 0, or makes f infinite where it is. */
        boolean isDivisor(int input);

        /** Whether input 1 is a constant whole number of at least 0. */
        boolean isWholePower();
    }

    /** Outside of two numbers. */
    static Singularity outside(double least, double most) {
        return in -> !in.range(0).isWithin(least, most);
    }

    boolean isPossible(Inputs in);
}
