package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.internal.scores.Levels;
import org.finitentk.internal.scores.ReportMetric;

/** The figures that a report makes of its results. */
final class ReportFigures {
    private static final String OMITTED =
            "Scores that span decades stand on a logarithmic axis, which says so. An arrow "
                    + "at the edge is an infinite score; scores that could not be computed are not drawn.";

    private ReportFigures() {}

    /** How methods compare, how well calibrated they are, what each predicts, and then the caller's own figures. */
    static List<ReportFigure> of(
            List<MethodResult> methods,
            List<ReportMetric> metrics,
            List<TaskGroup> groups,
            double level,
            List<ReportFigure> more) {
        List<ReportFigure> figures = new ArrayList<>();
        if (groups.get(0).isNamed()) {
            addComparisons(figures, methods, metrics, groups);
        } else {
            addComparison(figures, methods, metrics);
        }
        addCalibration(figures, methods);
        for (MethodResult method : methods) {
            addPredictions(figures, method, level);
        }
        figures.addAll(more);
        return withDistinctNames(figures);
    }

    private static void addComparison(
            List<ReportFigure> figures, List<MethodResult> methods, List<ReportMetric> metrics) {
        List<ReportMetric> drawable = metrics.stream()
                .filter(metric -> methods.stream()
                        .flatMap(method -> method.tasks().stream())
                        .anyMatch(task -> Double.isFinite(task.value(metric))))
                .toList();
        boolean severalTasks =
                methods.stream().anyMatch(method -> method.tasks().size() > 1);
        if (severalTasks && !drawable.isEmpty()) {
            figures.add(new ReportFigure(
                    "comparison",
                    "Comparison",
                    "Every point is one task; the bar is the method's mean over its tasks. " + OMITTED,
                    ComparisonPlot.of("Scores of every task", methods, drawable)));
        }
    }

    /**
     * One figure for each metric that has a goal, in it a panel for each group: scores of different data sets have
     * nothing in common.
     */
    private static void addComparisons(
            List<ReportFigure> figures,
            List<MethodResult> methods,
            List<ReportMetric> metrics,
            List<TaskGroup> groups) {
        for (ReportMetric metric : metrics) {
            if (metric.goal() != ReportMetric.Goal.NONE) {
                figures.add(new ReportFigure(
                        slug("comparison-" + metric.name()),
                        metric.name(),
                        metric.explanation()
                                + " Every point is one task; the bar is the method's mean over the group's tasks. "
                                + OMITTED,
                        ComparisonPlot.ofGroups(metric.name(), groups, methods, metric)));
            }
        }
    }

    private static void addCalibration(List<ReportFigure> figures, List<MethodResult> methods) {
        Map<String, List<CalibrationPoint>> lines = new LinkedHashMap<>();
        boolean any = false;
        for (MethodResult method : methods) {
            List<CalibrationPoint> line = method.calibration();
            lines.put(method.name(), line);
            any |= line.stream().anyMatch(point -> !Double.isNaN(point.coverage()));
        }
        if (any) {
            figures.add(new ReportFigure(
                    "calibration",
                    "Calibration",
                    "How often central predictive intervals hold the test observation, over all tasks together: on the"
                            + " diagonal is calibrated, above it too cautious, below it too sure. Methods "
                            + "without predictive variances have no line.",
                    CalibrationPlot.of("Observed against nominal coverage", lines)));
        }
    }

    private static void addPredictions(List<ReportFigure> figures, MethodResult method, double level) {
        List<RegressionPanel> panels = method.panels();
        if (!panels.isEmpty()) {
            boolean band = panels.stream().anyMatch(panel -> panel.prediction().hasDeviations());
            figures.add(new ReportFigure(
                    slug(method.name()) + "-predictions",
                    method.name(),
                    "Training points, test points and the prediction of each task"
                            + (band
                                    ? ", with the central " + Levels.percent(level) + " predictive interval."
                                    : "; this method predicts no variance."),
                    PredictionPlot.of(method.name(), panels, 4, level)));
        }
    }

    /** Two methods may differ in punctuation only; their files must not overwrite each other. */
    private static List<ReportFigure> withDistinctNames(List<ReportFigure> figures) {
        Set<String> taken = new HashSet<>();
        List<ReportFigure> renamed = new ArrayList<>();
        for (ReportFigure figure : figures) {
            String name = figure.fileName();
            for (int i = 2; !Collections.disjoint(taken, files(name)); i++) {
                name = figure.fileName() + "-" + i;
            }
            taken.addAll(files(name));
            renamed.add(new ReportFigure(name, figure.heading(), figure.caption(), figure.plot()));
        }
        return List.copyOf(renamed);
    }

    private static Set<String> files(String name) {
        return Arrays.stream(ColorScheme.values())
                .map(scheme -> name + scheme.suffix())
                .collect(Collectors.toSet());
    }

    /** A name that any file system takes. */
    static String slug(String name) {
        String slug =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return slug.isEmpty() ? "figure" : slug.substring(0, Math.min(slug.length(), 60));
    }
}
