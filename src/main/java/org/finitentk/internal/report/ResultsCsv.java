package org.finitentk.internal.report;

import java.util.List;
import java.util.StringJoiner;
import org.finitentk.internal.scores.ReportMetric;

/** Results as comma-separated values (RFC 4180): one row for each method and task, one column for each metric. */
final class ResultsCsv {
    private static final String LINE_END = "\r\n";

    private ResultsCsv() {}

    /**
     * Numbers keep all their digits; what was not computed is an empty field, infinities are "Infinity" and
     * "-Infinity".
     */
    static String of(List<MethodResult> methods, List<ReportMetric> metrics) {
        StringBuilder csv = new StringBuilder();
        StringJoiner header = new StringJoiner(",").add("method").add("task");
        metrics.forEach(metric -> header.add(field(metric.key())));
        csv.append(header).append(LINE_END);
        for (MethodResult method : methods) {
            for (TaskResult task : method.tasks()) {
                StringJoiner row =
                        new StringJoiner(",").add(field(method.name())).add(field(task.task()));
                metrics.forEach(metric -> row.add(number(task.value(metric))));
                csv.append(row).append(LINE_END);
            }
        }
        return csv.toString();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : Double.toString(value);
    }

    private static String field(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
