package org.finitentk.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.finitentk.regression.Evidence;
import org.finitentk.regression.LeaveOneOut;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RegressionPosterior;
import org.finitentk.regression.Solver;
import org.finitentk.regression.VarianceMethod;

/** What {@code posterior} says of a fit. */
final class PosteriorReport {
    /** The probability of suspects where there are none. */
    static final double SUSPECT = 0.05;

    private static final int MOST_SUSPECTS = 10;

    private final RegressionPosterior posterior;
    private final PrintWriter out;

    PosteriorReport(RegressionPosterior posterior, PrintWriter out) {
        this.posterior = posterior;
        this.out = out;
    }

    void print(boolean learned, boolean withVariances) {
        double[] priors = new double[posterior.dimensions()];
        double[] noises = new double[posterior.dimensions()];
        for (int d = 0; d < priors.length; d++) {
            priors[d] = posterior.priorVariance(d);
            noises[d] = posterior.noiseVariance(d);
        }
        out.println(String.format(
                Locale.ROOT,
                "n = %d, mean %s, outputs %s",
                posterior.trainingSize(),
                posterior.meanFunction(),
                posterior.outputStructure()));
        out.println("solver " + posterior.solver() + ": " + posterior.solverReason());
        Solver.Iterations iterations = posterior.iterations();
        if (iterations != null) {
            out.println(String.format(
                    Locale.ROOT,
                    "%s after %d iterations, true relative residual %.3g, preconditioner of rank %d, products by %s",
                    iterations.status(),
                    iterations.iterations(),
                    iterations.residual(),
                    iterations.rank(),
                    switch (iterations.products()) {
                        case MATRIX -> "the kernel matrix";
                        case GRADIENTS -> "gradients that are kept";
                        case NETWORK -> "running the network";
                    }));
        }
        out.println(
                "prior variance " + text(priors) + ", noise variance " + text(noises) + (learned ? ", learned" : ""));
        Evidence evidence = posterior.evidence();
        out.println(String.format(Locale.ROOT, "log marginal likelihood %.10g", evidence.logMarginalLikelihood())
                + (evidence.standardError() > 0
                        ? String.format(
                                Locale.ROOT,
                                ", an estimate: standard error %.2g, too small by at most %.2g",
                                evidence.standardError(),
                                evidence.bias())
                        : ""));
        printLeavingOut();
        if (posterior.jitter() > 0) {
            out.println(String.format(
                    Locale.ROOT,
                    "jitter %.3g added to the kernel matrix's diagonal, which is singular to working precision",
                    posterior.jitter()));
        }
        if (withVariances) {
            String method = posterior.varianceMethod() == VarianceMethod.EXACT
                    ? "variances exact"
                    : "variances cached, rank " + posterior.varianceRank();
            out.println(method
                    + (iterations != null
                            ? String.format(
                                    Locale.ROOT,
                                    ": none is too large by more than %.3g",
                                    posterior.largestVarianceError())
                            : ""));
        }
        if (posterior.clippedVariances() > 0) {
            out.println(posterior.clippedVariances() + " variances, negative by rounding, were set to 0");
        }
        out.flush();
    }

    private void printLeavingOut() {
        MeanFunction.Comparison means = posterior.meanComparison();
        if (means != null) {
            out.println(String.format(
                    Locale.ROOT,
                    "mean %s: leave-one-out log density a row %.5g with the mean constant, %.5g with network, standard"
                            + " error of the difference %.2g, of %d rows",
                    means.chosen(),
                    means.constant(),
                    means.network(),
                    means.standardError(),
                    means.rows()));
        }
        if (!posterior.hasLeaveOneOut()) {
            return;
        }
        LeaveOneOut left = posterior.leaveOneOut();
        out.println(String.format(
                Locale.ROOT,
                "leave-one-out log density %.10g a row, standard error %.2g; %.1f %% of the targets lie within their 95 %%"
                        + " intervals",
                left.averageLogDensity(),
                left.standardError(),
                100 * left.coverage(0.95)));
        List<LeaveOneOut.Suspect> suspects = left.suspects(SUSPECT);
        if (!suspects.isEmpty()) {
            out.println(suspects.size() + " of " + left.targets().length
                    + " targets are suspect, farther from what the other rows expect than noise goes:");
        }
        for (LeaveOneOut.Suspect suspect : suspects.subList(0, Math.min(MOST_SUSPECTS, suspects.size()))) {
            out.println(String.format(
                    Locale.ROOT,
                    "  row %d, column %d: %.6g, expected %.6g ± %.2g (%.1f deviations)",
                    suspect.row(),
                    suspect.dimension(),
                    suspect.target(),
                    suspect.mean(),
                    suspect.deviation(),
                    suspect.score()));
        }
    }

    private static String text(double[] values) {
        return Arrays.stream(values).distinct().count() == 1
                ? String.format(Locale.ROOT, "%.8g", values[0])
                : Arrays.stream(values)
                        .mapToObj(v -> String.format(Locale.ROOT, "%.8g", v))
                        .toList()
                        .toString();
    }
}
