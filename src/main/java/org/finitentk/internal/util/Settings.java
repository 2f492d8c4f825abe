package org.finitentk.internal.util;

import java.util.HashSet;
import java.util.List;

/** Checks of settings, each under its own name; all throw {@link RejectedSetting}. */
public final class Settings {
    private Settings() {}

    /**
     * Refuses a value.
     *
     * @param holds whether it is as expected
     * @param setting its name
     * @param value the value
     * @param expected what was expected
     */
    public static void require(boolean holds, String setting, Object value, String expected) {
        if (!holds) {
            throw new RejectedSetting(setting, setting + " is " + value + "; expected " + expected);
        }
    }

    /**
     * Refuses a number that is not positive and finite.
     *
     * @param setting its name
     * @param value the number
     */
    public static void requirePositive(String setting, double value) {
        require(value > 0 && value < Double.POSITIVE_INFINITY, setting, value, "a positive finite number");
    }

    /**
     * Refuses a number that is negative or not finite.
     *
     * @param setting its name
     * @param value the number
     */
    public static void requireNotNegative(String setting, double value) {
        require(value >= 0 && value < Double.POSITIVE_INFINITY, setting, value, "a finite number of at least 0");
    }

    /**
     * Refuses a number that is not between 0 and 1.
     *
     * @param setting its name
     * @param value the number
     */
    public static void requireFraction(String setting, double value) {
        require(value > 0 && value < 1, setting, value, "a number between 0 and 1");
    }

    /**
     * Refuses a number that is not at least 0 and below 1.
     *
     * @param setting its name
     * @param value the number
     */
    public static void requireFractionOrZero(String setting, double value) {
        require(value >= 0 && value < 1, setting, value, "at least 0 and below 1");
    }

    /**
     * Refuses a number that is too small.
     *
     * @param setting its name
     * @param value the number
     * @param least the smallest that is accepted
     */
    public static void requireAtLeast(String setting, long value, long least) {
        require(value >= least, setting, value, "at least " + least);
    }

    /**
     * Refuses an empty list, and one that has something twice.
     *
     * @param setting its name
     * @param values the list, or its elements' names
     */
    public static void requireDifferent(String setting, List<?> values) {
        boolean different = !values.isEmpty() && new HashSet<>(values).size() == values.size();
        require(different, setting, values, "at least one, with different names");
    }
}
