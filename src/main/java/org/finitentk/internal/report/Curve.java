package org.finitentk.internal.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Points (x, y ± deviation) in rising x. A y that is not finite is NaN, which a line shows as a gap; a deviation is NaN
 * where nothing is known of it. Points without a finite x are left out.
 */
final class Curve {
    static final Curve NONE = new Curve(new double[0], new double[0], new double[0]);

    private final double[] x;
    private final double[] y;
    private final double[] deviation;

    private Curve(double[] x, double[] y, double[] deviation) {
        this.x = x;
        this.y = y;
        this.deviation = deviation;
    }

    static Curve of(String what, double[] x, double[] y) {
        double[] unknown = new double[y.length];
        Arrays.fill(unknown, Double.NaN);
        return of(what, x, y, unknown);
    }

    static Curve of(String what, double[] x, double[] y, double[] variance) {
        if (x.length != y.length || y.length != variance.length) {
            throw new IllegalArgumentException("the " + what + " of a panel has " + x.length + " inputs, " + y.length
                    + " values and " + variance.length + " variances; expected as many of each");
        }
        int[] order = IntStream.range(0, x.length)
                .filter(i -> Double.isFinite(x[i]))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> x[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] sortedX = new double[order.length];
        double[] sortedY = new double[order.length];
        double[] deviation = new double[order.length];
        for (int i = 0; i < order.length; i++) {
            int from = order[i];
            if (variance[from] < 0) {
                throw new IllegalArgumentException("the " + what + " of a panel has the variance " + variance[from]
                        + "; expected a number that is not negative");
            }
            sortedX[i] = x[from];
            sortedY[i] = Double.isFinite(y[from]) ? y[from] : Double.NaN;
            deviation[i] = Math.sqrt(variance[from]);
        }
        return new Curve(sortedX, sortedY, deviation);
    }

    boolean isEmpty() {
        for (double value : y) {
            if (!Double.isNaN(value)) {
                return false;
            }
        }
        return true;
    }

    boolean hasDeviations() {
        for (int i = 0; i < y.length; i++) {
            if (!Double.isNaN(y[i]) && !Double.isNaN(deviation[i])) {
                return true;
            }
        }
        return false;
    }

    /** The inputs themselves, not a copy. */
    double[] x() {
        return x;
    }

    /** The values themselves, not a copy. */
    double[] y() {
        return y;
    }

    /** y + factor·deviation; NaN where either is unknown. */
    double[] shifted(double factor) {
        double[] shifted = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            shifted[i] = y[i] + factor * deviation[i];
        }
        return shifted;
    }
}
