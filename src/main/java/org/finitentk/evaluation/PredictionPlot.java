package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/** One-dimensional regression tasks side by side: training and test points, predicted mean and central interval. */
final class PredictionPlot extends Plot {
    private static final int PANEL_WIDTH = 290;
    private static final int PANEL_HEIGHT = 215;
    private static final Marker TRAINING_POINT = PointMarker.disc(4.2);
    private static final Marker TEST_POINT = PointMarker.diamond(4.2);

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
    List<TitledChart> charts() {
        return panels.stream()
                .map(panel -> new TitledChart(panel.title(), chart(panel)))
                .toList();
    }

    @Override
    List<LegendEntry> legend() {
        List<LegendEntry> entries = new ArrayList<>();
        if (panels.stream().anyMatch(panel -> !panel.training().isEmpty())) {
            entries.add(LegendEntry.point("training points", Palette.TRAINING, TRAINING_POINT));
        }
        if (panels.stream().anyMatch(panel -> !panel.test().isEmpty())) {
            entries.add(LegendEntry.point("test points", Palette.TEST, TEST_POINT));
        }
        if (panels.stream().anyMatch(panel -> !panel.truth().isEmpty())) {
            entries.add(LegendEntry.line("true function", Palette.TRUTH, Palette.THIN));
        }
        if (panels.stream().anyMatch(panel -> !panel.prediction().isEmpty())) {
            entries.add(LegendEntry.line("predicted mean", Palette.MEAN, Palette.LINE));
        }
        if (panels.stream().anyMatch(panel -> panel.prediction().hasDeviations())) {
            entries.add(LegendEntry.band(ReportMetric.percent(level) + " interval", Palette.BAND));
        }
        return entries;
    }

    private XYChart chart(RegressionPanel panel) {
        XYChart chart = Charts.empty(PANEL_WIDTH, PANEL_HEIGHT, "", "");
        Range y = panel.yRange(deviations);
        Charts.range(chart, panel.xRange().forAxis(0.02), y);
        // In this order: whatever comes later is drawn over what came before, and points must not be hidden.
        addBand(chart, panel.prediction(), y);
        if (!panel.truth().isEmpty()) {
            Charts.line(chart, "true function", panel.truth().x(), panel.truth().y(), Palette.TRUTH, Palette.THIN);
        }
        if (!panel.prediction().isEmpty()) {
            Charts.line(
                    chart, "mean", panel.prediction().x(), panel.prediction().y(), Palette.MEAN, Palette.LINE);
        }
        if (!panel.test().isEmpty()) {
            Charts.points(chart, "test", panel.test().x(), panel.test().y(), Palette.TEST, TEST_POINT);
        }
        if (!panel.training().isEmpty()) {
            Charts.points(
                    chart, "training", panel.training().x(), panel.training().y(), Palette.TRAINING, TRAINING_POINT);
        }
        return chart;
    }

    /** One polygon for each stretch without gaps; XChart would close a polygon with gaps across them. */
    private void addBand(XYChart chart, Curve prediction, Range visible) {
        Range limits = visible.widened(visible.span());
        double[] low = clamp(prediction.shifted(-deviations), limits);
        double[] high = clamp(prediction.shifted(deviations), limits);
        int from = 0;
        for (int i = 0; i <= low.length; i++) {
            if (i == low.length || Double.isNaN(low[i])) {
                if (i - from > 1) {
                    Charts.band(
                            chart,
                            "band from " + from,
                            Arrays.copyOfRange(prediction.x(), from, i),
                            Arrays.copyOfRange(low, from, i),
                            Arrays.copyOfRange(high, from, i),
                            Palette.BAND);
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
