package org.finitentk.internal.report;

import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.OutOfDistribution;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;
import org.finitentk.internal.scores.ReportMetric;

/** The pictures that reports are made of. */
public final class Plots {
    private Plots() {}

    /**
     * A plot with a line for each method that has variances; a method whose coverages are NaN keeps its colour, but is
     * neither drawn nor in the legend.
     *
     * @param title what stands above it
     * @param methods the methods' calibration by name, in the order of their colours
     * @return the plot
     */
    public static Plot calibration(String title, Map<String, List<CalibrationPoint>> methods) {
        return CalibrationPlot.of(title, methods);
    }

    /**
     * A plot of metrics.
     *
     * @param title what stands above all
     * @param methods the methods to compare, in the order of their colours
     * @param metrics the metrics to show, at least one; values that are not finite are left out
     * @return the plot
     */
    public static Plot comparison(String title, List<MethodResult> methods, List<ReportMetric> metrics) {
        return ComparisonPlot.of(title, methods, metrics);
    }

    /**
     * A plot with a curve for each method; the legend has the areas under them.
     *
     * @param title what stands above it
     * @param methods the methods' curves by name, in the order of their colours
     * @return the plot
     */
    public static Plot outOfDistribution(String title, Map<String, OutOfDistribution> methods) {
        return OutOfDistributionPlot.of(title, methods);
    }

    /**
     * A plot of tasks with 95 % intervals, four to a row.
     *
     * @param title what stands above all
     * @param panels the tasks, at least one
     * @return the plot
     */
    public static Plot predictions(String title, List<RegressionPanel> panels) {
        return PredictionPlot.of(title, panels);
    }

    /**
     * A plot of tasks.
     *
     * @param title what stands above all
     * @param panels the tasks, at least one
     * @param columns how many stand side by side
     * @param level the probability of the interval, strictly between 0 and 1
     * @return the plot
     */
    public static Plot predictions(String title, List<RegressionPanel> panels, int columns, double level) {
        return PredictionPlot.of(title, panels, columns, level);
    }

    /**
     * A plot with a panel for each method.
     *
     * @param title what stands above all
     * @param methods the methods' bins by name, at least one
     * @return the plot
     */
    public static Plot reliability(String title, Map<String, List<ReliabilityBin>> methods) {
        return ReliabilityPlot.of(title, methods);
    }
}
