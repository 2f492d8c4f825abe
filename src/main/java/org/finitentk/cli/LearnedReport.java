package org.finitentk.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.finitentk.classification.FiniteNTKClassificationModel;
import org.finitentk.classification.FiniteNTKMultiLabelModel;
import org.finitentk.classification.Inference;
import org.finitentk.regression.FiniteNTKRegressionModel;
import org.finitentk.regression.LeaveOneOut;
import org.finitentk.regression.MeanFunction;
import org.finitentk.regression.RbfGaussianProcessModel;
import org.finitentk.regression.RegressionPosterior;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;

/** What {@code train} says of a model that it has trained: what was chosen, and what to expect of it. */
final class LearnedReport {
    private static final int MOST_SUSPECTS = 5;
    private static final int MOST_TARGETS = 10;

    private final PrintWriter out;

    LearnedReport(PrintWriter out) {
        this.out = out;
    }

    /** Models of others say nothing here. */
    void print(Model<?> model) {
        if (model instanceof FiniteNTKRegressionModel regression) {
            print(regression.posterior(), regression.outputNames());
        } else if (model instanceof RbfGaussianProcessModel process) {
            print(
                    process.outputNames(),
                    process.outputNames().stream()
                            .mapToDouble(process::noiseVariance)
                            .toArray(),
                    process.leaveOneOut());
        } else if (model instanceof FiniteNTKClassificationModel classification) {
            print(
                    classification.posterior().settings().method().inference(),
                    classification.posterior().report());
        } else if (model instanceof FiniteNTKMultiLabelModel labels) {
            print(
                    labels.posterior().settings().method().inference(),
                    labels.posterior().report());
        }
    }

    private void print(Inference inference, Inference.Report report) {
        out.println("labels learned by " + inference + ", solver " + report.solver()
                + (report.reason().isEmpty() ? "" : ": " + report.reason()));
    }

    private void print(RegressionPosterior posterior, List<String> names) {
        MeanFunction.Comparison means = posterior.meanComparison();
        if (means != null) {
            out.println(String.format(
                    Locale.ROOT,
                    "mean before the data: %s; rows that are left out in turn have a log density of %.4g each with a"
                            + " constant, and of %.4g with the network's own outputs (standard error of the difference"
                            + " %.2g)",
                    means.chosen() == MeanFunction.CONSTANT ? "a constant" : "the network's own outputs",
                    means.constant(),
                    means.network(),
                    means.standardError()));
        }
        print(
                names,
                IntStream.range(0, names.size())
                        .mapToDouble(posterior::noiseVariance)
                        .toArray(),
                posterior.hasLeaveOneOut() ? posterior.leaveOneOut() : null);
        if (posterior.hasLeaveOneOut()) {
            out.println("if the network was trained on these very rows, it knows those that are left out, too");
        }
    }

    private void print(List<String> names, double[] noises, @Nullable LeaveOneOut left) {
        for (int d = 0; d < Math.min(names.size(), MOST_TARGETS); d++) {
            out.println(String.format(
                    Locale.ROOT,
                    "'%s': noise of standard deviation %.3g%s",
                    names.get(d),
                    Math.sqrt(noises[d]),
                    left == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    "; rows that are left out in turn are %.3g off (root mean square)",
                                    error(left, d))));
        }
        if (left != null) {
            print(left, names);
        }
    }

    private static double error(LeaveOneOut left, int dimension) {
        double squares = 0;
        for (int i = dimension; i < left.mean().length; i += left.dimensions()) {
            squares += Math.pow(left.targets()[i] - left.mean()[i], 2);
        }
        return Math.sqrt(squares / left.size());
    }

    private void print(LeaveOneOut left, List<String> names) {
        out.println(String.format(
                Locale.ROOT, "%.1f %% of these targets lie within their 95 %% intervals", 100 * left.coverage(0.95)));
        List<LeaveOneOut.Suspect> suspects = left.suspects(PosteriorReport.SUSPECT);
        if (suspects.isEmpty()) {
            return;
        }
        out.println(suspects.size() + " of " + left.targets().length
                + " targets are farther from what the other rows expect than noise goes"
                + (suspects.size() > MOST_SUSPECTS ? ", the farthest:" : ":"));
        for (LeaveOneOut.Suspect suspect : suspects.subList(0, Math.min(MOST_SUSPECTS, suspects.size()))) {
            out.println(String.format(
                    Locale.ROOT,
                    "  row %d: '%s' is %s, expected %.4g ± %.2g",
                    suspect.row() + 1,
                    names.get(suspect.dimension()),
                    suspect.target(),
                    suspect.mean(),
                    suspect.deviation()));
        }
    }
}
