package org.finitentk.internal.onnx;

import java.util.Arrays;
import org.finitentk.onnx.Tensor;

/** What the numbers of a constant tell of its purpose. */
final class ConstantNumbers {
    /** How messages say what makes a mask. */
    static final String MASK = "its numbers are infinite, or 0 and one of -50 or less";

    private static final double MOST_MASKING = -50;

    private ConstantNumbers() {}

    /** Infinite numbers, or no others than 0 and one of −50 or less, of which the latter is there. */
    static boolean isMask(Tensor value) {
        double[] numbers = value.toDoubles();
        double low = 0;
        boolean two = true;
        for (double number : numbers) {
            if (Double.isInfinite(number)) {
                return true;
            }
            if (number != 0 && number != low) {
                two &= low == 0 && number <= MOST_MASKING;
                low = number;
            }
        }
        return two && low != 0;
    }

    /** Whether all numbers are the same. */
    static boolean isOneNumber(Tensor value) {
        double[] numbers = value.toDoubles();
        return Arrays.stream(numbers).allMatch(number -> number == numbers[0]);
    }

    /** Zeros and ones, of both. */
    static boolean isSwitch(Tensor value) {
        double[] numbers = value.toDoubles();
        return Arrays.stream(numbers).allMatch(number -> number == 0 || number == 1) && !isOneNumber(value);
    }

    static boolean isZero(Tensor value) {
        return isAll(value, 0);
    }

    static boolean isAll(Tensor value, double expected) {
        return Arrays.stream(value.toDoubles()).allMatch(number -> number == expected);
    }
}
