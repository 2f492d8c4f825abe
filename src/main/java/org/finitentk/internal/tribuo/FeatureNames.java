package org.finitentk.internal.tribuo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What feature names say about themselves. */
public final class FeatureNames {
    private static final char SUFFIX = '@';
    private static final int SHOWN = 20;
    private static final int SHOWN_LENGTH = 40;

    private FeatureNames() {}

    /** Some of the names, as a sentence can have them. */
    public static String shown(Collection<String> names) {
        List<String> parts = new ArrayList<>();
        names.stream()
                .limit(SHOWN)
                .forEach(name -> parts.add(
                        "'" + (name.length() <= SHOWN_LENGTH ? name : name.substring(0, SHOWN_LENGTH) + "…") + "'"));
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        return String.join(", ", parts) + more;
    }

    /** The suffix that a field processor gave all names, from its {@code @} on; empty if they do not share one. */
    public static String suffix(Collection<String> names) {
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
    public static List<String> without(String suffix, Collection<String> names) {
        return names.stream()
                .map(name -> name.substring(0, name.length() - suffix.length()))
                .toList();
    }
}
