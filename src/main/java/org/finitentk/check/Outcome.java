package org.finitentk.check;

/** What came of a property. */
public enum Outcome {
    /** The network has the property, as far as numbers can tell. */
    PASSED,
    /** The network does not have it, and results that build on it would be wrong. */
    FAILED,
    /** Rounding errors are larger than what would have to be seen; the sentence says how large. It is no failure. */
    INCONCLUSIVE,
    /** It could not be tried; the sentence says why. */
    SKIPPED
}
