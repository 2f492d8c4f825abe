package org.finitentk.internal.linalg;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Minimizes a smooth function of some dozens of variables in a box: limited-memory BFGS (Nocedal and Wright, "Numerical
 * Optimization", algorithm 7.4) in the variables that are not held by a bound, each step cut to the box and halved
 * until the function falls enough. What it does follows from the start alone.
 */
public final class LimitedMemoryBfgs {
    private static final int MEMORY = 10;
    /** The share of the fall that the gradient promises which is enough. */
    private static final double ENOUGH = 1e-4;
    /** No variable moves farther in one step: beyond that, curvature tells nothing. */
    private static final double LONGEST_STEP = 2;

    private static final int HALVINGS = 30;
    /** Falls by less than this share of the value that end the search, if there are several in a row. */
    private static final double NEXT_TO_NOTHING = 1e-11;

    private static final int IN_A_ROW = 3;

    private final double[] lower;
    private final double[] upper;
    private final double tolerance;
    private final int maxIterations;

    /**
     * A search in a box.
     *
     * @param lower the least value of each variable
     * @param upper the greatest, not below the least
     * @param tolerance the largest component of the gradient, along the box, that is taken for 0
     * @param maxIterations steps, at least 0
     */
    public LimitedMemoryBfgs(double[] lower, double[] upper, double tolerance, int maxIterations) {
        this.lower = lower.clone();
        this.upper = upper.clone();
        this.tolerance = tolerance;
        this.maxIterations = maxIterations;
    }

    /** What is minimized. */
    @FunctionalInterface
    public interface Objective {
        /**
         * Looks at one point.
         *
         * @param x the variables
         * @return value and gradient there; a value that is not finite where the function is not defined
         */
        Point at(double[] x);
    }

    /**
     * The function at a point.
     *
     * @param x the variables
     * @param value of the function
     * @param gradient as long as x
     */
    public record Point(double[] x, double value, double[] gradient) {}

    /**
     * Where a search ended.
     *
     * @param point the best that was found
     * @param iterations steps
     * @param converged whether the gradient, or what the steps still gained, was next to nothing
     */
    public record Minimum(Point point, int iterations, boolean converged) {}

    /** A step and the gradient's change along it. */
    private record Pair(double[] step, double[] change) {}

    /**
     * Searches from a start.
     *
     * @param objective what is minimized
     * @param start the variables there, which are moved into the box
     * @return where it ended; the value is not finite if that of the start is not
     */
    public Minimum minimize(Objective objective, double[] start) {
        Point at = objective.at(boxed(start));
        Deque<Pair> pairs = new ArrayDeque<>();
        int idle = 0;
        for (int iteration = 0; iteration < maxIterations; iteration++) {
            Point from = at;
            IntPredicate free = i -> isFree(from, i);
            double slope = 0;
            for (int i = 0; i < from.x().length; i++) {
                slope = free.test(i) ? Math.max(slope, Math.abs(from.gradient()[i])) : slope;
            }
            if (!(slope > tolerance)) {
                return new Minimum(from, iteration, Double.isFinite(from.value()));
            }
            Point next = step(objective, from, direction(from, pairs, free));
            if (next == null && !pairs.isEmpty()) {
                pairs.clear();
                next = step(objective, from, direction(from, pairs, free));
            }
            if (next == null) {
                return new Minimum(from, iteration, false);
            }
            remember(pairs, from, next);
            idle = from.value() - next.value() < NEXT_TO_NOTHING * Math.abs(next.value()) ? idle + 1 : 0;
            at = next;
            if (idle == IN_A_ROW) {
                return new Minimum(at, iteration + 1, true);
            }
        }
        return new Minimum(at, maxIterations, false);
    }

    private double[] boxed(double[] x) {
        double[] boxed = x.clone();
        for (int i = 0; i < boxed.length; i++) {
            boxed[i] = Math.min(upper[i], Math.max(lower[i], boxed[i]));
        }
        return boxed;
    }

    /** Whether a variable can go where the function falls. */
    private boolean isFree(Point at, int i) {
        double g = at.gradient()[i];
        return !(at.x()[i] <= lower[i] && g > 0 || at.x()[i] >= upper[i] && g < 0);
    }

    /** Minus the inverse Hessian, as far as the pairs know it, times the gradient, in the free variables. */
    private static double[] direction(Point at, Deque<Pair> pairs, IntPredicate free) {
        double[] q = new double[at.x().length];
        for (int i = 0; i < q.length; i++) {
            q[i] = free.test(i) ? -at.gradient()[i] : 0;
        }
        double[] weights = new double[pairs.size()];
        int p = 0;
        for (Pair pair : pairs) {
            double curvature = dot(pair.step(), pair.change(), free);
            if (curvature > 0) {
                weights[p] = dot(pair.step(), q, free) / curvature;
                add(q, -weights[p], pair.change(), free);
            }
            p++;
        }
        scale(q, pairs.peekFirst(), free);
        for (Iterator<Pair> oldest = pairs.descendingIterator(); oldest.hasNext(); ) {
            Pair pair = oldest.next();
            p--;
            double curvature = dot(pair.step(), pair.change(), free);
            if (curvature > 0) {
                add(q, weights[p] - dot(pair.change(), q, free) / curvature, pair.step(), free);
            }
        }
        return q;
    }

    private static void scale(double[] q, @Nullable Pair newest, IntPredicate free) {
        double factor = newest == null ? 0 : dot(newest.step(), newest.change(), free);
        double length = newest == null ? 0 : dot(newest.change(), newest.change(), free);
        double scale = factor > 0 && length > 0 ? factor / length : 1 / Math.max(1, Math.sqrt(dot(q, q, free)));
        for (int i = 0; i < q.length; i++) {
            q[i] *= scale;
        }
    }

    /** Goes along a direction as far as the function falls enough; null if it falls nowhere. */
    private @Nullable Point step(Objective objective, Point from, double[] direction) {
        double longest = 0;
        for (double component : direction) {
            longest = Math.max(longest, Math.abs(component));
        }
        double length = longest > LONGEST_STEP ? LONGEST_STEP / longest : 1;
        for (int halving = 0; halving < HALVINGS; halving++) {
            double[] x = from.x().clone();
            add(x, length, direction, i -> true);
            x = boxed(x);
            double promised = 0;
            for (int i = 0; i < x.length; i++) {
                promised += from.gradient()[i] * (x[i] - from.x()[i]);
            }
            if (!(promised < 0)) {
                return null;
            }
            Point next = objective.at(x);
            if (Double.isFinite(next.value()) && next.value() <= from.value() + ENOUGH * promised) {
                return next;
            }
            length /= 2;
        }
        return null;
    }

    /** Keeps the last pairs along which the gradient rises. */
    private static void remember(Deque<Pair> pairs, Point from, Point to) {
        double[] step = to.x().clone();
        double[] change = to.gradient().clone();
        add(step, -1, from.x(), i -> true);
        add(change, -1, from.gradient(), i -> true);
        double curvature = dot(step, change, i -> true);
        if (curvature > 1e-10 * dot(change, change, i -> true)) {
            pairs.addFirst(new Pair(step, change));
            if (pairs.size() > MEMORY) {
                pairs.removeLast();
            }
        }
    }

    private static double dot(double[] a, double[] b, IntPredicate free) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += free.test(i) ? a[i] * b[i] : 0;
        }
        return sum;
    }

    private static void add(double[] to, double factor, double[] x, IntPredicate free) {
        for (int i = 0; i < to.length; i++) {
            to[i] += free.test(i) ? factor * x[i] : 0;
        }
    }
}
