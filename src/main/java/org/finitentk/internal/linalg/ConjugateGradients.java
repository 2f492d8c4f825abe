package org.finitentk.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Preconditioned conjugate gradients for A X = B with a positive definite A and several right-hand sides, which share
 * each product with A but nothing else: every column has its own step sizes, and leaves when it has converged (Golub,
 * Van Loan, "Matrix Computations", 4th ed., section 11.5.2; Gardner et al. 2018, "GPyTorch", section 3).
 *
 * <p>Everything is float64. Convergence is on the true relative residual ‖b - A x‖ / ‖b‖, not on the one that the
 * recurrence carries along: when the latter is small enough the former is computed, and where they disagree the column
 * starts anew from where it is. Directions may come from products that are rounded to single precision
 * ({@link LinearOperator#rounded}) until a residual shows that these are not good enough; residuals never do. An
 * instance holds the choices; it may be used many times.
 */
public final class ConjugateGradients {
    /** For less than this, directions from products in single precision are too far off. */
    private static final double ROUNDED_TOLERANCE = 1e-5;
    /** Iterations between two computations of the true residual. */
    private static final int CHECK_EVERY = 50;

    private final double tolerance;
    private final int budget;
    private final Listener listener;

    /** Told after each iteration. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Called after each iteration; an exception ends the solve and reaches its caller.
         *
         * @param iteration from 1
         * @param residual the largest relative residual of a column that has not converged, as the recurrence has it
         */
        void iteration(int iteration, double residual);
    }

    /** How a column ended. */
    public enum Status {
        /** The true residual is within the tolerance. */
        CONVERGED,
        /** The iterations ran out. */
        BUDGET,
        /** The true residual no longer fell: rounding, or an operator that is not exact. */
        STAGNATED,
        /** A direction p with pᵀ A p ≤ 0, or a number that is not finite: A is not positive definite. */
        BREAKDOWN
    }

    /**
     * What came out for one right-hand side.
     *
     * @param solution x, the best that was found: 0 if nothing else has a smaller residual
     * @param status how it ended
     * @param iterations how many
     * @param residual the true ‖b - A x‖ / ‖b‖; 0 for b = 0
     * @param remainder the true b - A x
     * @param steps the step sizes α until the first new start
     * @param ratios the ratios β that belong to them
     */
    public record Column(
            double[] solution,
            Status status,
            int iterations,
            double residual,
            double[] remainder,
            double[] steps,
            double[] ratios) {
        /**
         * How it ended, for messages.
         *
         * @param what the system was solved for
         * @return words without a verb
         */
        public String ending(String what) {
            return "conjugate gradients for " + what + " (" + status + " after " + iterations + " iterations)";
        }

        /**
         * The matrix that the Lanczos process would have made of the preconditioned operator (Saad, "Iterative Methods
         * for Sparse Linear Systems", section 6.7.3).
         *
         * @return diagonal and off-diagonal of a tridiagonal matrix of as many rows as there are steps
         */
        public Tridiagonal tridiagonal() {
            int m = steps.length;
            double[] diagonal = new double[m];
            double[] off = new double[Math.max(0, m - 1)];
            for (int i = 0; i < m; i++) {
                diagonal[i] = 1 / steps[i] + (i > 0 ? ratios[i - 1] / steps[i - 1] : 0);
                if (i < m - 1) {
                    off[i] = Math.sqrt(ratios[i]) / steps[i];
                }
            }
            return new Tridiagonal(diagonal, off);
        }
    }

    /**
     * Chooses.
     *
     * @param tolerance of the true relative residual, above 0
     * @param budget most iterations, at least 1
     * @param listener told after each iteration
     * @throws IllegalArgumentException if a number is out of range
     */
    public ConjugateGradients(double tolerance, int budget, Listener listener) {
        if (!(tolerance > 0) || budget < 1) {
            throw new IllegalArgumentException("tolerance " + tolerance + " and " + budget
                    + " iterations were asked for; expected more than 0, and at least 1");
        }
        this.tolerance = tolerance;
        this.budget = budget;
        this.listener = listener;
    }

    /**
     * Whether a solve takes its directions from rounded products at first.
     *
     * @param tolerance of the true relative residual
     * @return whether single precision is good enough to start with
     */
    public static boolean takesRounded(double tolerance) {
        return tolerance >= ROUNDED_TOLERANCE;
    }

    /**
     * Solves.
     *
     * @param a A
     * @param m M, near A
     * @param b right-hand sides, each of A's size
     * @param start where to start, one vector for each right-hand side; null for 0
     * @return one result for each right-hand side, in their order
     * @throws IllegalArgumentException if a vector has another size or an element that is not finite
     */
    public List<Column> solve(LinearOperator a, Preconditioner m, List<double[]> b, @Nullable List<double[]> start) {
        List<ColumnState> all = new ArrayList<>();
        for (int j = 0; j < b.size(); j++) {
            all.add(new ColumnState(
                    requireFinite(b.get(j), a.size(), j),
                    start == null ? null : requireFinite(start.get(j), a.size(), j)));
        }
        if (start != null) {
            refresh(a, all);
            all.forEach(ColumnState::keepBest);
        }
        all.forEach(state -> state.settleIfWithin(tolerance));
        restart(m, active(all));
        LinearOperator directions = takesRounded(tolerance) ? a.rounded() : a;
        for (int iteration = 1; iteration <= budget && !active(all).isEmpty(); iteration++) {
            step(directions, a, m, active(all), iteration);
            directions = directions == a || roundingShows(a, m, all) ? a : directions;
            listener.iteration(
                    iteration,
                    active(all).stream()
                            .mapToDouble(ColumnState::relative)
                            .max()
                            .orElse(0));
        }
        List<ColumnState> unfinished = active(all);
        List<ColumnState> unverified =
                all.stream().filter(state -> state.status != Status.CONVERGED).toList();
        refresh(a, unverified);
        unverified.forEach(ColumnState::keepBest);
        unfinished.forEach(state -> state.status = state.bestResidual <= tolerance ? Status.CONVERGED : Status.BUDGET);
        return all.stream().map(ColumnState::column).toList();
    }

    private void step(
            LinearOperator directions, LinearOperator a, Preconditioner m, List<ColumnState> active, int iteration) {
        List<double[]> products =
                multiply(directions, active.stream().map(state -> state.p).toList());
        for (int j = 0; j < active.size(); j++) {
            active.get(j).advance(products.get(j));
        }
        boolean checkAll = iteration % CHECK_EVERY == 0;
        List<ColumnState> checked = active.stream()
                .filter(state -> state.status == null && (checkAll || state.relative() <= tolerance))
                .toList();
        if (!checked.isEmpty()) {
            List<Double> carried = checked.stream().map(ColumnState::relative).toList();
            refresh(a, checked);
            for (int j = 0; j < checked.size(); j++) {
                checked.get(j).check(tolerance, carried.get(j));
            }
        }
        List<ColumnState> rest = active(active);
        if (!rest.isEmpty()) {
            List<double[]> z = solve(m, rest.stream().map(state -> state.r).toList());
            for (int j = 0; j < rest.size(); j++) {
                rest.get(j).turn(z.get(j));
            }
        }
    }

    /**
     * Whether products that are rounded have led a column astray, or to its end; all columns then start anew from where
     * they are.
     */
    private static boolean roundingShows(LinearOperator a, Preconditioner m, List<ColumnState> all) {
        List<ColumnState> open =
                all.stream().filter(state -> state.status != Status.CONVERGED).toList();
        if (open.stream().noneMatch(state -> state.drifted || state.status != null)) {
            return false;
        }
        open.forEach(ColumnState::startAnew);
        refresh(a, open);
        open.forEach(ColumnState::dropIfWorseThanNothing);
        restart(m, open);
        return true;
    }

    private static List<ColumnState> active(List<ColumnState> states) {
        return states.stream().filter(state -> state.status == null).toList();
    }

    /** r = b - A x, which costs a product. */
    private static void refresh(LinearOperator a, List<ColumnState> states) {
        if (!states.isEmpty()) {
            List<double[]> products =
                    multiply(a, states.stream().map(state -> state.x).toList());
            for (int j = 0; j < states.size(); j++) {
                states.get(j).refresh(products.get(j));
            }
        }
    }

    private static void restart(Preconditioner m, List<ColumnState> states) {
        if (!states.isEmpty()) {
            List<double[]> z = solve(m, states.stream().map(state -> state.r).toList());
            for (int j = 0; j < states.size(); j++) {
                states.get(j).turn(z.get(j));
            }
        }
    }

    private static List<double[]> multiply(LinearOperator a, List<double[]> vectors) {
        double[] y = new double[Math.multiplyExact(a.size(), vectors.size())];
        a.multiply(pack(vectors), vectors.size(), y);
        return unpack(y, vectors.size());
    }

    private static List<double[]> solve(Preconditioner m, List<double[]> vectors) {
        double[] r = pack(vectors);
        double[] z = new double[r.length];
        m.solve(r, vectors.size(), z);
        return unpack(z, vectors.size());
    }

    static double[] pack(List<double[]> vectors) {
        int c = vectors.size();
        double[] block = new double[Math.multiplyExact(vectors.get(0).length, c)];
        for (int j = 0; j < c; j++) {
            double[] vector = vectors.get(j);
            for (int i = 0; i < vector.length; i++) {
                block[i * c + j] = vector[i];
            }
        }
        return block;
    }

    static List<double[]> unpack(double[] block, int c) {
        List<double[]> vectors = new ArrayList<>();
        for (int j = 0; j < c; j++) {
            double[] vector = new double[block.length / c];
            for (int i = 0; i < vector.length; i++) {
                vector[i] = block[i * c + j];
            }
            vectors.add(vector);
        }
        return vectors;
    }

    private static double[] requireFinite(double[] vector, int size, int column) {
        if (vector.length != size) {
            throw new IllegalArgumentException("vector " + column + " has " + vector.length + " elements; expected "
                    + size + ", the operator's size");
        }
        for (int i = 0; i < size; i++) {
            if (!Double.isFinite(vector[i])) {
                throw new IllegalArgumentException(
                        "element " + i + " of vector " + column + " is " + vector[i] + "; expected a finite number");
            }
        }
        return vector;
    }
}
