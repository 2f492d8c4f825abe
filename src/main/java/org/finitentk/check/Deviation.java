package org.finitentk.check;

import java.util.Arrays;
import java.util.Locale;

/**
 * Largest difference between two arrays, where it is, and how large it is compared to what it is measured by.
 *
 * @param scales what each difference is relative to
 */
record Deviation(double[] expected, double[] found, double[] scales, int index, double relative) {
    /** Relative to the largest element. */
    static Deviation between(double[] expected, double[] found) {
        double[] scales = new double[expected.length];
        Arrays.fill(scales, Math.max(largest(expected), largest(found)));
        return between(expected, found, scales);
    }

    static Deviation between(double[] expected, double[] found, double[] scales) {
        int index = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            double here = Math.abs(expected[i] - found[i]);
            if (here > worst * scales[i] || Double.isNaN(here)) {
                index = i;
                worst = here / scales[i];
            }
        }
        return new Deviation(expected, found, scales, index, worst);
    }

    static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** Element by element, relative to the scales. */
    double[] differences() {
        return differences(this);
    }

    /** The same elements elsewhere, relative to the scales there or here, whichever are larger. */
    double[] differences(Deviation there) {
        double[] differences = new double[scales.length];
        Arrays.setAll(
                differences,
                i -> there.expected[i] == there.found[i]
                        ? 0
                        : (there.found[i] - there.expected[i]) / Math.max(scales[i], there.scales[i]));
        return differences;
    }

    String values() {
        return String.format(Locale.ROOT, "%.6g against %.6g", found[index], expected[index]);
    }
}
