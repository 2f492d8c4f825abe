package org.finitentk.internal.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.internal.scores.Numbers;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.internal.util.Hashes;

/**
 * A report as one HTML page: nothing is loaded from elsewhere, all text is escaped, and nothing runs but the script
 * that sorts tables, which the page names by its hash.
 */
final class HtmlReport {
    private static final String STYLE = resource("report.css");
    private static final String SCRIPT = resource("report.js");
    private static final String SCRIPT_HASH = Base64.getEncoder()
            .encodeToString(HexFormat.of().parseHex(Hashes.sha256(SCRIPT.getBytes(StandardCharsets.UTF_8))));

    private final ExperimentReport report;
    private final StringBuilder html = new StringBuilder();
    private int captions;

    private HtmlReport(ExperimentReport report) {
        this.report = report;
    }

    static String of(ExperimentReport report, List<DrawnFigure> pictures) {
        HtmlReport page = new HtmlReport(report);
        page.head();
        page.summary();
        page.methods();
        page.pictures(pictures);
        page.tasks();
        page.settings();
        page.sections();
        page.foot();
        return page.html.toString();
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("this library's jar lacks the file " + name + " beside "
                        + HtmlReport.class.getName() + "; expected the jar as it was built");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head() {
        line("<!DOCTYPE html>");
        line("<html lang=\"en\"><head><meta charset=\"utf-8\">");
        line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        // The page is data from an experiment: even if something slipped through, it could neither run nor load
        // anything.
        line("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:;"
                + " style-src 'unsafe-inline'; script-src 'sha256-" + SCRIPT_HASH + "'\">");
        line("<title>%s</title>", report.title());
        html.append("<style>\n").append(STYLE).append("</style></head><body><main>\n");
        line("<h1>%s</h1>", report.title());
        for (String paragraph : report.introduction().strip().split("\\R\\s*\\R", -1)) {
            if (!paragraph.isEmpty()) {
                line("<p>%s</p>", paragraph);
            }
        }
    }

    private void foot() {
        line("<p id=\"said\" class=\"unseen\" role=\"status\"></p>");
        html.append("</main><script>").append(SCRIPT).append("</script></body></html>\n");
    }

    private void summary() {
        line("<h2>Summary</h2>");
        for (TaskGroup group : report.groups()) {
            if (group.isNamed()) {
                line("<h3>%s</h3>", group.name());
            }
            summary(group);
        }
        line(
                "<p>%s</p>",
                (report.methods().size() > 1 ? "Bold and green is the best mean of a column. " : "")
                        + "A dash is a figure that could not be computed, such as a density without a "
                        + "predictive variance.");
        line("<dl>");
        report.metrics().forEach(metric -> line("<dt>%s</dt><dd>%s</dd>", metric.name(), metric.explanation()));
        line("</dl>");
    }

    private void summary(TaskGroup group) {
        List<MethodResult> methods = group.of(report.methods());
        int most =
                methods.stream().mapToInt(method -> method.tasks().size()).max().orElse(0);
        String what = most > 1
                ? "Means over " + most + " tasks, below them their standard errors and the medians"
                : "Scores of the methods";
        openTable(group.isNamed() ? group.name() + ". " + what : what, "Method", methods.size() > 1);
        for (int i = 0; i < methods.size(); i++) {
            MethodResult method = methods.get(i);
            line("<tr><th scope=\"row\">" + dot(i) + "%s</th>", method.name());
            for (ReportMetric metric : report.metrics()) {
                summaryCell(metric, method, ExperimentReport.best(methods, metric) == i);
            }
            line("</tr>");
        }
        closeTable();
    }

    /** A table of the metrics, in a box that scrolls sideways and can be reached by the keyboard for it. */
    private void openTable(String caption, String first, boolean sorts) {
        openBox(sorts ? "sorts" : "short", caption);
        line("<thead><tr><th scope=\"col\">%s</th>", first);
        report.metrics()
                .forEach(metric -> line("<th scope=\"col\" title=\"%s\">%s</th>", metric.explanation(), metric.name()));
        line("</tr></thead><tbody>");
    }

    private void openBox(String classes, String caption) {
        String id = "t" + captions++;
        line("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"" + id + "\"><table class=\""
                + classes + "\">");
        line("<caption id=\"" + id + "\"><span>%s</span></caption>", caption);
    }

    private void closeTable() {
        line("</tbody></table></div>");
    }

    private void summaryCell(ReportMetric metric, MethodResult method, boolean best) {
        MethodResult.Summary summary = method.summary(metric);
        if (Double.isNaN(summary.mean())) {
            missing();
            return;
        }
        Numbers.Measured mean = metric.format(summary.mean(), summary.standardError());
        line(
                "<td data-value=\"%s\"><span class=\"%s\">%s</span>",
                summary.mean(), best ? "best" : "other", typed(mean.value() + mean.unit()));
        if (best) {
            line("<span class=\"unseen\">(best)</span>");
        }
        if (!mean.error().isEmpty()) {
            line("<small>± %s</small>", mean.error());
        }
        if (summary.count() > 1) {
            line("<small>median %s</small>", typed(metric.format(summary.median())));
        }
        line("</td>");
    }

    private void missing() {
        line("<td class=\"none\" data-value=\"\" title=\"not available\">–</td>");
    }

    private void methods() {
        if (report.methods().stream().anyMatch(method -> !method.description().isBlank())) {
            line("<h2>Methods</h2><dl>");
            for (int i = 0; i < report.methods().size(); i++) {
                MethodResult method = report.methods().get(i);
                line("<dt>" + dot(i) + "%s</dt><dd>%s</dd>", method.name(), method.description());
            }
            line("</dl>");
        }
    }

    private void pictures(List<DrawnFigure> pictures) {
        if (pictures.isEmpty()) {
            return;
        }
        line("<h2>Pictures</h2>");
        for (DrawnFigure picture : pictures) {
            ReportFigure figure = picture.figure();
            line("<h3>%s</h3>", figure.heading());
            line("<figure>");
            if (picture.pngs().isEmpty()) {
                line("<p class=\"none\">This picture is missing. %s</p>", picture.reason());
            } else {
                picture(figure, picture.pngs());
            }
            line("<figcaption>%s</figcaption></figure>", figure.caption());
        }
    }

    /** On a phone a wide picture is scrolled sideways: shrunk to the screen, its text could not be read. */
    private void picture(ReportFigure figure, Map<ColorScheme, byte[]> pngs) {
        int width = figure.plot().width();
        line(
                "<div class=\"picture\" role=\"group\" tabindex=\"0\" aria-label=\"%s\"><picture>",
                "Picture: " + figure.heading());
        html.append("<source media=\"(prefers-color-scheme: dark)\" srcset=\"")
                .append(data(pngs, ColorScheme.DARK))
                .append("\">\n");
        line(
                "<img style=\"max-width:" + width + "px;min-width:" + Math.min(width, Math.max(320, width * 3 / 5))
                        + "px\" alt=\"%s\" src=\"" + data(pngs, ColorScheme.LIGHT) + "\"></picture></div>",
                figure.plot().description());
    }

    private static String data(Map<ColorScheme, byte[]> pngs, ColorScheme scheme) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(pngs.get(scheme));
    }

