package org.finitentk.evaluation;

import java.util.Arrays;

/**
 * One metric of one method over its tasks. A task whose value is NaN makes all figures NaN: leaving it out would
 * compare methods on different tasks.
 *
 * @param count the number of tasks
 * @param mean the mean
 * @param standardError the standard error of the mean, from the sample standard deviation; NaN for fewer than two tasks
 * @param median the median
 */
public record MetricSummary(int count, double mean, double standardError, double median) {

    /**
     * Summarizes values.
     *
     * @param values one value a task
     * @return their summary; all NaN if there are none
     */
    public static MetricSummary of(double[] values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        int n = values.length;
        double standardError = n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n);
        return new MetricSummary(n, mean, standardError, median(values));
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
