package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/**
 * Every task's score as a point, methods side by side, one panel for each metric or group of tasks; a bar marks a
 * method's mean.
 */
final class ComparisonPlot extends Plot {
    private static final int PANEL_WIDTH = 290;
    private static final int PANEL_HEIGHT = 250;
    private static final Marker POINT = PointMarker.disc(4);
    /** From this ratio of the largest to the smallest positive value on, an axis is logarithmic. */
    private static final double LOGARITHMIC_FROM = 30;

    private static final int LONG_TITLE = 20;

    /**
     * One panel.
     *
     * @param title what stands above it
     * @param methods whose scores it shows: all, or those that have any
     * @param metric which scores
     */
    private record Panel(String title, List<MethodResult> methods, ReportMetric metric) {}

    private final List<MethodResult> methods;
    private final List<Panel> panels;

    private ComparisonPlot(String title, List<MethodResult> methods, List<Panel> panels) {
        super(title, panels.size(), 3, PANEL_WIDTH, PANEL_HEIGHT);
        this.methods = methods;
        this.panels = panels;
    }

    static ComparisonPlot of(String title, List<MethodResult> methods, List<ReportMetric> metrics) {
        return new ComparisonPlot(
                title,
                List.copyOf(methods),
                metrics.stream()
                        .map(metric -> new Panel(metric.name(), methods, metric))
                        .toList());
    }

    /** A plot of one metric with a panel for each group of tasks. */
    static ComparisonPlot ofGroups(
            String title, List<TaskGroup> groups, List<MethodResult> methods, ReportMetric metric) {
        return new ComparisonPlot(
                title,
                methods,
                groups.stream()
                        .map(group -> new Panel(group.name(), group.of(methods), metric))
                        .toList());
    }

    @Override
    List<TitledChart> charts() {
        return panels.stream().map(this::chart).toList();
    }

    @Override
    List<LegendEntry> legend() {
        List<LegendEntry> entries = new ArrayList<>();
        for (int i = 0; i < methods.size(); i++) {
            entries.add(LegendEntry.point(methods.get(i).name(), Palette.series(i), POINT));
        }
        entries.add(LegendEntry.line("mean over tasks", Palette.INK, Palette.LINE));
        if (panels.stream().anyMatch(panel -> panel.metric().goal() == ReportMetric.Goal.TARGET)) {
            entries.add(LegendEntry.line("target", Palette.TRUTH, Palette.DASHES));
        }
        return entries;
    }

    private TitledChart chart(Panel panel) {
        ReportMetric metric = panel.metric();
        Range all = Range.EMPTY;
        for (MethodResult method : panel.methods()) {
            all = all.include(finite(method, metric));
        }
        boolean logarithmic = all.low() > 0 && all.high() / all.low() >= LOGARITHMIC_FROM;
        XYChart chart = Charts.empty(PANEL_WIDTH, PANEL_HEIGHT, "", "");
        chart.getStyler().setXAxisTicksVisible(false);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setYAxisLogarithmic(logarithmic);
        if (!logarithmic) {
            // With a formatter of our own, XChart would place linear ticks on a logarithmic axis.
            chart.setCustomYAxisTickLabelsFormatter(value -> tick(metric, value));
        }
        Range x = new Range(0.4, methods.size() + 0.6);
        if (metric.goal() == ReportMetric.Goal.TARGET) {
            all = all.include(new double[] {metric.target()});
            double[] target = {metric.target(), metric.target()};
            Charts.line(chart, "target", new double[] {x.low(), x.high()}, target, Palette.TRUTH, Palette.DASHES);
        }
        Charts.range(chart, x, logarithmic ? new Range(all.low() / 1.3, all.high() * 1.3) : all.forAxis(0.06));
        for (MethodResult method : panel.methods()) {
            addMethod(chart, method, metric, index(method));
        }
        return new TitledChart(panel.title() + (logarithmic ? logarithmic(panel.title()) : ""), chart);
    }

    /** A method's place and colour are the same in all panels, also where others have no scores. */
    private int index(MethodResult method) {
        return methods.stream().map(MethodResult::name).toList().indexOf(method.name());
    }

    /** Shorter after a long title, which would be cut off otherwise. */
    private static String logarithmic(String title) {
        return title.length() > LONG_TITLE ? " (log)" : " (logarithmic)";
    }

    private static void addMethod(XYChart chart, MethodResult method, ReportMetric metric, int index) {
        double[] y = finite(method, metric);
        if (y.length == 0) {
            return;
        }
        double[] x = new double[y.length];
        for (int i = 0; i < x.length; i++) {
            // The golden ratio spreads points evenly and the same way in every run.
            x[i] = index + 1 + 0.5 * ((i * 0.6180339887498949) % 1 - 0.5);
        }
        Charts.points(chart, method.name(), x, y, Palette.series(index), POINT);
        double mean = method.summary(metric).mean();
        if (Double.isFinite(mean)) {
            double[] bar = {index + 0.65, index + 1.35};
            Charts.line(chart, method.name() + " (mean)", bar, new double[] {mean, mean}, Palette.INK, Palette.LINE);
        }
    }

    private static double[] finite(MethodResult method, ReportMetric metric) {
        return method.tasks().stream()
                .mapToDouble(task -> task.value(metric))
                .filter(Double::isFinite)
                .toArray();
    }

    private static String tick(ReportMetric metric, double value) {
        return metric.unit() == ReportMetric.Unit.FRACTION ? Numbers.tick(100 * value) + " %" : Numbers.tick(value);
    }
}
