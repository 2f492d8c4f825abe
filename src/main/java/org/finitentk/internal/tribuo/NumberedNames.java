package org.finitentk.internal.tribuo;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.util.NumberAwareOrder;

/** Names that say themselves which positions they have. */
public final class NumberedNames {
    /** So many digits always fit an int. */
    private static final int MAX_DIGITS = 9;

    private NumberedNames() {}

    /** Whether these are exactly the numbers first to first + count − 1, as people write them. */
    public static boolean areAll(Collection<String> names, int first, int count) {
        return names.size() == count && new HashSet<>(names).equals(new HashSet<>(range(first, count)));
    }

    /** Whether these are among the numbers first to first + count − 1. */
    public static boolean areAmong(Collection<String> names, int first, int count) {
        return new HashSet<>(range(first, count)).containsAll(names);
    }

    /** The numbers as names. */
    public static List<String> range(int first, int count) {
        return IntStream.range(first, first + count).mapToObj(Integer::toString).toList();
    }

    /**
     * Names of features or dimensions that are one prefix, which may be empty, and the numbers 0 to m − 1, or 1 to m, m
     * of them; a field processor's suffix does not count.
     *
     * @return the names by their numbers, or an empty list if they are not such names
     */
    public static List<String> byNumber(List<String> names) {
        int m = names.size();
        List<String> bare = FeatureNames.without(FeatureNames.suffix(names), names);
        int prefix = commonPrefix(bare);
        // "-1" is a number of its own, whose order is not that of its digits.
        if (m < 2 || bare.get(0).substring(0, prefix).equals("-") || !evenlyPadded(bare, prefix)) {
            return List.of();
        }
        String[] byNumber = new String[m + 1];
        for (int i = 0; i < m; i++) {
            int number = number(bare.get(i).substring(prefix));
            if (number < 0 || number > m || byNumber[number] != null) {
                return List.of();
            }
            byNumber[number] = names.get(i);
        }
        // One of the m + 1 places is free.
        if (byNumber[0] == null) {
            return List.of(Arrays.copyOfRange(byNumber, 1, m + 1));
        }
        return byNumber[m] == null ? List.of(Arrays.copyOf(byNumber, m)) : List.of();
    }

    private static int commonPrefix(List<String> names) {
        String first = names.isEmpty() ? "" : names.get(0);
        int length = first.length();
        for (String name : names) {
            int i = 0;
            while (i < Math.min(length, name.length()) && name.charAt(i) == first.charAt(i)) {
                i++;
            }
            length = i;
        }
        return length;
    }

    /** Numbers as a format with one width writes them: whoever is padded has that width, and nobody less. */
    private static boolean evenlyPadded(List<String> names, int prefix) {
        int shortest = names.stream().mapToInt(String::length).min().orElse(0);
        return shortest > prefix
                && names.stream().allMatch(name -> name.length() == shortest || name.charAt(prefix) != '0');
    }

    /** Its value, or −1 for what is no number of a position. */
    private static int number(String digits) {
        int start = 0;
        while (start < digits.length() - 1 && digits.charAt(start) == '0') {
            start++;
        }
        String value = digits.substring(start);
        boolean isNumber = !value.isEmpty()
                && value.length() <= MAX_DIGITS
                && value.chars().allMatch(c -> NumberAwareOrder.isDigit((char) c));
        return isNumber ? Integer.parseInt(value) : -1;
    }
}
