package org.finitentk.classification;

import java.util.function.DoubleUnaryOperator;
import org.finitentk.kernel.UnsolvedException;

/**
 * Maximizes a smooth function of log λ: steps of a factor 4 until its top is bracketed, then parabolas through the
 * three best points, with golden sections where a parabola does not help (Brent 1973, "Algorithms for Minimization
 * without Derivatives", chapter 5).
 */
final class PriorVarianceSearch {
    private static final double BRACKET = Math.log(4);
    private static final int BRACKETS = 20;
    /**
     * A rise of less than this, relative to the value, so many factors of 4 one after the other, is no way to a top:
     * the data say nothing about λ but that it is small, or large.
     */
    static final double LEVEL = 1e-7;

    static final int PLAIN = 2;
    private static final double GOLDEN = 0.5 * (3 - Math.sqrt(5));
    private static final int EVALUATIONS = 40;

    private final DoubleUnaryOperator objective;
    private final double width;

    /** Ends where log λ is known to within the width. */
    PriorVarianceSearch(DoubleUnaryOperator objective, double width) {
        this.objective = objective;
        this.width = width;
    }

    private record Point(double at, double value) {}

    private Point point(double at) {
        double value = value(Math.exp(at));
        return new Point(at, Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value);
    }

    /** NaN where there is no answer, on the way to where there is one. */
    private double value(double lambda) {
        try {
            return objective.applyAsDouble(lambda);
        } catch (UnsolvedException e) {
            return Double.NaN;
        }
    }

    /** The best λ, looked for from one on. */
    double from(double lambda) {
        return from(lambda, ClassificationSettings.NO_MINIMUM);
    }

    /** The best λ that is not below a floor. */
    double from(double lambda, double least) {
        double floor = Math.log(least);
        Point middle = point(Math.log(Math.max(least, lambda)));
        Point behind = point(middle.at() + BRACKET);
        double direction = -BRACKET;
        if (behind.value() > middle.value()) {
            Point swap = middle;
            middle = behind;
            behind = swap;
            direction = BRACKET;
        }
        int flat = 0;
        for (int i = 0; i < BRACKETS && flat < PLAIN; i++) {
            if (middle.at() <= floor && direction < 0) {
                return least;
            }
            Point ahead = point(Math.max(floor, middle.at() + direction));
            if (ahead.value() <= middle.value()) {
                return Math.exp(brent(
                        Math.min(behind.at(), ahead.at()), Math.max(behind.at(), ahead.at()), middle, behind, ahead));
            }
            flat = ahead.value() - middle.value() <= LEVEL * (1 + Math.abs(middle.value())) ? flat + 1 : 0;
            behind = middle;
            middle = ahead;
        }
        return middle.at() <= floor ? least : Math.exp(middle.at());
    }

    private double brent(double from, double to, Point best, Point one, Point other) {
        double low = from;
        double high = to;
        Point first = best;
        Point second = one.value() > other.value() ? one : other;
        Point third = one.value() > other.value() ? other : one;
        double last = high - low;
        double before = last;
        for (int i = 0; i < EVALUATIONS && Math.max(high - first.at(), first.at() - low) > width; i++) {
            double step = parabola(first, second, third);
            boolean useful = first.at() + step > low && first.at() + step < high && Math.abs(step) < 0.5 * before;
            if (!useful) {
                step = GOLDEN * (first.at() < 0.5 * (low + high) ? high - first.at() : low - first.at());
            }
            if (useful && Math.abs(step) < 0.25 * width) {
                return first.at() + step;
            }
            before = last;
            last = Math.abs(step);
            Point next = point(first.at() + step);
            if (next.value() > first.value()) {
                low = next.at() > first.at() ? first.at() : low;
                high = next.at() > first.at() ? high : first.at();
                third = second;
                second = first;
                first = next;
            } else {
                low = next.at() < first.at() ? next.at() : low;
                high = next.at() < first.at() ? high : next.at();
                if (next.value() > second.value()) {
                    third = second;
                    second = next;
                } else if (next.value() > third.value()) {
                    third = next;
                }
            }
        }
        return first.at();
    }

    /** From the first point to the top of the parabola through three; not finite if they lie on a line. */
    private static double parabola(Point first, Point second, Point third) {
        double r = (first.at() - second.at()) * (first.value() - third.value());
        double q = (first.at() - third.at()) * (first.value() - second.value());
        double numerator = (first.at() - third.at()) * q - (first.at() - second.at()) * r;
        return -0.5 * numerator / (q - r);
    }
}
