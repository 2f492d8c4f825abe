package org.finitentk.regression;

import java.util.List;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
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
    private final double[] left;
    private final double[] variance;
    private final double[] logDensity;

    private LeavingOut(MeanCandidate candidate, TrainingRows rows, RowNoise noise) {
        this.candidate = candidate;
        this.rows = rows;
        this.noise = noise;
        this.left = new double[rows.targets().length];
        this.variance = new double[rows.targets().length];
        this.logDensity = new double[rows.x().size()];
    }

    /**
     * All rows.
     *
     * @param problems one for each part
     * @param parts what was fitted
     * @return null if the solver knows only approximations, or if too few rows would be left
     */
    static @Nullable LeaveOneOut of(
            MeanCandidate candidate, TrainingRows rows, List<Problem> problems, List<FittedProcess> parts) {
        if (rows.x().size() < 2) {
            return null;
        }
        LeavingOut all = new LeavingOut(candidate, rows, problems.get(0).noise());
        try {
            for (int p = 0; p < parts.size(); p++) {
                FittedProcess part = parts.get(p);
                for (int c = 0; c < part.solutions().size(); c++) {
                    GaussianProcess.Solution solution = part.solutions().get(c);
                    RowPrecision precision =
                            part.process().precision(problems.get(p).kernel(), candidate.targets(p), solution, c);
                    if (precision == null) {
                        return null;
                    }
                    all.add(p, c, precision, solution.constant());
                }
            }
        } catch (NotPositiveDefiniteException e) {
            return null; // what is left does not determine the constants
        }
        return all.result();
    }

    private void add(int part, int column, RowPrecision precision, @Nullable ConstantFit constant) {
        OutputPlan plan = candidate.plan();
        int side = plan.rowsPerExample();
        for (int i = 0; i < logDensity.length; i++) {
            RowPrecision.Left without = precision.without(i, side, constant, plan.treatment() == MeanTreatment.PLUG_IN);
            logDensity[i] += without.logDensity();
            for (int r = 0; r < side; r++) {
                double scale = noise.scale(i * side + r);
                int at = i * plan.dimensions() + plan.dimension(part, r, column);
                logDensity[i] += Math.log(scale);
                left[at] = without.residuals()[r] / scale;
                variance[at] = without.variances()[r] / (scale * scale);
            }
        }
    }

    private LeaveOneOut result() {
        double[] targets = rows.targets();
        double[] mean = targets.clone();
        for (int i = 0; i < mean.length; i++) {
            mean[i] -= left[i];
        }
        return new LeaveOneOut(rows.given(), targets, mean, variance, logDensity);
    }
}
