package org.finitentk.internal.scores;

import java.math.BigDecimal;
import java.math.MathContext;

/** Probabilities of central intervals. */
public final class Levels {
    private Levels() {}

    /**
     * Refuses what is no probability of an interval, before anything is computed.
     *
     * @param level strictly between 0 and 1
     * @throws IllegalArgumentException if it is not
     */
    public static void require(double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("the level of a central interval is " + level
                    + "; expected a number between 0 and 1, ends excluded");
        }
    }

    /**
     * A level as a percentage without needless decimals, e.g. "95 %".
     *
     * @param level the probability
     * @return its percentage
     */
    public static String percent(double level) {
        return new BigDecimal(100 * level)
                        .round(new MathContext(6))
                        .stripTrailingZeros()
                        .toPlainString() + " %";
    }
}
