package org.finitentk.classification;

/** Checks of settings; apart from them, so that their constants do not wait for one another's while classes are initialized. */
final class Ranges {
    private Ranges() {
    }

    static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; expected at least " + least);
        }
    }

    static void requireFraction(String name, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(name + " is " + value + "; expected a number between 0 and 1");
        }
    }
}
