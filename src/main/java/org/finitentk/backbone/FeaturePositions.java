package org.finitentk.backbone;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.util.NumberAwareOrder;

/** Which element of the network's input a named feature is. */
sealed interface FeaturePositions {
    /** Returned for a name that the network does not read. */
    int NONE = -1;

    /** The position of a name, or {@link #NONE}. */
    int of(String name);

    /** Names in the order of their positions. */
    final class Listed implements FeaturePositions {
        private final List<String> names;
        private final Map<String, Integer> positions = new HashMap<>();

        Listed(List<String> names) {
            this.names = List.copyOf(names);
            for (String name : names) {
                if (positions.put(name, positions.size()) != null) {
                    throw new IllegalArgumentException(
                            "feature '" + name + "' is listed twice; expected every feature name once");
                }
            }
        }

        List<String> names() {
            return names;
        }

        @Override
        public int of(String name) {
            return positions.getOrDefault(name, NONE);
        }
    }

    /**
     * The decimal number at the end of the name, less the first number.
     *
     * @param firstNumber number of the feature at position 0
     * @param size number of positions
     */
    record Numbered(int firstNumber, int size) implements FeaturePositions {
        /** So many digits always fit a long. */
        private static final int MAX_DIGITS = 18;

        /** What is before the digits at the end. */
        static String prefix(String name) {
            int start = name.length();
            while (start > 0 && NumberAwareOrder.isDigit(name.charAt(start - 1))) {
                start--;
            }
            return name.substring(0, start);
        }

        @Override
        public int of(String name) {
            int start = prefix(name).length();
            if (start == name.length() || name.length() - start > MAX_DIGITS) {
                return NONE;
            }
            long position = Long.parseLong(name.substring(start)) - firstNumber;
            return position >= 0 && position < size ? (int) position : NONE;
        }
    }
}
