package org.finitentk.check;

/**
 * What came of one property.
 *
 * @param name the property
 * @param outcome what came of it
 * @param measured the largest deviation found, relative to the size of what was compared; NaN if there is no such
 *     number
 * @param tolerance the largest deviation that passes
 * @param sentence the same in plain words, for a failure with the place where it is worst
 */
public record Finding(String name, Outcome outcome, double measured, double tolerance, String sentence) {
    /** A number that is not above the tolerance passes; NaN does not. */
    static Finding of(String name, double measured, double tolerance, String passed, String failed) {
        boolean good = measured <= tolerance;
        return new Finding(name, good ? Outcome.PASSED : Outcome.FAILED, measured, tolerance, good ? passed : failed);
    }

    static Finding failed(String name, String sentence) {
        return new Finding(name, Outcome.FAILED, Double.NaN, Double.NaN, sentence);
    }

    static Finding inconclusive(String name, double measured, double tolerance, String sentence) {
        return new Finding(name, Outcome.INCONCLUSIVE, measured, tolerance, sentence);
    }

    static Finding skipped(String name, String sentence) {
        return new Finding(name, Outcome.SKIPPED, Double.NaN, Double.NaN, sentence);
    }

    /** What came of a property. */
    public enum Outcome {
        /** The network has the property, as far as numbers can tell. */
        PASSED,
        /** The network does not have it, and results that build on it would be wrong. */
        FAILED,
        /**
         * Rounding errors are larger than what would have to be seen; the sentence says how large. It is no failure.
         */
        INCONCLUSIVE,
        /** It could not be tried; the sentence says why. */
        SKIPPED
    }
}
