package org.finitentk.benchmark;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.finitentk.internal.util.AtomicFile;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves over two logarithmic axes, as SVG and PNG. */
final class LogLogPicture {
    /** Okabe and Ito's colours, which colour-blind readers tell apart. */
    private static final List<Color> COLORS =
            List.of(new Color(0x0072b2), new Color(0xd55e00), new Color(0x009e73), new Color(0xcc79a7));

    private static final List<Marker> MARKERS =
            List.of(SeriesMarkers.CIRCLE, SeriesMarkers.SQUARE, SeriesMarkers.DIAMOND, SeriesMarkers.TRIANGLE_UP);
    private static final Color GRID = new Color(0xe4e7eb);
    private static final int DOTS_PER_INCH = 144;

    private final XYChart chart;
    private double low = Double.POSITIVE_INFINITY;
    private double high;

    LogLogPicture(String title, String xTitle, String yTitle) {
        chart = new XYChartBuilder()
                .width(860)
                .height(440)
                .title(title)
                .xAxisTitle(xTitle)
                .yAxisTitle(yTitle)
                .theme(ChartTheme.XChart)
                .build();
        XYStyler style = chart.getStyler();
        style.setXAxisLogarithmic(true);
        style.setYAxisLogarithmic(true);
        style.setLocale(Locale.ROOT);
        style.setChartBackgroundColor(Color.WHITE);
        style.setPlotGridLinesColor(GRID);
        // solid: the SVG writer spells out each dash
        style.setPlotGridLinesStroke(new BasicStroke(1));
        style.setLegendPosition(LegendPosition.OutsideE);
        style.setXAxisDecimalPattern("#,##0");
        style.setLegendBorderColor(Color.WHITE);
        style.setPlotBorderVisible(false);
        style.setMarkerSize(7);
        // not 12 points: the SVG writer takes those for the viewer's default and omits them
        style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        style.setChartTitleBoxVisible(false);
    }

    /** Adds a curve through positive numbers. */
    void add(String name, double[] x, double[] y) {
        int index = chart.getSeriesMap().size();
        XYSeries series = chart.addSeries(name, x, y);
        series.setLineColor(COLORS.get(index % COLORS.size()));
        series.setLineWidth(2);
        series.setMarker(MARKERS.get(index % MARKERS.size()));
        series.setMarkerColor(COLORS.get(index % COLORS.size()));
        for (double value : y) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
    }

    /** Writes the picture under this name with the endings .svg and .png. */
    void write(Path name) throws IOException {
        // whole decades: between them XChart has no labels
        chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(low))));
        chart.getStyler().setYAxisMax(Math.pow(10, Math.ceil(Math.log10(high))));
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
        AtomicFile.write(name.resolveSibling(name.getFileName() + ".svg"), svg.toByteArray());
        AtomicFile.write(name.resolveSibling(name.getFileName() + ".png"), file -> {
            Path png = file.resolveSibling(file.getFileName() + ".png");
            BitmapEncoder.saveBitmapWithDPI(chart, png.toString(), BitmapEncoder.BitmapFormat.PNG, DOTS_PER_INCH);
            Files.move(png, file);
        });
    }
}
