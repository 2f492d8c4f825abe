package org.finitentk.internal.util;

import java.math.BigInteger;
import java.util.Comparator;

/**
 * Names in the order people expect: runs of decimal digits compare as numbers, everything else by character; equal keys
 * fall back to plain string order.
 */
public final class NumberAwareOrder implements Comparator<String> {
    /** The only one. */
    public static final NumberAwareOrder INSTANCE = new NumberAwareOrder();

    private NumberAwareOrder() {}

    @Override
    public int compare(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            int endA = endOfRun(a, i);
            int endB = endOfRun(b, j);
            int order = compareRuns(a.substring(i, endA), b.substring(j, endB));
            if (order != 0) {
                return order;
            }
            i = endA;
            j = endB;
        }
        int rest = Integer.compare(a.length() - i, b.length() - j);
        return rest != 0 ? rest : a.compareTo(b);
    }

    /** A run is a maximal stretch of digits, or one other character. */
    private static int endOfRun(String s, int from) {
        int end = from + 1;
        if (isDigit(s.charAt(from))) {
            while (end < s.length() && isDigit(s.charAt(end))) {
                end++;
            }
        }
        return end;
    }

    private static int compareRuns(String a, String b) {
        return isDigit(a.charAt(0)) && isDigit(b.charAt(0))
                ? new BigInteger(a).compareTo(new BigInteger(b))
                : a.compareTo(b);
    }

    /**
     * Whether a character is a decimal digit.
     *
     * @param c any
     * @return true for 0 to 9, not for digits of other scripts
     */
    public static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
