package org.finitentk.benchmark;

import java.util.SplittableRandom;

/** Vectors that benchmarks multiply and compare. */
final class Vectors {
    private Vectors() {}

    /** The same standard normal numbers each time. */
    static double[] gaussian(int length) {
        SplittableRandom random = new SplittableRandom(7);
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }

    /** ‖a − b‖ / ‖b‖. */
    static double distance(double[] a, double[] b) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < b.length; i++) {
            difference += (a[i] - b[i]) * (a[i] - b[i]);
            size += b[i] * b[i];
        }
        return Math.sqrt(difference / size);
    }
}
