package org.finitentk.check;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Numbers of J v that are judged together, and what differences of f over steps of several sizes say of them.
 *
 * <p>Central differences err by a multiple of h² and of 1/h, by curvature and by rounding. Those of two steps h and rh
 * are extrapolated to (r² d(h) − d(rh)) / (r² − 1), which errs by h⁴: larger steps, which round less, become good.
 */
final class StepGroup {
    private static final double QUANTILE = 0.75;

    private final String name;
    private final double[] product;
    private final Scale scale;
    private final Map<Double, double[]> differences = new TreeMap<>();
    private double relative = Double.POSITIVE_INFINITY;
    private double step = Double.NaN;
    private double size = Double.NaN;

    /**
     * What is small.
     *
     * @param tolerance the relative disagreement that passes
     * @param floor the size below which numbers are not compared relative to themselves
     * @param rounding the error of f by rounding
     */
    record Scale(double tolerance, double floor, double rounding) {}

    StepGroup(String name, double[] product, Scale scale) {
        this.name = name;
        this.product = product;
        this.scale = scale;
    }

    /** Takes differences over one more step; the best counts. */
    void add(double newStep, double[] difference) {
        consider(newStep, difference);
        differences.forEach((other, known) -> {
            double near = Math.min(other, newStep);
            double ratio = Math.max(other, newStep) / near;
            if (ratio < 12) {
                double[] small = near == newStep ? difference : known;
                double[] large = near == newStep ? known : difference;
                double square = ratio * ratio;
                double[] none = new double[small.length];
                Arrays.setAll(none, i -> (square * small[i] - large[i]) / (square - 1));
                consider(near, none);
            }
        });
        differences.put(newStep, difference);
    }

    private void consider(double from, double[] difference) {
        double disagreement = disagreement(product, difference);
        if (Double.isNaN(relative) || Double.compare(disagreement, relative) < 0 || Double.isNaN(step)) {
            relative = disagreement;
            step = from;
            size = Directions.rootMeanSquare(difference);
        }
    }

    /** What three quarters of the numbers differ by at most, relative to their size; NaN if they are not finite. */
    private double disagreement(double[] a, double[] b) {
        double[] errors = new double[a.length];
        Arrays.setAll(errors, i -> Math.abs(a[i] - b[i]));
        Arrays.sort(errors);
        double most = errors[(int) Math.ceil(QUANTILE * errors.length) - 1];
        double sizeA = Directions.rootMeanSquare(a);
        double sizeB = Directions.rootMeanSquare(b);
        if (!Double.isFinite(sizeA) || !Double.isFinite(sizeB)) {
            return Double.NaN;
        }
        return most == 0 ? 0 : most / Math.max(Math.max(sizeA, sizeB), scale.floor());
    }

    /**
     * Whether the differences themselves are to be trusted: at some step rounding is below the tolerance, and the next
     * step says the same. Numbers that are not finite are wrong whatever the steps say.
     */
    boolean isConclusive() {
        if (Double.isNaN(relative)) {
            return true;
        }
        double before = Double.NaN;
        for (Map.Entry<Double, double[]> entry : differences.entrySet()) {
            double at = entry.getKey();
            if (!Double.isNaN(before)
                    && rounding(before) <= scale.tolerance()
                    && disagreement(differences.getOrDefault(before, product), entry.getValue()) <= scale.tolerance()) {
                return true;
            }
            before = at;
        }
        return false;
    }

    private double rounding(double at) {
        double whole = Math.max(Directions.rootMeanSquare(differences.getOrDefault(at, product)), scale.floor());
        return scale.rounding() / (at * whole);
    }

    /** Whether the numbers are smaller than what rounding makes of the differences, so that these tell nothing. */
    boolean isBelowRounding() {
        double own = Directions.rootMeanSquare(product);
        return own > 0 && own < scale.floor();
    }

    String name() {
        return name;
    }

    /** The smallest step that was tried. */
    double smallestStep() {
        return differences.keySet().stream()
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(Double.NaN);
    }

    /**
     * Whether the function has a kink wherever J v is not what differences say, as a ReLU of exactly 0 makes one, whose
     * derivative there is a convention: the differences to both sides differ.
     *
     * @param right differences to one side, over the smallest step
     * @param left those to the other
     */
    boolean isKink(double[] right, double[] left) {
        double size = Math.max(Directions.rootMeanSquare(right), Directions.rootMeanSquare(left));
        double small = scale.tolerance() * Math.max(size, scale.floor());
        boolean kinks = false;
        for (int i = 0; i < product.length; i++) {
            if (!(Math.abs(product[i] - (right[i] + left[i]) / 2) <= small)) {
                if (!(Math.abs(right[i] - left[i]) > small)) {
                    return false;
                }
                kinks = true;
            }
        }
        return kinks;
    }

    /** The disagreement at the best step. */
    double relative() {
        return relative;
    }

    /** The numbers' sizes in words. */
    String sizes() {
        return String.format(
                Locale.ROOT,
                "for %s, Jv has the size %.4g and (f(theta + hv) - f(theta - hv)) / 2h the size %.4g, at the best h ="
                        + " %.0e",
                name,
                Directions.rootMeanSquare(product),
                size,
                step);
    }

    /** The estimated disagreement by rounding alone, at the best step. */
    double rounding() {
        return scale.rounding() / (step * Math.max(size, Directions.rootMeanSquare(product)));
    }
}
