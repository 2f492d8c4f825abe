package org.finitentk.backbone;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Names that say themselves which positions they have. */
final class NumberedNames {
    private static final int MAX_DIGITS = 9;

    private NumberedNames() {}

    /** Whether these are exactly the numbers first to first + count − 1, as people write them. */
    static boolean areAll(Collection<String> names, int first, int count) {
        return names.size() == count && new HashSet<>(names).equals(new HashSet<>(range(first, count)));
    }

    /** Whether these are among the numbers first to first + count − 1. */
    static boolean areAmong(Collection<String> names, int first, int count) {
        return new HashSet<>(range(first, count)).containsAll(names);
    }

    /** The numbers as names. */
    static List<String> range(int first, int count) {
        return IntStream.range(first, first + count).mapToObj(Integer::toString).toList();
    }

    /**
     * The number that comes first, if all names are one prefix, which may be empty, and exactly the numbers from 0 or
     * from 1.
     *
     * @return 0 or 1, or null if the names are of another form
     */
    static @Nullable Integer firstAfterPrefix(Collection<String> names) {
        Set<String> prefixes = new HashSet<>();
        Set<Integer> numbers = new HashSet<>();
        for (String name : names) {
            int start = name.length();
            while (start > 0 && NumberAwareOrder.isDigit(name.charAt(start - 1))) {
                start--;
            }
            if (start == name.length() || name.length() - start > MAX_DIGITS) {
                return null;
            }
            prefixes.add(name.substring(0, start));
            numbers.add(Integer.parseInt(name.substring(start)));
        }
        if (prefixes.size() != 1 || numbers.size() != names.size()) {
            return null;
        }
        for (int first = 0; first <= 1; first++) {
            int from = first;
            if (numbers.stream().allMatch(number -> number >= from && number < from + names.size())) {
                return first;
            }
        }
        return null;
    }
}
