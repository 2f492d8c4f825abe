package org.finitentk.internal.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Locale;
import org.finitentk.internal.scores.Numbers;
import org.finitentk.internal.scores.Range;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The look that all charts share, and the three things that they draw: bands, lines and points. */
final class Charts {
    private Charts() {}

    static XYChart empty(Palette palette, int width, int height, String xTitle, String yTitle) {
        XYChart chart = new XYChartBuilder()
                .width(width)
                .height(height)
                .xAxisTitle(xTitle)
                .yAxisTitle(yTitle)
                .theme(ChartTheme.XChart)
                .build();
        XYStyler style = chart.getStyler();
        style.setLegendVisible(false);
        Palette.Page page = palette.page();
        style.setChartBackgroundColor(page.paper());
        style.setPlotBackgroundColor(page.paper());
        style.setPlotBorderVisible(false);
        style.setChartPadding(6);
        style.setChartTitleVisible(false);
        style.setChartFontColor(page.ink());
        style.setLocale(Locale.ROOT);
        style.setAxisTitleFont(Palette.AXIS_TITLE);
        style.setXAxisTitleVisible(!xTitle.isEmpty());
        style.setYAxisTitleVisible(!yTitle.isEmpty());
        style.setAxisTickLabelsFont(Palette.TICKS);
        style.setAxisTickLabelsColor(page.muted());
        style.setAxisTickMarksColor(page.grid());
        style.setAxisTickPadding(4);
        style.setPlotGridLinesColor(page.grid());
        style.setPlotMargin(0);
        style.setPlotContentSize(1);
        style.setToolTipsEnabled(false);
        style.setXAxisTickMarkSpacingHint(60);
        style.setYAxisTickMarkSpacingHint(36);
        return chart;
    }

    /** Sets what the axes show, and has their ticks written as numbers. */
    static void range(XYChart chart, Range x, Range y) {
        XYStyler style = chart.getStyler();
        chart.setCustomXAxisTickLabelsFormatter(value -> Numbers.tick(value, x));
        chart.setCustomYAxisTickLabelsFormatter(value -> Numbers.tick(value, y));
        style.setXAxisMin(x.low());
        style.setXAxisMax(x.high());
        style.setYAxisMin(y.low());
        style.setYAxisMax(y.high());
    }

    /** The area between two curves over the same x. */
    static void band(XYChart chart, String name, double[] x, double[] low, double[] high, Color color) {
        int n = x.length;
        double[] aroundX = new double[2 * n];
        double[] aroundY = new double[2 * n];
        for (int i = 0; i < n; i++) {
            aroundX[i] = x[i];
            aroundY[i] = high[i];
            aroundX[2 * n - 1 - i] = x[i];
            aroundY[2 * n - 1 - i] = low[i];
        }
        XYSeries series = chart.addSeries(name, aroundX, aroundY);
        series.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
        series.setFillColor(color);
        series.setLineStyle(SeriesLines.NONE);
        series.setLineColor(Palette.CLEAR);
        series.setMarker(SeriesMarkers.NONE);
    }

    static void line(XYChart chart, String name, double[] x, double[] y, Color color, BasicStroke stroke) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
        series.setLineColor(color);
        series.setLineStyle(stroke);
        series.setMarker(SeriesMarkers.NONE);
    }

    static void points(XYChart chart, String name, double[] x, double[] y, Color color, Marker marker) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        series.setMarker(marker);
        series.setMarkerColor(color);
    }
}
