package org.finitentk.internal.autodiff;

import org.finitentk.internal.autodiff.ValueRanges.Range;
import org.finitentk.onnx.Node;

/**
 * Where an operator's derivative, or the value that others are multiplied with, can be infinite or no number at finite
 * inputs.
 */
interface Singularity {
    /**
     * Farther from 0 than this, a number's reciprocal, its square and its square root's reciprocal are ordinary
     * numbers.
     */
    double AWAY = 1e-18;
    /** The exponential function of less is an ordinary number in single precision. */
    double LARGEST_EXPONENT = 80;
    /** At 0 and below. */
    Singularity NOT_POSITIVE = (node, values) -> !(values.range(node.input(0)).low() > AWAY);
    /** Where the exponential function overflows, to either side. */
    Singularity OVERFLOWING = outside(-LARGEST_EXPONENT, LARGEST_EXPONENT);

    /** What can be told of values, whatever the data are. */
    interface Values {
        /** Between which numbers a value lies. */
        Range range(String value);

        /** Whether a value is not 0, or makes f infinite where it is. */
        boolean isDivisor(String value);

        /** Whether a value is a constant whole number of at least 0. */
        boolean isWholePower(String value);
    }

    /** Outside of two numbers. */
    static Singularity outside(double least, double most) {
        return (node, values) -> !values.range(node.input(0)).isWithin(least, most);
    }

    boolean isPossible(Node node, Values values);
}
