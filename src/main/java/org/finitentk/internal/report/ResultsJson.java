package org.finitentk.internal.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.evaluation.PredictiveRegressionEvaluation.CalibrationPoint;
import org.finitentk.internal.scores.ReportMetric;

/**
 * Results as JSON. Numbers keep all their digits; NaN is null, infinities are the strings "Infinity" and "-Infinity".
 */
final class ResultsJson {
    private final StringBuilder json = new StringBuilder();

    private ResultsJson() {}

    static String of(ExperimentReport report) {
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("title", report.title());
        top.put("settings", report.settings());
        top.put("metrics", report.metrics().stream().map(ResultsJson::metric).toList());
        if (report.groups().get(0).isNamed()) {
            top.put(
                    "groups",
                    report.groups().stream().map(group -> group(group, report)).toList());
        }
        top.put(
                "methods",
                report.methods().stream()
                        .map(method -> method(method, report.metrics()))
                        .toList());
        ResultsJson writer = new ResultsJson();
        writer.value(top, 0);
        return writer.json.append('\n').toString();
    }

    private static Map<String, Object> metric(ReportMetric metric) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("key", metric.key());
        fields.put("name", metric.name());
        fields.put("goal", metric.goal().name().toLowerCase(Locale.ROOT));
        if (metric.goal() == ReportMetric.Goal.TARGET) {
            fields.put("target", metric.target());
        }
        fields.put("explanation", metric.explanation());
        return fields;
    }

    private static Map<String, Object> method(MethodResult method, List<ReportMetric> metrics) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", method.name());
        fields.put("description", method.description());
        fields.put("summary", summaries(method, metrics));
        fields.put(
                "calibration",
                method.calibration().stream().map(ResultsJson::calibration).toList());
        fields.put(
                "tasks",
                method.tasks().stream().map(task -> task(task, metrics)).toList());
        return fields;
    }

    private static Map<String, Object> summaries(MethodResult method, List<ReportMetric> metrics) {
        Map<String, Object> summaries = new LinkedHashMap<>();
        for (ReportMetric metric : metrics) {
            MethodResult.Summary summary = method.summary(metric);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("mean", summary.mean());
            fields.put("standard_error", summary.standardError());
            fields.put("median", summary.median());
            summaries.put(metric.key(), fields);
        }
        return summaries;
    }

    /** Each method's summaries over the group's tasks. */
    private static Map<String, Object> group(TaskGroup group, ExperimentReport report) {
        Map<String, Object> methods = new LinkedHashMap<>();
        group.of(report.methods()).forEach(method -> methods.put(method.name(), summaries(method, report.metrics())));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", group.name());
        fields.put("tasks", group.tasks());
        fields.put("summary", methods);
        return fields;
    }

    private static Map<String, Object> calibration(CalibrationPoint point) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("level", point.level());
        fields.put("coverage", point.coverage());
        fields.put("count", point.count());
        return fields;
    }

    private static Map<String, Object> task(TaskResult task, List<ReportMetric> metrics) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("task", task.task());
        metrics.forEach(metric -> fields.put(metric.key(), task.value(metric)));
        return fields;
    }

    private void value(Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            object(map, depth);
        } else if (value instanceof List<?> list) {
            array(list, depth);
        } else if (value instanceof Double number) {
            number(number);
        } else if (value instanceof Number number) {
            json.append(number);
        } else {
            string(value.toString());
        }
    }

    private void object(Map<?, ?> map, int depth) {
        String separator = "";
        json.append('{');
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.append(separator);
            newLine(depth + 1);
            string(String.valueOf(entry.getKey()));
            json.append(": ");
            value(entry.getValue(), depth + 1);
            separator = ",";
        }
        newLine(map.isEmpty() ? -1 : depth);
        json.append('}');
    }

    private void array(List<?> list, int depth) {
        String separator = "";
        json.append('[');
        for (Object element : list) {
            json.append(separator);
            newLine(depth + 1);
            value(element, depth + 1);
            separator = ",";
        }
        newLine(list.isEmpty() ? -1 : depth);
        json.append(']');
    }

    private void newLine(int depth) {
        if (depth >= 0) {
            json.append('\n').append("  ".repeat(depth));
        }
    }

    private void number(double number) {
        if (Double.isNaN(number)) {
            json.append("null");
        } else if (Double.isInfinite(number)) {
            string(Double.toString(number));
        } else {
            json.append(number);
        }
    }

    private void string(String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20 || Character.isSurrogate(c)) {
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
