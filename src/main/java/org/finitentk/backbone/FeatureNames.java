package org.finitentk.backbone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** What feature names say about themselves. */
final class FeatureNames {
    private static final char SUFFIX = '@';
    private static final int SHOWN = 20;
    private static final int SHOWN_LENGTH = 40;
    /** So many digits always fit an int. */
    private static final int MAX_DIGITS = 9;

    private FeatureNames() {
    }

    /** Some of the names, as a sentence can have them. */
    static String shown(Collection<String> names) {
        List<String> parts = new ArrayList<>();
        names.stream().limit(SHOWN).forEach(name -> parts.add("'" + (name.length() <= SHOWN_LENGTH ? name : name.substring(0, SHOWN_LENGTH) + "…") + "'"));
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        return String.join(", ", parts) + more;
    }

    /** The suffix that a field processor gave all names, from its {@code @} on; empty if they do not share one. */
    static String suffix(Collection<String> names) {
        String common = null;
        for (String name : names) {
            int at = name.lastIndexOf(SUFFIX);
            String suffix = at > 0 ? name.substring(at) : "";
            if (suffix.isEmpty() || common != null && !common.equals(suffix)) {
                return "";
            }
            common = suffix;
        }
        return common == null ? "" : common;
    }

    /** Without the last characters, which all of them have. */
    static List<String> without(String suffix, Collection<String> names) {
        return names.stream().map(name -> name.substring(0, name.length() - suffix.length())).toList();
    }

    /**
     * Names that are one prefix and the numbers 0 to m − 1, or 1 to m, m of them.
     *
     * @return the names by their numbers, or an empty list if they are not such names
     */
    static List<String> byNumber(List<String> names) {
        int m = names.size();
        List<String> bare = without(suffix(names), names);
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
        boolean isNumber = !value.isEmpty() && value.length() <= MAX_DIGITS && value.chars().allMatch(c -> NumberAwareOrder.isDigit((char) c));
        return isNumber ? Integer.parseInt(value) : -1;
    }
}
