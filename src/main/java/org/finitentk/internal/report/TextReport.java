package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.internal.scores.TextTable;

/** A report's results as lines for a terminal. */
record TextReport(ExperimentReport report) {
    /** A table of the methods' means for each group. */
    String summary() {
        List<String> header = new ArrayList<>(List.of("method"));
        report.metrics().forEach(metric -> header.add(metric.name()));
        StringBuilder text = new StringBuilder();
        for (TaskGroup group : report.groups()) {
            TextTable table = new TextTable(header);
            group.of(report.methods()).forEach(method -> table.row(row(method)));
            text.append(text.isEmpty() ? "" : System.lineSeparator())
                    .append(group.isNamed() ? group.name() + System.lineSeparator() : "")
                    .append(table);
        }
        return text.toString();
    }

    private List<String> row(MethodResult method) {
        List<String> row = new ArrayList<>(List.of(method.name()));
        for (ReportMetric metric : report.metrics()) {
            MethodResult.Summary summary = method.summary(metric);
            row.add(metric.format(summary.mean(), summary.standardError()).text());
        }
        return row;
    }

    /** A row for every method and task, and the sections. */
    String details() {
        List<String> header = new ArrayList<>(List.of("method", "task"));
        report.metrics().forEach(metric -> header.add(metric.name()));
        TextTable table = new TextTable(header);
        for (MethodResult method : report.methods()) {
            for (TaskResult task : method.tasks()) {
                List<String> row = new ArrayList<>(List.of(method.name(), task.task()));
                report.metrics().forEach(metric -> row.add(metric.format(task.value(metric))));
                table.row(row);
            }
        }
        StringBuilder text = new StringBuilder(table.toString());
        report.sections()
                .forEach((heading, content) -> text.append(System.lineSeparator())
                        .append(heading)
                        .append(System.lineSeparator())
                        .append(content.strip())
                        .append(System.lineSeparator()));
        return text.toString();
    }
}
