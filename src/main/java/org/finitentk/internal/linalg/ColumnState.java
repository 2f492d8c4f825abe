package org.finitentk.internal.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.linalg.ConjugateGradients.Column;
import org.finitentk.internal.linalg.ConjugateGradients.Status;
import org.jspecify.annotations.Nullable;

/** One right-hand side on its way. */
final class ColumnState {
    /** A true residual that has not fallen to this share of the least so far stalls. */
    private static final double PROGRESS = 0.9;
    /**
     * Stalled checks that end a solve: the residual of an ill-conditioned system can stay where it is, or rise, for
     * hundreds of iterations.
     */
    private static final int STALLS = 6;
    /** A stalled check counts this much where the recurrence believes in progress: that is rounding. */
    private static final int DRIFT = 3;

    final double[] b;
    final double norm;
    final double[] x;
    double[] r;
    double[] p = new double[0];
    double rz;
    boolean fresh = true;
    boolean followed = true;
    boolean drifted;
    int iterations;
    double lastTrue = Double.POSITIVE_INFINITY;
    int stalls;
    double[] best;
    double[] bestRemainder;
    double bestResidual;
    final List<Double> steps = new ArrayList<>();
    final List<Double> ratios = new ArrayList<>();

    @Nullable
    Status status;

    ColumnState(double[] b, double @Nullable [] start) {
        this.b = b;
        this.norm = Vectors.norm(b);
        this.x = start == null ? new double[b.length] : start.clone();
        this.r = b.clone();
        this.best = new double[b.length];
        this.bestRemainder = b.clone();
        this.bestResidual = norm == 0 ? 0 : 1;
    }

    void startAnew() {
        status = null;
        fresh = true;
        drifted = false;
        stalls = 0;
        lastTrue = Double.POSITIVE_INFINITY;
    }

    /** After {@link #refresh}: back to 0 where that is nearer. */
    void dropIfWorseThanNothing() {
        if (!(relative() <= 1)) {
            Arrays.fill(x, 0);
            r = b.clone();
        }
    }

    double relative() {
        return norm == 0 ? 0 : Vectors.norm(r) / norm;
    }

    void settleIfWithin(double tolerance) {
        if (norm == 0) {
            Arrays.fill(x, 0);
            Arrays.fill(r, 0);
        }
        if (relative() <= tolerance) {
            status = Status.CONVERGED;
            keepBest();
        }
    }

    /** Along p, whose product with A this is. */
    void advance(double[] product) {
        double curvature = Vectors.dot(p, product);
        double step = rz / curvature;
        if (!(curvature > 0) || !Double.isFinite(step)) {
            status = Status.BREAKDOWN;
            return;
        }
        for (int i = 0; i < x.length; i++) {
            x[i] += step * p[i];
            r[i] -= step * product[i];
        }
        iterations++;
        if (followed) {
            steps.add(step);
        }
    }

    void refresh(double[] product) {
        double[] residual = new double[b.length];
        for (int i = 0; i < residual.length; i++) {
            residual[i] = b[i] - product[i];
        }
        r = residual;
    }

    /** After {@link #refresh}: r is the true residual, and {@code carried} is the relative one of the recurrence. */
    void check(double tolerance, double carried) {
        double now = relative();
        if (!Double.isFinite(now)) {
            status = Status.BREAKDOWN;
            return;
        }
        keepBest();
        if (now <= tolerance) {
            status = Status.CONVERGED;
            return;
        }
        // directions of a recurrence that has drifted away are not conjugate any more
        drifted = carried < PROGRESS * now;
        fresh = fresh || drifted;
        stalls = now > PROGRESS * lastTrue ? stalls + (drifted ? DRIFT : 1) : 0;
        lastTrue = Math.min(lastTrue, now);
        if (stalls >= STALLS) {
            status = Status.STAGNATED;
        }
    }

    /** Keeps x if its residual, which must be the true one, is the smallest so far. */
    void keepBest() {
        double now = relative();
        if (now < bestResidual) {
            bestResidual = now;
            best = x.clone();
            bestRemainder = r.clone();
        }
    }

    /** The next direction, from z = M⁻¹ r. */
    void turn(double[] z) {
        double next = Vectors.dot(r, z);
        if (!(next > 0)) {
            status = Status.BREAKDOWN;
            return;
        }
        if (fresh) {
            followed = followed && steps.isEmpty();
            p = z;
        } else {
            double ratio = next / rz;
            for (int i = 0; i < p.length; i++) {
                p[i] = z[i] + ratio * p[i];
            }
            if (followed) {
                ratios.add(ratio);
            }
        }
        fresh = false;
        rz = next;
    }

    Column column() {
        Status ended = status == null ? Status.BUDGET : status;
        return new Column(best, ended, iterations, bestResidual, bestRemainder, array(steps), array(ratios));
    }

    private static double[] array(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
