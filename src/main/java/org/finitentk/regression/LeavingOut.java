package org.finitentk.regression;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
import org.finitentk.internal.util.Later;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out each example in closed form. With Q = K⁻¹ - K⁻¹B(BᵀK⁻¹B)⁻¹BᵀK⁻¹ and Qᵢ its block of the example's rows,
 * what is left of these rows' targets is Qᵢ⁻¹ αᵢ, and its covariance Qᵢ⁻¹; with a constant that is taken as known, the
 * covariance is that of K⁻¹'s block. Rows are scaled to equal noise, and scaled back at the end.
 */
final class LeavingOut {
    private final MeanCandidate candidate;
    private final TrainingRows rows;
    private final RowNoise noise;
    private final boolean widens;
    private final double[] left;
    private final double[] variance;
    private final double[] logDensity;
    /** For each part and column by what its variances are to be multiplied. */
    private final List<List<Double>> factors = new ArrayList<>();

    private LeavingOut(MeanCandidate candidate, TrainingRows rows, Problem any) {
        this.candidate = candidate;
        this.rows = rows;
        this.noise = any.noise();
        this.widens = any.settings().variances().isScaledByLeavingOut();
        this.left = new double[rows.targets().length];
        this.variance = new double[rows.targets().length];
        this.logDensity = new double[rows.x().size()];
    }

    /**
     * A column of a part.
     *
     * @param residuals its targets less its mean, as they were fitted
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares columns.
    private record Fitted(Problem problem, FittedProcess part, int column, double[] residuals) {}

    /**
     * All rows, when they are asked for: it takes about what the fit took.
     *
     * @param problems one for each part
     * @param parts what was fitted, whose means are those of the candidate's residuals
     * @return empty if the solver knows only approximations, or if too few rows would be left
     */
    static Later<Optional<LeavingOut>> later(
            MeanCandidate candidate, TrainingRows rows, List<Problem> problems, List<FittedProcess> parts) {
        if (rows.x().size() < 2) {
            return Later.known(Optional.empty());
        }
        List<Fitted> fitted = new ArrayList<>();
        for (int p = 0; p < parts.size(); p++) {
            List<GaussianProcess.Column> columns = parts.get(p).process().columns();
            Targets targets = candidate.targets(p);
            for (int c = 0; c < columns.size(); c++) {
                double[] residuals = targets.residuals(c, columns.get(c).coefficients());
                fitted.add(new Fitted(problems.get(p), parts.get(p), c, residuals));
            }
        }
        return Later.of(() -> of(candidate, rows, fitted));
    }

    private static Optional<LeavingOut> of(MeanCandidate candidate, TrainingRows rows, List<Fitted> fitted) {
        LeavingOut all = new LeavingOut(candidate, rows, fitted.get(0).problem());
        try {
            for (Fitted own : fitted) {
                int p = own.problem().part();
                GaussianProcess.Solution solution = own.part().solutions().get(own.column());
                RowPrecision precision = own.part()
                        .process()
                        .precision(
                                own.problem().kernel(), candidate.targets(p), own.residuals(), solution, own.column());
                if (precision == null) {
                    return Optional.empty();
                }
                all.add(p, own.column(), precision, solution.constant());
            }
        } catch (NotPositiveDefiniteException e) {
            return Optional.empty(); // what is left does not determine the constants
        }
        return Optional.of(all);
    }

    private void add(int part, int column, RowPrecision precision, @Nullable ConstantFit constant) {
        OutputPlan plan = candidate.plan();
        int side = plan.rowsPerExample();
        List<RowPrecision.Left> without = IntStream.range(0, logDensity.length)
                .mapToObj(i -> precision.without(i, side, constant, plan.treatment() == MeanTreatment.PLUG_IN))
                .toList();
        double factor = widens ? factor(without, side) : 1;
        if (column == 0) {
            factors.add(new ArrayList<>());
        }
        factors.get(part).add(factor);
        for (int i = 0; i < logDensity.length; i++) {
            RowPrecision.Left own = without.get(i);
            logDensity[i] += own.logDensity() + 0.5 * (own.fit() * (1 - 1 / factor) - side * Math.log(factor));
            for (int r = 0; r < side; r++) {
                double scale = noise.scale(i * side + r);
                int at = i * plan.dimensions() + plan.dimension(part, r, column);
                logDensity[i] += Math.log(scale);
                left[at] = own.residuals()[r] / scale;
                variance[at] = factor * own.variances()[r] / (scale * scale);
            }
        }
    }

    /** Rows that are farther off than their variances allow widen all variances; rows that are nearer do not narrow. */
    private static double factor(List<RowPrecision.Left> without, int side) {
        double average = without.stream().mapToDouble(RowPrecision.Left::fit).sum() / without.size() / side;
        return Double.isFinite(average) ? Math.max(1, average) : 1;
    }

    /** By what the variances of each part's columns are to be multiplied, at least 1. */
    List<List<Double>> factors() {
        return factors.stream().map(List::copyOf).toList();
    }

    /** Parts as they are with the factors. */
    List<FittedProcess> widened(List<FittedProcess> parts) {
        return IntStream.range(0, parts.size())
                .mapToObj(p -> factors.get(p).stream().allMatch(factor -> factor == 1)
                        ? parts.get(p)
                        : parts.get(p).widened(factors.get(p)))
                .toList();
    }

    /** With variances times their factors. */
    LeaveOneOut result() {
        double[] targets = rows.targets();
        double[] mean = targets.clone();
        for (int i = 0; i < mean.length; i++) {
            mean[i] -= left[i];
        }
        return new LeaveOneOut(rows.given(), targets, mean, variance, logDensity);
    }
}
