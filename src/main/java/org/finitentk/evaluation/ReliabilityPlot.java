package org.finitentk.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.ProbabilisticLabelEvaluation.ReliabilityBin;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.Marker;

/**
 * Reliability diagrams: for each method, how often predictions of similar confidence are right (bars; DeGroot and
 * Fienberg 1983), against the diagonal of perfect calibration, and the share of predictions of that confidence (dots).
 */
final class ReliabilityPlot extends Plot {
    private static final int WIDTH = 300;
    private static final int HEIGHT = 280;
    private static final int COLUMNS = 4;
    private static final Marker SHARE = PointMarker.disc(4);
    /** Of a bin's width that its bar leaves free on each side. */
    private static final double GAP = 0.06;

    private final Map<String, List<ReliabilityBin>> methods;

    private ReliabilityPlot(String title, Map<String, List<ReliabilityBin>> methods) {
        super(title, methods.size(), COLUMNS, WIDTH, HEIGHT);
        this.methods = methods;
    }

    static ReliabilityPlot of(String title, Map<String, List<ReliabilityBin>> methods) {
        return new ReliabilityPlot(title, new LinkedHashMap<>(methods));
    }

    @Override
    List<TitledChart> charts() {
        List<TitledChart> charts = new ArrayList<>();
        methods.forEach((name, bins) -> charts.add(new TitledChart(name, chart(bins))));
        return charts;
    }

    private static XYChart chart(List<ReliabilityBin> bins) {
        XYChart chart = Charts.empty(WIDTH, HEIGHT, "confidence", "accuracy");
        Range unit = new Range(0, 1).widened(0.03);
        Charts.range(chart, unit, unit);
        double total = bins.stream().mapToDouble(ReliabilityBin::weight).sum();
        List<ReliabilityBin> full =
                bins.stream().filter(bin -> bin.weight() > 0).toList();
        for (ReliabilityBin bin : full) {
            double gap = GAP * (bin.upper() - bin.lower());
            double[] x = {bin.lower() + gap, bin.upper() - gap};
            Charts.band(
                    chart,
                    "accuracy from " + bin.lower(),
                    x,
                    new double[] {0, 0},
                    new double[] {bin.accuracy(), bin.accuracy()},
                    Palette.BAND);
            Charts.line(
                    chart,
                    "top from " + bin.lower(),
                    x,
                    new double[] {bin.accuracy(), bin.accuracy()},
                    Palette.MEAN,
                    Palette.LINE);
        }
        Charts.line(chart, "calibrated", new double[] {0, 1}, new double[] {0, 1}, Palette.TRUTH, Palette.DASHES);
        double[] middles = full.stream()
                .mapToDouble(bin -> 0.5 * (bin.lower() + bin.upper()))
                .toArray();
        double[] shares = full.stream().mapToDouble(bin -> bin.weight() / total).toArray();
        Charts.points(chart, "share", middles, shares, Palette.TEST, SHARE);
        return chart;
    }

    @Override
    List<LegendEntry> legend() {
        return List.of(
                LegendEntry.line("accuracy", Palette.MEAN, Palette.LINE),
                LegendEntry.line("calibrated", Palette.TRUTH, Palette.DASHES),
                LegendEntry.point("share of predictions", Palette.TEST, SHARE));
    }
}
