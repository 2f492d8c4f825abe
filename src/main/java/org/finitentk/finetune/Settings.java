package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.PropertyException;

/** Checks of configured values, with OLCUT's exception so that it names the property. */
final class Settings {
    private Settings() {}

    static void requirePositive(String name, double value) {
        require(value > 0 && value < Double.POSITIVE_INFINITY, name, value, "a positive finite number");
    }

    static void requireNotNegative(String name, double value) {
        require(value >= 0 && value < Double.POSITIVE_INFINITY, name, value, "zero or a positive finite number");
    }

    static void requireFraction(String name, double value) {
        require(value >= 0 && value < 1, name, value, "a number in [0, 1)");
    }

    static void requireAtLeastOne(String name, int value) {
        require(value >= 1, name, value, "at least 1");
    }

    private static void require(boolean holds, String name, Number value, String expected) {
        if (!holds) {
            throw new PropertyException("", name, name + " is " + value + "; expected " + expected);
        }
    }
}