    private void tasks() {
        line("<h2>Tasks</h2>");
        for (MethodResult method : report.methods()) {
            String count =
                    method.tasks().size() == 1 ? "1 task" : method.tasks().size() + " tasks";
            line("<details><summary>%s: %s</summary>", method.name(), count);
            openTable(method.name() + ", every task", "Task", method.tasks().size() > 1);
            for (TaskResult task : method.tasks()) {
                line("<tr><th scope=\"row\">%s</th>", task.task());
                report.metrics().forEach(metric -> taskCell(metric, task.value(metric)));
                line("</tr>");
            }
            closeTable();
            line("</details>");
        }
    }

    private void taskCell(ReportMetric metric, double value) {
        if (Double.isNaN(value)) {
            missing();
        } else {
            line("<td data-value=\"%s\">%s</td>", value, typed(metric.format(value)));
        }
    }

    private void settings() {
        if (!report.settings().isEmpty()) {
            line("<h2>Settings</h2>");
            openBox("pairs", "What was set for this run");
            line("<tbody>");
            for (Map.Entry<String, String> setting : report.settings().entrySet()) {
                line("<tr><th scope=\"row\">%s</th><td>%s</td></tr>", setting.getKey(), setting.getValue());
            }
            closeTable();
        }
    }

    private void sections() {
        for (Map.Entry<String, String> section : report.sections().entrySet()) {
            line(
                    "<h2>%s</h2><details><summary>Show</summary><pre tabindex=\"0\">%s</pre></details>",
                    section.getKey(), section.getValue());
        }
    }

    /** The signs that a terminal lacks. */
    private static String typed(String number) {
        return number.replace("-inf", "−∞").replace("inf", "∞").replaceFirst("^-", "−");
    }

    private static String dot(int method) {
        return "<span class=\"dot m" + method % Palette.LIGHT.methods().size() + "\" aria-hidden=\"true\"></span>";
    }

    /** Appends a line; every value put into the format is escaped, the format itself is not. */
    private void line(String format, Object... values) {
        Object[] escaped = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            escaped[i] = HtmlText.escaped(values[i].toString());
        }
        html.append(values.length == 0 ? format : String.format(Locale.ROOT, format, escaped))
                .append('\n');
    }
}
