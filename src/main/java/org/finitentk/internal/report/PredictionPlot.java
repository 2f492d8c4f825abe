package org.finitentk.internal.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.internal.scores.GaussianScores;
import org.finitentk.internal.scores.Levels;
import org.finitentk.internal.scores.Range;
import org.knowm.xchart.XYChart;

/** One-dimensional regression tasks side by side: training and test points, predicted mean and central interval. */
final class PredictionPlot extends Plot {
    private static final int PANEL_WIDTH = 290;
    private static final int PANEL_HEIGHT = 228;
    /** So many tasks are named in words. */
    private static final int SPOKEN = 8;

    private static final double RADIUS = 4.2;

    private final List<RegressionPanel> panels;
    private final double level;
    private final double deviations;

    private PredictionPlot(String title, List<RegressionPanel> panels, int columns, double level) {
        super(title, panels.size(), columns, PANEL_WIDTH, PANEL_HEIGHT);
        this.panels = panels;
        this.level = level;
        this.deviations = GaussianScores.intervalHalfWidth(level);
    }

    static PredictionPlot of(String title, List<RegressionPanel> panels) {
        return of(title, panels, 4, PredictiveRegressionEvaluator.DEFAULT_LEVEL);
    }

    static PredictionPlot of(String title, List<RegressionPanel> panels, int columns, double level) {
        return new PredictionPlot(title, List.copyOf(panels), columns, level);
    }

    @Override
    List<TitledChart> charts(Palette palette) {
        return panels.stream()
                .map(panel -> new TitledChart(panel.title(), chart(panel, palette)))
                .toList();
    }

    @Override
    List<LegendEntry> legend(Palette palette) {
        Palette.Data data = palette.data();
        List<LegendEntry> entries = new ArrayList<>();
        if (panels.stream().anyMatch(panel -> !panel.training().isEmpty())) {
            entries.add(LegendEntry.point("training points", data.training(), PointMarker.disc(RADIUS, palette)));
        }
        if (panels.stream().anyMatch(panel -> !panel.test().isEmpty())) {
            entries.add(LegendEntry.point("test points", data.test(), PointMarker.diamond(RADIUS, palette)));
        }
        if (panels.stream().anyMatch(panel -> !panel.truth().isEmpty())) {
            entries.add(LegendEntry.line("true function", data.truth(), Palette.THIN));
        }
        if (panels.stream().anyMatch(panel -> !panel.prediction().isEmpty())) {
            entries.add(LegendEntry.line("predicted mean", data.mean(), Palette.LINE));
        }
        if (panels.stream().anyMatch(panel -> panel.prediction().hasDeviations())) {
            entries.add(LegendEntry.band(Levels.percent(level) + " interval", data.band()));
        }
        return entries;
    }

    @Override
    String words() {
        long training =
                panels.stream().mapToLong(panel -> panel.training().y().length).sum();
        long test = panels.stream().mapToLong(panel -> panel.test().y().length).sum();
        String named = panels.stream().limit(SPOKEN).map(RegressionPanel::title).collect(Collectors.joining(", "));
        return panels.size() + (panels.size() == 1 ? " panel with " : " panels with ")
                + legend(Palette.LIGHT).stream().map(LegendEntry::label).collect(Collectors.joining(", "))
                + "; " + training + " training and " + test + " test points in all. "
                + named + (panels.size() > SPOKEN ? " and " + (panels.size() - SPOKEN) + " more." : ".");
    }

    private XYChart chart(RegressionPanel panel, Palette palette) {
        Palette.Data data = palette.data();
        XYChart chart = Charts.empty(palette, PANEL_WIDTH, PANEL_HEIGHT, panel.xAxis(), panel.yAxis());
        Range y = panel.yRange(deviations);
        Charts.range(chart, panel.xRange().forAxis(0.02), y);
        // In this order: whatever comes later is drawn over what came before, and points must not be hidden.
        addBand(chart, panel.prediction(), y, data);
        if (!panel.truth().isEmpty()) {
            Charts.line(chart, "true function", panel.truth().x(), panel.truth().y(), data.truth(), Palette.THIN);
        }
        if (!panel.prediction().isEmpty()) {
            Charts.line(
                    chart, "mean", panel.prediction().x(), panel.prediction().y(), data.mean(), Palette.LINE);
        }
        if (!panel.test().isEmpty()) {
            Charts.points(
                    chart,
                    "test",
                    panel.test().x(),
                    panel.test().y(),
                    data.test(),
                    PointMarker.diamond(RADIUS, palette));
        }
        if (!panel.training().isEmpty()) {
            Charts.points(
                    chart,
                    "training",
                    panel.training().x(),
                    panel.training().y(),
                    data.training(),
                    PointMarker.disc(RADIUS, palette));
        }
        return chart;
    }

    /** One polygon for each stretch without gaps; XChart would close a polygon with gaps across them. */
    private void addBand(XYChart chart, Curve prediction, Range visible, Palette.Data data) {
        Range limits = visible.widened(visible.span());
        double[] low = clamp(prediction.shifted(-deviations), limits);
        double[] high = clamp(prediction.shifted(deviations), limits);
        int from = 0;
        for (int i = 0; i <= low.length; i++) {
            if (i == low.length || Double.isNaN(low[i])) {
                if (i - from > 1) {
                    double[] x = Arrays.copyOfRange(prediction.x(), from, i);
                    double[] below = Arrays.copyOfRange(low, from, i);
                    double[] above = Arrays.copyOfRange(high, from, i);
                    Charts.band(chart, "band from " + from, x, below, above, data.band());
                    // Where the band is thin or pale, its edges are what can be seen.
                    Charts.line(chart, "lower edge from " + from, x, below, data.mean(), Palette.HAIR);
                    Charts.line(chart, "upper edge from " + from, x, above, data.mean(), Palette.HAIR);
                }
                from = i + 1;
            }
        }
    }

    /** An infinite or huge deviation must not reach the drawing code, which computes pixels from it. */
    private static double[] clamp(double[] values, Range limits) {
        return Arrays.stream(values)
                .map(value -> Math.max(limits.low(), Math.min(limits.high(), value)))
                .toArray();
    }
}
