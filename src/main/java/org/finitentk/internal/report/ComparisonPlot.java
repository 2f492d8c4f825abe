package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.finitentk.internal.scores.ReportMetric;

/**
 * Every task's score as a point, methods side by side, one panel for each metric or group of tasks; a bar marks a
 * method's mean, an arrow at the edge an infinite score.
 */
final class ComparisonPlot extends Plot {
    private final List<MethodResult> methods;
    private final List<ScorePanel> panels;

    private ComparisonPlot(String title, List<MethodResult> methods, List<ScorePanel> panels) {
        super(title, panels.size(), 3, ScorePanel.WIDTH, ScorePanel.HEIGHT);
        this.methods = methods;
        this.panels = panels;
    }

    static ComparisonPlot of(String title, List<MethodResult> methods, List<ReportMetric> metrics) {
        List<String> names = names(methods);
        return new ComparisonPlot(
                title,
                List.copyOf(methods),
                metrics.stream()
                        .map(metric -> new ScorePanel(metric.name(), names, methods, metric))
                        .toList());
    }

    /** A plot of one metric with a panel for each group of tasks. */
    static ComparisonPlot ofGroups(
            String title, List<TaskGroup> groups, List<MethodResult> methods, ReportMetric metric) {
        List<String> names = names(methods);
        return new ComparisonPlot(
                title,
                methods,
                groups.stream()
                        .map(group -> new ScorePanel(group.name(), names, group.of(methods), metric))
                        .toList());
    }

    private static List<String> names(List<MethodResult> methods) {
        return methods.stream().map(MethodResult::name).toList();
    }

    @Override
    List<TitledChart> charts(Palette palette) {
        return panels.stream().map(panel -> panel.chart(palette)).toList();
    }

    @Override
    List<LegendEntry> legend(Palette palette) {
        List<LegendEntry> entries = new ArrayList<>();
        for (int i = 0; i < methods.size(); i++) {
            // The number is the method's place along the axis.
            entries.add(LegendEntry.point(
                    (i + 1) + " " + methods.get(i).name(), palette.method(i), ScorePanel.marker(i, palette)));
        }
        entries.add(LegendEntry.line("mean over tasks", palette.page().ink(), Palette.LINE));
        if (panels.stream().anyMatch(panel -> panel.metric().goal() == ReportMetric.Goal.TARGET)) {
            entries.add(LegendEntry.line("target", palette.data().truth(), Palette.DASHES));
        }
        if (panels.stream().anyMatch(ScorePanel::hasInfinite)) {
            entries.add(LegendEntry.point(
                    "infinite", palette.page().ink(), PointMarker.beyond(true, ScorePanel.RADIUS, palette)));
        }
        return entries;
    }

    @Override
    String words() {
        return panels.stream().map(ScorePanel::words).collect(Collectors.joining(" "));
    }
}
