package org.finitentk.internal.tribuo;

import org.finitentk.internal.util.RejectedSetting;

/**
 * The setting sharedOutput, which is a word in configurations: OLCUT 5.3.1 takes two equal negative numbers for
 * different.
 */
public final class SharedOutput {
    /** The sum of all outputs, as a word. */
    public static final String SUM = "SUM";
    /** The sum of all outputs, as a number. */
    public static final int ALL = -1;

    private SharedOutput() {}

    /**
     * The word of a number.
     *
     * @param output an output from 0, or {@link #ALL}
     * @return the number, or {@link #SUM}
     */
    public static String word(int output) {
        return output == ALL ? SUM : Integer.toString(output);
    }

    /**
     * The number of a word.
     *
     * @param word {@link #SUM}, or the number of an output from 0
     * @return the number, or {@link #ALL}
     * @throws RejectedSetting if it is something else
     */
    public static int of(String word) {
        try {
            return word.equals(SUM) ? ALL : Integer.parseUnsignedInt(word);
        } catch (NumberFormatException e) {
            throw new RejectedSetting(
                    "sharedOutput",
                    "sharedOutput is '" + word + "'; expected " + SUM + " or the number of an output, from 0");
        }
    }
}
