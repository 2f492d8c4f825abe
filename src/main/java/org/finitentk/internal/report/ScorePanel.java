package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.scores.Numbers;
import org.finitentk.internal.scores.Range;
import org.finitentk.internal.scores.ReportMetric;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/**
 * One panel of a comparison.
 *
 * @param title what stands above it
 * @param places the names of all methods of the plot: a method has one place and colour in all panels, also where
 *     others have no scores
 * @param methods those of this panel
 * @param metric which scores
 */
record ScorePanel(String title, List<String> places, List<MethodResult> methods, ReportMetric metric) {
    static final int WIDTH = 300;
    static final int HEIGHT = 270;
    static final double RADIUS = 4;
    /** About what is left of the panel for the plot itself, when axes have their names and numbers. */
    private static final double PLOT_WIDTH = 225;

    private static final double PLOT_HEIGHT = 190;
    /** Of the height, between scores and edges. */
    private static final double AIR = 0.06;
    /** The golden ratio's fraction spreads points evenly, and the same way in every run. */
    private static final double SPREAD = 0.6180339887498949;

    static Marker marker(int method, Palette palette) {
        return PointMarker.method(method, RADIUS, palette);
    }

    boolean hasInfinite() {
        return methods.stream()
                .anyMatch(method -> Arrays.stream(method.scores(metric)).anyMatch(Double::isInfinite));
    }

    TitledChart chart(Palette palette) {
        ScoreAxis axis = axis();
        XYChart chart = Charts.empty(palette, WIDTH, HEIGHT, "method", metric.name() + axis.note());
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        Range x = new Range(0.4, places.size() + 0.6);
        Range y = Range.EMPTY;
        for (MethodResult method : methods) {
            y = y.include(axis.places(finite(method)));
        }
        if (metric.goal() == ReportMetric.Goal.TARGET) {
            y = y.include(new double[] {metric.target()});
            double[] target = {metric.target(), metric.target()};
            Charts.line(
                    chart,
                    "target",
                    new double[] {x.low(), x.high()},
                    target,
                    palette.data().truth(),
                    Palette.DASHES);
        }
        y = y.forAxis(hasInfinite() ? 2 * AIR : AIR);
        Charts.range(chart, x, y);
        setTicks(chart, axis, x, y);
        for (MethodResult method : methods) {
            add(chart, method, axis, palette);
            addInfinite(chart, method, y, palette);
        }
        return new TitledChart(title, chart);
    }

    private ScoreAxis axis() {
        return ScoreAxis.of(metric, methods.stream().map(this::finite).toList());
    }

    /** XChart takes a step of 1, 2 or 5 times a power of ten near what the hint, in pixels, asks for. */
    private void setTicks(XYChart chart, ScoreAxis axis, Range x, Range y) {
        chart.getStyler().setXAxisTickMarkSpacingHint((int) (PLOT_WIDTH / x.span()));
        if (metric.unit() == ReportMetric.Unit.FRACTION) {
            chart.setCustomYAxisTickLabelsFormatter(Numbers::percentTick);
        } else if (!axis.isLinear()) {
            chart.getStyler().setYAxisTickMarkSpacingHint((int) (PLOT_HEIGHT * axis.step(y) / y.span()));
            chart.setCustomYAxisTickLabelsFormatter(axis::tick);
        }
    }

    private void add(XYChart chart, MethodResult method, ScoreAxis axis, Palette palette) {
        double[] scores = finite(method);
        if (scores.length == 0) {
            return;
        }
        int index = places.indexOf(method.name());
        double[] x = new double[scores.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = index + 1 + 0.5 * ((i * SPREAD) % 1 - 0.5);
        }
        Charts.points(chart, method.name(), x, axis.places(scores), palette.method(index), marker(index, palette));
        double mean = method.summary(metric).mean();
        if (Double.isFinite(mean)) {
            double[] bar = {index + 0.65, index + 1.35};
            double[] height = axis.places(new double[] {mean, mean});
            Charts.line(
                    chart,
                    method.name() + " (mean)",
                    bar,
                    height,
                    palette.page().ink(),
                    Palette.LINE);
        }
    }

    /** An arrow at the edge, whatever the number of infinite scores. */
    private void addInfinite(XYChart chart, MethodResult method, Range y, Palette palette) {
        int index = places.indexOf(method.name());
        for (boolean above : new boolean[] {true, false}) {
            double infinity = above ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
            if (Arrays.stream(method.scores(metric)).anyMatch(score -> score == infinity)) {
                Charts.points(
                        chart,
                        method.name() + " (" + infinity + ")",
                        new double[] {index + 1},
                        new double[] {above ? y.high() : y.low()},
                        palette.method(index),
                        PointMarker.beyond(above, RADIUS, palette));
            }
        }
    }

    private double[] finite(MethodResult method) {
        return Arrays.stream(method.scores(metric)).filter(Double::isFinite).toArray();
    }

    /** The panel for those who do not see it. */
    String words() {
        List<String> said = new ArrayList<>();
        for (MethodResult method : methods) {
            double[] scores = finite(method);
            Range range = Range.EMPTY.include(scores);
            long infinite = Arrays.stream(method.scores(metric))
                    .filter(Double::isInfinite)
                    .count();
            said.add(method.name() + " "
                    + (range.isEmpty()
                            ? "has no score"
                            : metric.format(range.low()) + " to " + metric.format(range.high()) + ", mean "
                                    + metric.format(method.summary(metric).mean()))
                    + (infinite > 0 ? ", infinite for " + infinite : ""));
        }
        return title + ": " + String.join("; ", said) + ".";
    }
}
