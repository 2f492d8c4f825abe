package org.finitentk.check;

import java.util.Arrays;
import java.util.Locale;

/** Largest difference between two arrays, where it is, and how large it is compared to the largest element. */
record Deviation(double[] expected, double[] found, int index, double relative) {
    static Deviation between(double[] expected, double[] found) {
        double scale = Math.max(largest(expected), largest(found));
        int worst = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            double here = Math.abs(expected[i] - found[i]);
            if (here > difference || Double.isNaN(here)) {
                worst = i;
                difference = here;
            }
        }
        return new Deviation(expected, found, worst, difference == 0 ? 0 : difference / scale);
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** Whether this one is worse; NaN is the worst of all. */
    boolean exceeds(Deviation other) {
        return Double.compare(relative, other.relative) > 0;
    }

    String values() {
        return String.format(Locale.ROOT, "%.6g against %.6g", found[index], expected[index]);
    }
}
