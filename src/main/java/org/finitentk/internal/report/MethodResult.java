package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.internal.scores.ReportMetric;

/**
 * What one method achieved on all tasks.
 *
 * @param name the method's name, unique in a report
 * @param description a sentence or two on what it does; may be empty
 * @param tasks its results, at least one
 */
public record MethodResult(String name, String description, List<TaskResult> tasks) {

    /**
     * Checks the parts.
     *
     * @param name its name
     * @param description what it does
     * @param tasks its results
     * @throws IllegalArgumentException if the name is blank, there are no tasks, or two tasks have the same name
     */
    public MethodResult {
        tasks = List.copyOf(tasks);
        if (name.isBlank()) {
            throw new IllegalArgumentException("a method's name is blank; expected words, since it heads a row");
        }
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException(
                    "the method \"" + name + "\" has no task results; expected at least one");
        }
        Set<String> seen = new HashSet<>();
        for (TaskResult task : tasks) {
            if (!seen.add(task.task())) {
                throw new IllegalArgumentException("the method \"" + name + "\" has two results of the task \""
                        + task.task() + "\"; expected names that differ");
            }
        }
    }

    /**
     * One metric over the tasks.
     *
     * @param metric the metric
     * @return its summary
     */
    public Summary summary(ReportMetric metric) {
        return Summary.of(scores(metric));
    }

    /** The tasks' scores in their order; NaN where there is none. */
    double[] scores(ReportMetric metric) {
        return tasks.stream().mapToDouble(task -> task.value(metric)).toArray();
    }

    /**
     * Observed against nominal coverage over all tasks together, every test point counting once.
     *
     * @return one point a level, rising; NaN where a task has none
     */
    public List<CalibrationPoint> calibration() {
        TreeMap<Double, CalibrationPoint> pooled = new TreeMap<>();
        for (TaskResult task : tasks) {
            for (CalibrationPoint point : task.calibration()) {
                pooled.merge(point.level(), point, MethodResult::pool);
            }
        }
        return List.copyOf(pooled.values());
    }

    private static CalibrationPoint pool(CalibrationPoint a, CalibrationPoint b) {
        int count = a.count() + b.count();
        double inside = a.coverage() * a.count() + b.coverage() * b.count();
        return new CalibrationPoint(a.level(), inside / count, count);
    }

    /** The tasks that can be drawn, each under its name and its error. */
    List<RegressionPanel> panels() {
        List<RegressionPanel> panels = new ArrayList<>();
        for (TaskResult task : tasks) {
            RegressionPanel panel = task.panel();
            if (panel != null) {
                double rmse = task.value(ReportMetric.RMSE);
                String error = Double.isNaN(rmse) ? "" : " · RMSE " + ReportMetric.RMSE.format(rmse);
                panels.add(panel.withTitle(task.task() + error));
            }
        }
        return panels;
    }

    /**
     * One metric of one method over its tasks. A task whose value is NaN makes all figures NaN: leaving it out would
     * compare methods on different tasks.
     *
     * @param count the number of tasks
     * @param mean the mean
     * @param standardError the standard error of the mean, from the sample standard deviation; NaN for fewer than two
     *     tasks
     * @param median the median
     */
    public record Summary(int count, double mean, double standardError, double median) {

        /**
         * Summarizes values.
         *
         * @param values one value a task
         * @return their summary; all NaN if there are none
         */
        public static Summary of(double[] values) {
            double mean = Arrays.stream(values).average().orElse(Double.NaN);
            double squares =
                    Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
            int n = values.length;
            double spread = n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n);
            // Values that are all the same differ from their mean by its rounding.
            double standardError = spread <= 2 * Math.ulp(mean) ? 0 : spread;
            return new Summary(n, mean, standardError, median(values));
        }

        private static double median(double[] values) {
            int n = values.length;
            if (n == 0 || Arrays.stream(values).anyMatch(Double::isNaN)) {
                return Double.NaN;
            }
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            double low = sorted[(n - 1) / 2];
            double high = sorted[n / 2];
            return low == high ? low : 0.5 * (low + high);
        }
    }
}
