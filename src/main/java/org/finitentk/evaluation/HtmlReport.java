package org.finitentk.evaluation;

import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report as one HTML page: nothing is loaded from elsewhere, nothing is run, and all text is escaped. */
final class HtmlReport {
    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1f2328; --muted: #59636e; --paper: #ffffff; --line: #d1d9e0;
              --shade: #f6f8fa; --good: #0b6e4f; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --muted: #9198a1; --paper: #0d1117;
              --line: #3d444d; --shade: #161b22; --good: #56d4a0; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--paper); color: var(--ink);
              font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
            main { max-width: 74rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
            h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0 1rem; }
            h2 { font-size: 1.3rem; margin: 2.4rem 0 .7rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
            h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
            p { max-width: 48rem; margin: .5rem 0; }
            .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
            th, td { padding: .45rem .8rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
            tr:last-child > * { border-bottom: 0; }
            th:first-child, td:first-child { text-align: left; }
            thead th { background: var(--shade); font-weight: 600; }
            tbody th { font-weight: 600; }
            .scroll th:first-child { position: sticky; left: 0; background: var(--shade); }
            td small { display: block; color: var(--muted); font-size: .78rem; line-height: 1.35; }
            .best { color: var(--good); font-weight: 700; }
            .none { color: var(--muted); }
            .dot { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .5em; }
            .pairs td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
            .pairs th { text-align: left; white-space: normal; font-weight: 600; width: 14rem; vertical-align: top; }
            dl { max-width: 60rem; margin: .8rem 0; font-size: .92rem; }
            dt { font-weight: 600; }
            dd { margin: 0 0 .45rem; color: var(--muted); }
            figure { margin: 1rem 0 2rem; }
            figcaption { color: var(--muted); font-size: .92rem; margin-top: .5rem; max-width: 60rem; }
            .picture { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: #ffffff; }
            .picture img { display: block; width: 100%; height: auto; margin: 0 auto; }
            details { margin: .6rem 0; }
            summary { cursor: pointer; font-weight: 600; padding: .35rem 0; }
            pre { overflow: auto; max-height: 40rem; padding: .8rem; margin: .4rem 0; border: 1px solid var(--line);
              border-radius: 8px; background: var(--shade); font: .82rem/1.45 ui-monospace, Menlo, Consolas, monospace; }
            @media print { .picture, .scroll, pre { overflow: visible; max-height: none; } }
            """;

    private final ExperimentReport report;
    private final StringBuilder html = new StringBuilder();

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
        page.line("</main></body></html>");
        return page.html.toString();
    }

    private void head() {
        line("<!DOCTYPE html>");
        line("<html lang=\"en\"><head><meta charset=\"utf-8\">");
        line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        // The page is data from an experiment: even if something slipped through, it could neither run nor load
        // anything.
        line("<meta http-equiv=\"Content-Security-Policy\""
                + " content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">");
        line("<title>%s</title>", report.title());
        html.append("<style>\n").append(STYLE).append("</style></head><body><main>\n");
        line("<h1>%s</h1>", report.title());
        for (String paragraph : report.introduction().strip().split("\\R\\s*\\R", -1)) {
            if (!paragraph.isEmpty()) {
                line("<p>%s</p>", paragraph);
            }
        }
    }

    private void summary() {
        line("<h2>Summary</h2>");
        for (TaskGroup group : report.groups()) {
            if (group.isNamed()) {
                line("<h3>%s</h3>", group.name());
            }
            summary(group.of(report.methods()));
        }
        boolean severalTasks =
                report.methods().stream().anyMatch(method -> method.tasks().size() > 1);
        line(
                "<p>%s</p>",
                (severalTasks ? "Means over the tasks, below them their standard errors and the medians. " : "")
                        + (report.methods().size() > 1 ? "Green is the best mean of a column. " : "")
                        + "A dash is a figure that could not be computed, such as a density without a "
                        + "predictive variance.");
        line("<dl>");
        report.metrics().forEach(metric -> line("<dt>%s</dt><dd>%s</dd>", metric.name(), metric.explanation()));
        line("</dl>");
    }

    private void summary(List<MethodResult> methods) {
        line("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Method</th>");
        report.metrics()
                .forEach(metric -> line("<th scope=\"col\" title=\"%s\">%s</th>", metric.explanation(), metric.name()));
        line("</tr></thead><tbody>");
        for (int i = 0; i < methods.size(); i++) {
            MethodResult method = methods.get(i);
            line("<tr><th scope=\"row\">" + dot(i) + "%s</th>", method.name());
            for (ReportMetric metric : report.metrics()) {
                summaryCell(metric, method, ExperimentReport.best(methods, metric) == i);
            }
            line("</tr>");
        }
        line("</tbody></table></div>");
    }

    private void summaryCell(ReportMetric metric, MethodResult method, boolean best) {
        MethodResult.Summary summary = method.summary(metric);
        if (Double.isNaN(summary.mean())) {
            line("<td class=\"none\" title=\"not available\">–</td>");
            return;
        }
        line("<td><span class=\"%s\">%s</span>", best ? "best" : "other", number(metric, summary.mean()));
        if (Double.isFinite(summary.standardError())) {
            line("<small>± %s</small>", ExperimentReport.error(metric, summary));
        }
        if (summary.count() > 1) {
            line("<small>median %s</small>", number(metric, summary.median()));
        }
        line("</td>");
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
            byte @Nullable [] png = picture.png();
            line("<h3>%s</h3>", figure.heading());
            line("<figure>");
            if (png == null) {
                line("<p class=\"none\">This picture is missing. %s</p>", picture.reason());
            } else {
                // On a phone a wide picture is scrolled sideways: shrunk to the screen, its text could not be read.
                int width = figure.plot().width();
                html.append(String.format(
                        Locale.ROOT,
                        "<div class=\"picture\"><img style=\"max-width:%dpx;min-width:%dpx\" alt=\"%s\" "
                                + "src=\"data:image/png;base64,",
                        width,
                        Math.min(width, Math.max(320, width * 3 / 5)),
                        escape(figure.heading() + ". " + figure.caption())));
                html.append(Base64.getEncoder().encodeToString(png)).append("\"></div>\n");
            }
            line("<figcaption>%s</figcaption></figure>", figure.caption());
        }
    }

    private void tasks() {
        line("<h2>Tasks</h2>");
        for (MethodResult method : report.methods()) {
            line(
                    "<details><summary>%s: %s</summary>",
                    method.name(),
                    method.tasks().size() == 1 ? "1 task" : method.tasks().size() + " tasks");
            line("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Task</th>");
            report.metrics().forEach(metric -> line("<th scope=\"col\">%s</th>", metric.name()));
            line("</tr></thead><tbody>");
            for (TaskResult task : method.tasks()) {
                line("<tr><th scope=\"row\">%s</th>", task.task());
                report.metrics().forEach(metric -> line("<td>%s</td>", number(metric, task.value(metric))));
                line("</tr>");
            }
            line("</tbody></table></div></details>");
        }
    }

    private void settings() {
        if (!report.settings().isEmpty()) {
            line("<h2>Settings</h2><div class=\"scroll\"><table class=\"pairs\"><tbody>");
            for (Map.Entry<String, String> setting : report.settings().entrySet()) {
                line("<tr><th scope=\"row\">%s</th><td>%s</td></tr>", setting.getKey(), setting.getValue());
            }
            line("</tbody></table></div>");
        }
    }

    private void sections() {
        for (Map.Entry<String, String> section : report.sections().entrySet()) {
            line(
                    "<h2>%s</h2><details><summary>Show</summary><pre>%s</pre></details>",
                    section.getKey(), section.getValue());
        }
    }

    private static String number(ReportMetric metric, double value) {
        return metric.format(value)
                .replace("-inf", "−∞")
                .replace("inf", "∞")
                .replaceFirst("^-$", "–")
                .replaceFirst("^-", "−");
    }

    private static String dot(int method) {
        return String.format(
                Locale.ROOT,
                "<span class=\"dot\" style=\"background:#%06x\"></span>",
                Palette.series(method).getRGB() & 0xffffff);
    }

    /** Appends a line; every value put into the format is escaped, the format itself is not. */
    private void line(String format, Object... values) {
        Object[] escaped = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            escaped[i] = escape(values[i].toString());
        }
        html.append(values.length == 0 ? format : String.format(Locale.ROOT, format, escaped))
                .append('\n');
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\0' -> escaped.append('\uFFFD');
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
